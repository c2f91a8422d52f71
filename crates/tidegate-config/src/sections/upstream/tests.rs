use super::*;
use crate::testing::EXTENSIONS;

fn fault(text: &str) -> String {
    AddressText::parse(text, &EXTENSIONS).map_or_else(
        |fault| fault.to_string(),
        |upstream| panic!("{text} was read as {upstream:?}"),
    )
}

#[test]
fn an_address_is_a_host_and_maybe_a_port() {
    for text in ["http://127.0.0.1:9000", "https://api.internal", "http://[::1]:80/"] {
        assert!(
            matches!(
                AddressText::parse(text, &EXTENSIONS),
                Ok(AddressText(Upstream::Remote(_)))
            ),
            "{text}"
        );
    }
    for text in ["embedded", "embedded:tempest", "embedded:grovestreams"] {
        assert_eq!(
            AddressText::parse(text, &EXTENSIONS),
            Ok(AddressText(Upstream::Embedded)),
            "{text}"
        );
    }
}

#[test]
fn anything_else_says_what_would_be_right() {
    let right = "write it as `http://HOST:PORT` or `https://HOST:PORT`, or `embedded:tempest`";
    for text in ["127.0.0.1:9000", "ftp://host", "", "http://", "/path", "wrong name"] {
        assert_eq!(fault(text), format!("`{text}` is not an address; {right}"));
    }
    assert_eq!(
        fault("embedded:tempset"),
        "there is no embedded API `tempset`; did you mean `tempest`?"
    );
    assert_eq!(
        fault("http://host/api"),
        "`http://host/api` has a path; remove the path: each caller's own path is passed on unchanged"
    );
    assert_eq!(
        fault("http://a:b@host"),
        "an address cannot contain a name and password; remove them: each caller's own credential is passed on"
    );
}
