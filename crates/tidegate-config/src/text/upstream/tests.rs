use super::*;
use crate::testing::PARTS;

fn fault(text: &str) -> String {
    AddressText::parse(text, &PARTS).map_or_else(
        |fault| fault.to_string(),
        |upstream| panic!("{text} was read as {upstream:?}"),
    )
}

#[test]
fn an_address_is_a_host_and_maybe_a_port() {
    for text in ["http://127.0.0.1:9000", "https://api.internal", "http://[::1]:80/"] {
        assert!(
            matches!(AddressText::parse(text, &PARTS), Ok(AddressText(Upstream::Remote(_)))),
            "{text}"
        );
    }
    for text in ["embedded", "embedded:tempest", "embedded:grovestreams"] {
        assert_eq!(
            AddressText::parse(text, &PARTS),
            Ok(AddressText(Upstream::Embedded)),
            "{text}"
        );
    }
}

#[test]
fn anything_else_says_what_would_be_right() {
    let right = "write it as `http://HOST:PORT` or `https://HOST:PORT`, or `embedded:tempest`";
    for text in ["127.0.0.1:9000", "ftp://host", "", "http://", "/path", "wrong name"] {
        assert_eq!(fault(text), format!("`{text}` is no address; {right}"));
    }
    assert_eq!(
        fault("embedded:tempset"),
        "`tempset` is no API inside; did you mean `tempest`?"
    );
    assert_eq!(
        fault("http://host/api"),
        "`http://host/api` has a path; end it at the host or port: the caller's path goes through as it came"
    );
    assert_eq!(
        fault("http://a:b@host"),
        "a name and password in an address are not sent; leave them out: a caller's own credential goes through"
    );
}
