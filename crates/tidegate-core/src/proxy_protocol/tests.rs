use proptest::{collection::vec, prelude::*};

use super::*;

/// Reads as a connection is read: no byte more than is needed. What came of it, and how many bytes were taken.
fn taken(bytes: &[u8]) -> (Option<Result<ProxyHeader, Malformed>>, usize) {
    let mut taken = 0;
    loop {
        match read(&bytes[..taken]) {
            Ok(Progress::Whole(announcement)) => return (Some(Ok(announcement)), taken),
            Ok(Progress::Needs(0)) => panic!("it waits for nothing"),
            Ok(Progress::Needs(more)) if taken + more > bytes.len() => return (None, taken),
            Ok(Progress::Needs(more)) => taken += more,
            Err(malformed) => return (Some(Err(malformed)), taken),
        }
    }
}

fn check(header: &[u8], expected: ProxyHeader) {
    let sent = [header, b"GET / HTTP/1.1\r\n"].concat();
    assert_eq!(
        taken(&sent),
        (Some(Ok(expected)), header.len()),
        "{}",
        header.escape_ascii()
    );
    for short in 0..header.len() {
        assert_eq!(
            taken(&header[..short]).0,
            None,
            "{} of {}",
            short,
            header.escape_ascii()
        );
    }
}

fn check_malformed(header: &[u8], expected: Malformed) {
    assert_eq!(taken(header).0, Some(Err(expected)), "{}", header.escape_ascii());
}

fn from(address: &str) -> ProxyHeader {
    ProxyHeader::For(address.parse().unwrap())
}

/// A version 2 header.
fn header(command: u8, kind: u8, behind: &[u8]) -> Vec<u8> {
    let length = u16::try_from(behind.len()).unwrap().to_be_bytes();
    [&SIGNATURE[..], &[command, kind], &length, behind].concat()
}

const V4: [u8; 12] = [192, 0, 2, 1, 10, 0, 0, 1, 0x1f, 0x90, 0, 80];

fn v6() -> Vec<u8> {
    let mut addresses = vec![0; 36];
    addresses[..4].copy_from_slice(&[0x20, 0x01, 0x0d, 0xb8]);
    addresses[15] = 1;
    addresses
}

// fault 64
#[test]
fn a_header_in_text_names_its_source_and_nothing_behind_it_is_taken() {
    check(b"PROXY TCP4 192.0.2.1 10.0.0.1 56324 443\r\n", from("192.0.2.1"));
    check(b"PROXY TCP6 2001:db8::1 fd00::1 56324 443\r\n", from("2001:db8::1"));
    check(
        b"PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
        from("255.255.255.255"),
    );
    check(b"PROXY UNKNOWN\r\n", ProxyHeader::Itself);
    check(b"PROXY UNKNOWN ffff::1 what ever\r\n", ProxyHeader::Itself);
    let longest = format!("PROXY TCP6 {0} {0} 65535 65535\r\n", ["ffff"; 8].join(":"));
    check(longest.as_bytes(), from("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
}

// fault 64
#[test]
fn a_binary_header_names_its_source_and_the_rest_of_it_is_skipped() {
    check(&header(0x21, 0x11, &V4), from("192.0.2.1"));
    check(&header(0x21, 0x21, &v6()), from("2001:db8::1"));
    let noted = [&V4[..], &[0x04, 0, 3, 1, 2, 3]].concat();
    check(&header(0x21, 0x11, &noted), from("192.0.2.1"));
    check(&header(0x20, 0x00, &[]), ProxyHeader::Itself);
    check(&header(0x20, 0x11, &V4), ProxyHeader::Itself);
    check(&header(0x21, 0x00, &[1, 2, 3]), ProxyHeader::Itself);
    check(&header(0x21, 0x31, &[0; 216]), ProxyHeader::Itself);
}

// fault 64
#[test]
fn what_is_no_header_is_malformed() {
    check_malformed(b"GET / HTTP/1.1\r\n", Malformed::Signature);
    check_malformed(b"proxy TCP4 192.0.2.1 10.0.0.1 1 2\r\n", Malformed::Signature);
    check_malformed(b"\r\n\r\n\0\r\nQUIX\n!!!!", Malformed::Signature);
    check_malformed(&header(0x11, 0x11, &V4), Malformed::Version);
    check_malformed(&header(0x22, 0x11, &V4), Malformed::Version);
    for (kind, behind) in [
        (0x11, &V4[..11]),
        (0x21, &V4[..]),
        (0x12, &V4[..]),
        (0x22, &v6()),
        (0x41, &V4[..]),
        (0x11, &[]),
    ] {
        check_malformed(&header(0x21, kind, behind), Malformed::Addresses);
    }
    for line in [
        "PROXY \r\nGET / HTTP/1.1\r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1 1\r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1 1 2 3\r\n",
        "PROXY TCP4  192.0.2.1 10.0.0.1 1 2\r\n",
        "PROXY TCP4 2001:db8::1 fd00::1 1 2\r\n",
        "PROXY TCP6 192.0.2.1 10.0.0.1 1 2\r\n",
        "PROXY TCP4 192.0.2.256 10.0.0.1 1 2\r\n",
        "PROXY TCP4 192.0.2.1 garbage 1 2\r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1 +1 2\r\n",
        "PROXY TCP4 192.0.2.1 10.0.0.1 1 65536\r\n",
        "PROXY UDP4 192.0.2.1 10.0.0.1 1 2\r\n",
        "PROXY UNKNOWNX\r\n",
    ] {
        check_malformed(line.as_bytes(), Malformed::Addresses);
    }
}

#[test]
fn a_header_past_its_bound_is_refused_before_more_of_it_is_read() {
    let line = |bytes: usize| format!("PROXY UNKNOWN {}\r\n", "x".repeat(bytes - 16));
    check(line(TEXT_BYTES_MAX).as_bytes(), ProxyHeader::Itself);
    let (answer, read) = taken(line(TEXT_BYTES_MAX + 1).as_bytes());
    assert_eq!(answer, Some(Err(Malformed::TooLong)));
    assert!(read <= TEXT_BYTES_MAX);
    let padded = |bytes: usize| header(0x21, 0x11, &[&V4[..], &vec![0; bytes - 28]].concat());
    check(&padded(BINARY_BYTES_MAX), from("192.0.2.1"));
    assert_eq!(
        taken(&padded(BINARY_BYTES_MAX + 1)),
        (Some(Err(Malformed::TooLong)), 16)
    );
}

proptest! {
    #[test]
    fn no_bytes_make_it_take_more_than_the_bound_or_than_the_header(
        start in 0_usize..4,
        bytes in vec(any::<u8>(), 0..700),
    ) {
        let start: &[u8] = [&b""[..], &SIGNATURE, b"PROXY TCP4 ", b"PROXY UNKNOWN "][start];
        let (answer, read) = taken(&[start, &bytes].concat());
        prop_assert!(read <= BINARY_BYTES_MAX);
        if let (Some(Ok(_)), false) = (answer, start.starts_with(b"\r")) {
            prop_assert!(read <= TEXT_BYTES_MAX);
        }
    }
}
