//! The forms of fault 62, each through a listed proxy at 10.0.0.1.

use super::*;

/// Checks the fields of a listed proxy against the client that is found: its address, what is left of it, and a doubt.
fn check(lines: &[&str], address: &str, left: &str, doubt: Option<Doubt>) {
    let headers = fields(&X_FORWARDED_FOR, lines);
    let expected = Client {
        address: ip(address),
        left: Some(Cow::Borrowed(left.as_bytes())),
        doubt,
    };
    let trust = trust(AddressSource::XForwardedFor);
    assert_eq!(client(PROXY, Some(&trust), &headers), expected, "{lines:?}");
}

fn check_forwarded(lines: &[&str], address: &str, doubt: Option<Doubt>) {
    let headers = fields(&FORWARDED, lines);
    let expected = Client {
        address: ip(address),
        left: None,
        doubt,
    };
    let trust = trust(AddressSource::Forwarded);
    assert_eq!(client(PROXY, Some(&trust), &headers), expected, "{lines:?}");
}

const BAD: Option<Doubt> = Some(Doubt::NotAnAddress);

// fault 62
#[test]
fn the_first_from_the_right_that_is_no_proxy_is_the_client() {
    check(&["192.0.2.1"], "192.0.2.1", "", None);
    check(&["198.51.100.7, 192.0.2.1"], "192.0.2.1", "198.51.100.7", None);
    let chain = "1.1.1.1,2.2.2.2 ,\t192.0.2.1, 10.0.0.3,10.0.0.2";
    check(&[chain], "192.0.2.1", "1.1.1.1,2.2.2.2", None);
    check(&["192.0.2.1, fd00::7"], "192.0.2.1", "", None);
}

// fault 62, docs/semantics.md rule 16
#[test]
fn what_a_device_wrote_stands_left_of_its_address() {
    check(&["sensor-7, 192.0.2.1"], "192.0.2.1", "sensor-7", None);
    check(&["sensor-7", "192.0.2.1"], "192.0.2.1", "sensor-7", None);
    check(&["a", "b, c", "192.0.2.1, 10.0.0.2"], "192.0.2.1", "a, b, c", None);
    check(&["sensor-7,192.0.2.1"], "192.0.2.1", "sensor-7", None);
}

// fault 62: nothing is believed beyond garbage.
#[test]
fn garbage_where_the_client_would_be_leaves_the_nearest_proxy() {
    check(&["1.1.1.1, garbage"], "10.0.0.1", "1.1.1.1, garbage", BAD);
    let chain = "1.1.1.1, garbage, 10.0.0.2";
    check(&[chain], "10.0.0.2", "1.1.1.1, garbage", BAD);
    for entry in [
        "",
        "unknown",
        "_hidden",
        "unix:",
        "localhost",
        "192.0.2",
        "192.0.2.256",
        "192.0.2.01",
        "0xc0000201",
        "3221225985",
        "192.0.2.1:",
        "192.0.2.1:+80",
        "192.0.2.1:65536",
        "192.0.2.1:80:80",
        "192.0.2.1 80",
        "192.0.2.0/24",
        "\"192.0.2.1\"",
        "for=192.0.2.1",
        "2001:db8::1%eth0",
        "[2001:db8::1",
        "2001:db8::1]",
        "[192.0.2.1]",
        "[2001:db8::1]80",
        "[2001:db8::1]:x",
        "2001:db8::1::2",
        "192.0.2.1;10.0.0.1",
        "\u{661}92.0.2.1",
    ] {
        let line = format!("1.1.1.1, {entry}");
        check(&[&line], "10.0.0.1", line.trim_ascii(), BAD);
    }
    check(&["192.0.2.1", ""], "10.0.0.1", "192.0.2.1,", BAD);
}

// fault 62: garbage that is farther than the client is the client's own affair.
#[test]
fn garbage_beyond_the_client_is_not_read() {
    check(&["garbage, 192.0.2.1"], "192.0.2.1", "garbage", None);
    check(&["\", 192.0.2.1"], "192.0.2.1", "\"", None);
    check(&[", 192.0.2.1"], "192.0.2.1", "", None);
}

// fault 62
#[test]
fn ports_brackets_and_mapped_forms_are_taken_off() {
    for entry in [
        "192.0.2.1:4711",
        "::ffff:192.0.2.1",
        "[::ffff:192.0.2.1]:80",
        "64:ff9b::192.0.2.1",
        "::FFFF:c000:201",
    ] {
        check(&[entry], "192.0.2.1", "", None);
    }
    for entry in ["2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:4711", "2001:DB8:0:0::1"] {
        check(&[entry], "2001:db8::1", "", None);
    }
    // A listed proxy in a mapped form is one all the same.
    check(&["192.0.2.1, ::ffff:10.0.0.2, [fd00::1]:80"], "192.0.2.1", "", None);
}

#[test]
fn a_chain_of_proxies_alone_ends_at_the_farthest() {
    check(&["10.0.0.3, 10.0.0.2"], "10.0.0.3", "", None);
}

#[test]
fn a_proxy_that_says_nothing_counts_itself() {
    check(&[], "10.0.0.1", "", Some(Doubt::Missing));
    check_forwarded(&[], "10.0.0.1", Some(Doubt::Missing));
}

// fault 62: one header type.
#[test]
fn the_other_field_is_not_read() {
    let mut headers = fields(&X_FORWARDED_FOR, &["1.1.1.1"]);
    headers.insert(FORWARDED, HeaderValue::from_static("for=2.2.2.2"));
    for (source, address) in [
        (AddressSource::XForwardedFor, "1.1.1.1"),
        (AddressSource::Forwarded, "2.2.2.2"),
        (AddressSource::ProxyProtocol, "10.0.0.1"),
    ] {
        let found = client(PROXY, Some(&trust(source)), &headers);
        assert_eq!(found.address, ip(address), "{source:?}");
    }
}

// fault 62: RFC 7239 4 and 6.
#[test]
fn forwarded_is_read_with_its_quotes_and_parameters() {
    for line in [
        "for=192.0.2.1",
        "For=192.0.2.1",
        "for=\"192.0.2.1\"",
        "for=\"192.0.2.1:47011\"",
        "for=192.0.2.1:47011",
        "for=\"192.0.2.1:_obf-1\"",
        "for=\"\\1\\92.0.2.1\"",
        "proto=http;for=192.0.2.1;by=203.0.113.43",
        "proto=http; for=192.0.2.1 ; by=203.0.113.43;",
        "host=\"a,b;for=9.9.9.9\";for=192.0.2.1",
        "for=192.0.2.1;host=\"a\\\",b\"",
        "for=1.1.1.1, for=192.0.2.1",
        "for=192.0.2.1, for=10.0.0.2",
        "for=192.0.2.1,for=\"[fd00::1]:80\";proto=https, for=10.0.0.2",
        "for=\"[::ffff:192.0.2.1]\"",
    ] {
        check_forwarded(&[line], "192.0.2.1", None);
    }
    check_forwarded(&["for=\"[2001:db8:cafe::17]:4711\""], "2001:db8:cafe::17", None);
    check_forwarded(&["for=1.1.1.1", "for=192.0.2.1"], "192.0.2.1", None);
}

// fault 62: obfuscated identifiers and whatever else is no address.
#[test]
fn forwarded_that_hides_or_breaks_leaves_the_nearest_proxy() {
    for element in [
        "",
        "for=unknown",
        "for=_hidden",
        "for=\"_SEVKISEK\"",
        "for=",
        "for",
        "by=192.0.2.1",
        "for=192.0.2.1;for=192.0.2.1",
        "for=192.0.2.1\"",
        "for=\"192.0.2.1\"x",
        "for=\"192.0.2.1\" by=1",
        "for=192.0.2.1 by=1",
        "for =192.0.2.1",
        "192.0.2.1",
    ] {
        check_forwarded(&[&format!("for=1.1.1.1, {element}")], "10.0.0.1", BAD);
        check_forwarded(&[&format!("for=1.1.1.1, {element}, for=10.0.0.2")], "10.0.0.2", BAD);
    }
}

// fault 62: a quote that a client leaves open takes in nothing of what a proxy wrote.
#[test]
fn an_open_quote_of_a_client_hides_nobody() {
    check_forwarded(&["for=\"1.1.1.1, for=192.0.2.1"], "192.0.2.1", None);
    check_forwarded(&["for=\"1.1.1.1, for=\"192.0.2.1\""], "192.0.2.1", None);
    check_forwarded(&["for=\"1.1.1.1\\, for=\"192.0.2.1\""], "192.0.2.1", None);
    check_forwarded(&["for=\"1.1.1.1", "for=\"192.0.2.1\", for=10.0.0.2"], "192.0.2.1", None);
}
