use tidegate_core::refusal::HeadBound;

use super::*;

const BOUNDS: HeadBounds = HeadBounds {
    bytes_max: 2000,
    fields_max: 10,
};

/// Returns what goes on, and how it ended.
#[derive(Debug, PartialEq)]
struct Seen {
    passed: Vec<u8>,
    heads: u64,
    fault: Option<Refusal>,
    has_more: bool,
}

/// Feeds bytes in pieces, with the next turn at once.
fn fed(bytes: &[u8], piece: usize) -> Seen {
    let mut reader = StrictReader::new(BOUNDS);
    let mut passed = Vec::new();
    let mut fault = None;
    for part in bytes.chunks(piece) {
        let at_once = reader.see(part, true);
        passed.extend_from_slice(&part[..at_once]);
        loop {
            fault = fault.or(reader.take_fault());
            if !reader.hand_on(&mut passed) {
                if !reader.is_owed_a_look() {
                    break;
                }
                reader.look();
            }
        }
        if reader.shut().is_some() {
            break;
        }
    }
    Seen {
        passed,
        heads: reader.heads(),
        fault,
        has_more: reader.has_more(),
    }
}

/// Whole and in pieces; all must come to the same end.
fn seen(bytes: &[u8]) -> Seen {
    let whole = fed(bytes, bytes.len().max(1));
    for piece in [1, 2, 3, 7, 50] {
        assert_eq!(fed(bytes, piece), whole, "in pieces of {piece}");
    }
    whole
}

fn fault(bytes: &[u8]) -> Option<Refusal> {
    seen(bytes).fault
}

// fault 49
#[test]
fn what_is_strict_goes_on_as_it_came() {
    let bytes = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n\
        PUT /b HTTP/1.1\r\ncontent-length:  4 \r\n\r\n\r\n\r\n\
        POST /c HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n\r\n5;x=y\r\nab\r\nc\r\n0\r\nTrailer: 1\r\n\r\n\
        \r\nGET http://h/d HTTP/1.0\r\n\r\n";
    assert_eq!(
        seen(bytes),
        Seen {
            passed: bytes.to_vec(),
            heads: 4,
            fault: None,
            has_more: false
        }
    );
}

// fault 38, fault 39, fault 40, fault 41
#[test]
fn of_a_refused_head_a_stand_in_goes_on_and_nothing_behind_it() {
    let first = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n";
    for (bad, why) in [
        ("HEAD /b/c?token=x HTTP/1.1\nHost: x\n\n", Ambiguous::LineEnd),
        ("HEAD /b/c?token=x HTTP/1.1\r\nHost : x\r\n\r\n", Ambiguous::FieldLine),
        (
            "HEAD /b/c?token=x HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
            Ambiguous::LengthAndCoding,
        ),
    ] {
        let found = seen(format!("{first}{bad}{first}").as_bytes());
        let expected = format!("{first}HEAD /b/c HTTP/1.1\r\nhost: refused\r\n\r\n");
        assert_eq!(String::from_utf8_lossy(&found.passed), expected);
        assert_eq!((found.heads, found.fault), (2, Some(why.into())));
    }
}

#[test]
fn a_stand_in_is_plain_whatever_it_stands_for() {
    for (head, expected) in [
        (&b"POST /a/%2e\x1b HTTP/1.1\r\n\r\n"[..], "POST /a/"),
        (b"P\x00ST /a\r\n\r\n", "GET /a"),
        (b"GET\r\n\r\n", "GET /"),
        (b"\x16\x03\x01", "GET /"),
        (b"AMETHODOFMANYLETTERS http://x/ y", "GET /"),
        (b"", "GET /"),
    ] {
        let bytes = head::stand_in(head);
        assert_eq!(
            String::from_utf8_lossy(&bytes),
            format!("{expected} HTTP/1.1\r\nhost: refused\r\n\r\n")
        );
        assert!(head::read(&bytes, 1).is_ok());
    }
    assert!(head::stand_in(&[b"GET /", &[b'a'; 9000][..]].concat()).len() < 400);
}

// fault 42
#[test]
fn a_body_that_is_no_longer_one_ends_where_it_went_wrong() {
    let head = "POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";
    let found = seen(format!("{head}2 \r\nab\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n").as_bytes());
    assert_eq!(String::from_utf8_lossy(&found.passed), format!("{head}2"));
    assert_eq!((found.heads, found.fault), (1, Some(Ambiguous::Chunks.into())));
}

#[test]
fn whoever_speaks_another_protocol_hears_it_at_its_first_byte() {
    for bytes in [&b"\x16\x03\x01\x02"[..], b"\x81\x85", b" GET", b"\r\n\x00", b"{"] {
        assert_eq!(fault(bytes), Some(Ambiguous::RequestLine.into()), "{bytes:?}");
    }
    assert_eq!(fault(b"GET"), None);
    assert_eq!(fault(b"\r\n"), None);
}

#[test]
fn a_head_is_kept_only_up_to_its_bound() {
    let head = |fill: usize| format!("GET /a HTTP/1.1\r\nX: {}\r\n\r\n", "a".repeat(fill));
    let fits = BOUNDS.bytes_max - head(0).len();
    assert_eq!(fault(head(fits).as_bytes()), None);
    assert_eq!(
        fault(head(fits + 1).as_bytes()),
        Some(Refusal::HeadTooLarge(HeadBound::Bytes(2000)))
    );
    let endless = |start: &str, piece: &[u8]| {
        let mut reader = StrictReader::new(BOUNDS);
        reader.see(start.as_bytes(), true);
        for _ in 0..10_000 {
            if reader.shut().is_some() {
                break;
            }
            reader.see(piece, true);
            assert!(reader.held.len() <= BOUNDS.bytes_max + piece.len());
        }
        reader.take_fault()
    };
    assert_eq!(
        endless("GET /", b"aaaa"),
        Some(Refusal::HeadTooLarge(HeadBound::Target(2000)))
    );
    assert_eq!(
        endless("GET / HTTP/1.1\r\n", b"a: b\r\n"),
        Some(Refusal::HeadTooLarge(HeadBound::Bytes(2000)))
    );
    assert!(endless("", b"\r\n").is_some());
}

#[test]
fn a_field_more_than_the_bound_is_refused() {
    let head = |fields: usize| format!("GET /a HTTP/1.1\r\n{}\r\n", "X: 1\r\n".repeat(fields));
    assert_eq!(fault(head(10).as_bytes()), None);
    assert_eq!(
        fault(head(11).as_bytes()),
        Some(Refusal::HeadTooLarge(HeadBound::Fields(10)))
    );
}

#[test]
fn it_knows_when_a_head_has_begun() {
    assert!(!seen(b"\r\n").has_more);
    assert!(seen(b"\r\nG").has_more);
    assert!(seen(b"GET / HTTP/1.1\r\n").has_more);
    assert!(!seen(b"GET / HTTP/1.1\r\n\r\n").has_more);
    assert!(!seen(b"PUT / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc").has_more);
}

#[test]
fn what_comes_before_its_turn_is_kept_and_not_looked_at() {
    let first = b"PUT / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc";
    let mut reader = StrictReader::new(BOUNDS);
    assert_eq!(reader.see(&[&first[..], b"\x81\x05hello"].concat(), true), first.len());
    assert_eq!(reader.see(b"more", false), 0);
    assert!(reader.has_more() && reader.is_owed_a_look() && reader.shut().is_none());
    assert_eq!(&reader.into_held()[..], b"\x81\x05hellomore");
}
