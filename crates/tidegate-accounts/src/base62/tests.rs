use super::*;

#[test]
fn a_number_is_written_most_significant_digit_first() {
    assert_eq!(encode(&[0], 3), "000");
    assert_eq!(encode(&[61], 3), "00z");
    assert_eq!(encode(&[62], 3), "010");
    assert_eq!(encode(&[1, 0], 3), "048");
}

#[test]
fn forty_three_digits_hold_the_greatest_256_bit_number() {
    // One digit more must be a leading zero, or forty-three would cut something off.
    assert!(encode(&[255; 32], 44).starts_with('0'));
    assert!(!encode(&[255; 32], 43).starts_with('0'));
}

#[test]
fn six_digits_hold_the_greatest_32_bit_number() {
    assert!(encode(&[255; 4], 7).starts_with('0'));
}

#[test]
fn a_number_of_32_bits_is_written_as_any_other() {
    for number in [0, 1, 61, 62, 3_843, 3_844, 0x1234_5678, u32::MAX - 1, u32::MAX] {
        assert_eq!(encode_u32::<6>(number), encode(&number.to_be_bytes(), 6).as_bytes());
    }
}
