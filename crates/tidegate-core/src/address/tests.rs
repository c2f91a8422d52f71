use super::*;

fn check_unwrap(address: &str, expect: &str) {
    assert_eq!(
        unwrap(address.parse().unwrap()),
        expect.parse::<IpAddr>().unwrap(),
        "{address}"
    );
}

fn check_blocks(address: &str, expect: &[(&str, u32)]) {
    let found: Vec<(String, u32)> = blocks(address.parse().unwrap())
        .map(|block| (block.to_string(), block.factor))
        .collect();
    let expect: Vec<(String, u32)> = expect
        .iter()
        .map(|(text, factor)| ((*text).to_owned(), *factor))
        .collect();
    assert_eq!(found, expect, "{address}");
}

// fault 62
#[test]
fn mapped_and_translated_addresses_are_the_ipv4_they_carry() {
    check_unwrap("192.0.2.1", "192.0.2.1");
    check_unwrap("::ffff:192.0.2.1", "192.0.2.1");
    check_unwrap("::ffff:c000:201", "192.0.2.1");
    check_unwrap("64:ff9b::192.0.2.1", "192.0.2.1");
    check_unwrap("64:ff9b:1::192.0.2.1", "64:ff9b:1::192.0.2.1");
    check_unwrap("64:ff9b::1:c000:201", "64:ff9b::1:c000:201");
    check_unwrap("::192.0.2.1", "::192.0.2.1");
    check_unwrap("2001:db8::1", "2001:db8::1");
}

#[test]
fn ipv6_counts_in_three_blocks_and_ipv4_in_one() {
    check_blocks("192.0.2.1", &[("192.0.2.1", 1)]);
    check_blocks(
        "2001:db8:1234:5678:9abc:def0:1:2",
        &[
            ("2001:db8:1234:5678::/64", 1),
            ("2001:db8:1234:5600::/56", 4),
            ("2001:db8:1234::/48", 16),
        ],
    );
    check_blocks("::ffff:192.0.2.1", &[("192.0.2.1", 1)]);
}

#[test]
fn neighbours_share_exactly_the_blocks_they_should() {
    let shared = |one: &str, two: &str| {
        let two: Vec<Block> = blocks(two.parse().unwrap()).collect();
        blocks(one.parse().unwrap())
            .filter(|block| two.contains(block))
            .map(|block| block.prefix_bits)
            .collect::<Vec<_>>()
    };
    assert_eq!(shared("2001:db8:0:1::1", "2001:db8:0:1::ffff"), [64, 56, 48]);
    assert_eq!(shared("2001:db8:0:1::", "2001:db8:0:ff::"), [56, 48]);
    assert_eq!(shared("2001:db8:0:1::", "2001:db8:0:100::"), [48]);
    assert_eq!(shared("2001:db8:0:1::", "2001:db8:1:1::"), []);
}
