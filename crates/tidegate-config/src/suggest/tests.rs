use super::*;

#[test]
fn a_slip_of_the_finger_is_met_with_the_word() {
    assert_eq!(
        instead_of("burts", &["rate", "burst", "quota"]),
        "did you mean `burst`?"
    );
    assert_eq!(
        instead_of("body-bytes-max", &["body_bytes_max"]),
        "did you mean `body_bytes_max`?"
    );
    assert_eq!(
        instead_of("Bearer", &["bearer", "query:NAME"]),
        "did you mean `bearer`?"
    );
}

#[test]
fn another_word_is_met_with_all_that_would_be_right() {
    assert_eq!(instead_of("everything", &["edge", "miss"]), "expected `edge` or `miss`");
    assert_eq!(instead_of("x", &[]), "");
}
