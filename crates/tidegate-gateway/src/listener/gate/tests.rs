use super::*;

/// Feeds the bytes whole and one by one; both must come to the same end.
fn seen(bytes: &[u8]) -> (u64, Option<Ambiguous>, bool) {
    let mut whole = Gate::new();
    let fault = whole.see(bytes);
    let mut single = Gate::new();
    let faults: Vec<Ambiguous> = bytes
        .iter()
        .filter_map(|byte| single.see(std::slice::from_ref(byte)))
        .collect();
    assert_eq!(
        (whole.heads(), fault, whole.is_in_head()),
        (single.heads(), faults.first().copied(), single.is_in_head())
    );
    assert!(faults.len() <= 1);
    (whole.heads(), fault, whole.is_in_head())
}

#[test]
fn heads_are_counted_across_bodies_of_every_framing() {
    let bytes = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n\
        PUT /b HTTP/1.1\r\ncontent-length:  4 \r\n\r\n\r\n\r\n\
        POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nab\r\nc\r\n0\r\nTrailer: 1\r\n\r\n\
        \r\nGET /d HTTP/1.1\n\n";
    assert_eq!(seen(bytes), (4, None, false));
}

// Case 38.
#[test]
fn a_length_beside_a_coding_is_a_fault_in_both_orders() {
    for fields in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked",
        "TRANSFER-ENCODING: chunked\r\ncontent-length: 4",
    ] {
        let bytes = format!("GET / HTTP/1.1\r\n\r\nPOST / HTTP/1.1\r\n{fields}\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n");
        assert_eq!(seen(bytes.as_bytes()), (2, Some(Ambiguous::LengthAndCoding), false));
    }
}

// Case 41.
#[test]
fn a_fragment_in_the_target_is_a_fault() {
    let long = "a".repeat(500);
    assert_eq!(
        seen(format!("GET /{long}#b HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()),
        (1, Some(Ambiguous::Target), false)
    );
    assert_eq!(seen(b"GET /a HTTP/1.1\r\nX: #b\r\n\r\n"), (1, None, false));
}

#[test]
fn a_length_hidden_behind_padding_is_a_fault() {
    let bytes = format!(
        "PUT / HTTP/1.1\r\nContent-Length: {}12\r\n\r\n",
        " ".repeat(LINE_BYTES_KEPT - 17)
    );
    assert_eq!(seen(bytes.as_bytes()), (1, Some(Ambiguous::Length), false));
}

#[test]
fn what_it_cannot_follow_it_does_not_believe() {
    assert_eq!(
        seen(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n").1,
        Some(Ambiguous::LengthAndCoding)
    );
}

#[test]
fn it_knows_when_a_head_has_begun() {
    assert!(!seen(b"\r\n").2);
    assert!(seen(b"\r\nG").2);
    assert!(seen(b"GET / HTTP/1.1\r\n").2);
    assert!(!seen(b"GET / HTTP/1.1\r\n\r\n").2);
    assert!(!seen(b"PUT / HTTP/1.1\r\nContent-Length: 9\r\n\r\nabc").2);
}

#[test]
fn a_line_is_kept_only_up_to_its_bound() {
    let mut gate = Gate::new();
    gate.see(&[b'a'; 100_000]);
    assert_eq!(gate.line.len(), LINE_BYTES_KEPT);
}
