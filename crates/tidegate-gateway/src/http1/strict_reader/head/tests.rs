use super::*;

fn refused(head: &str) -> Option<Refusal> {
    read(head.as_bytes(), 100).err()
}

fn check(head: &str, expect: Option<Ambiguous>) {
    assert_eq!(refused(head), expect.map(Refusal::Ambiguous), "{head:?}");
}

fn line(request_line: &str, expect: Option<Ambiguous>) {
    check(&format!("{request_line}\r\nHost: h\r\n\r\n"), expect);
}

fn field(line: &str, expect: Option<Ambiguous>) {
    check(&format!("GET / HTTP/1.1\r\nHost: h\r\n{line}\r\n\r\n"), expect);
}

// fault 41
#[test]
fn each_line_ends_with_cr_lf_and_holds_neither() {
    for bad in [
        "GET / HTTP/1.1\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\n\n",
        "GET / HTTP/1.1\n\n",
        "\nGET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\r\n\r\n",
        "GET / HTTP/1.1\r\nX: a\rY: b\r\n\r\n",
        "GET /\r HTTP/1.1\r\n\r\n",
    ] {
        check(bad, Some(Ambiguous::LineEnd));
    }
    check("\r\n\r\nGET / HTTP/1.1\r\n\r\n", None);
}

// fault 41
#[test]
fn a_request_line_has_three_words_and_a_known_version() {
    for good in ["GET / HTTP/1.1", "GET / HTTP/1.0", "M-SEARCH /a HTTP/1.1"] {
        line(good, None);
    }
    for bad in [
        "GET",
        "GET /",
        "GET  / HTTP/1.1",
        "GET /  HTTP/1.1",
        "GET / HTTP/1.1 ",
        " GET / HTTP/1.1",
        "GET\t/ HTTP/1.1",
        "G(T / HTTP/1.1",
        "GÉT / HTTP/1.1",
        "G\0T / HTTP/1.1",
        "GET / HTTP/1.2",
        "GET / HTTP/2.0",
        "GET / HTTP/0.9",
        "GET / http/1.1",
        "GET / HTTP/1.10",
        "GET / HTTP/01.1",
        "GET / HTTPS/1.1",
        "GET /a b HTTP/1.1",
        "PRI * HTTP/2.0 x",
    ] {
        line(bad, Some(Ambiguous::RequestLine));
    }
}

// fault 41
#[test]
fn a_target_is_a_path_of_visible_ascii() {
    for good in [
        "/",
        "/a?b={c}|\\^'&d=%20",
        "http://h/",
        "HTTP://h/a?b",
        "https://h:1/a",
        "http://h",
    ] {
        line(&format!("GET {good} HTTP/1.1"), None);
    }
    for bad in [
        "*",
        "h:80",
        "a",
        "?a",
        "ftp://h/",
        "http:/h/",
        "http:///a",
        "http://h:x:y/",
        "http://h?a=b",
        "/#f",
        "/a#",
        "/é",
        "/a?é",
        "/a\u{7f}",
        "/a\0",
        "/\x1b[31m",
        "/<a>",
        "/a?\"",
        "/`",
    ] {
        line(&format!("GET {bad} HTTP/1.1"), Some(Ambiguous::Target));
    }
    let long = |bytes: usize| refused(&format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(bytes - 1)));
    assert_eq!(long(TARGET_BYTES_MAX), None);
    assert_eq!(
        long(TARGET_BYTES_MAX + 1),
        Some(Refusal::HeadTooLarge(HeadBound::Target(TARGET_BYTES_MAX)))
    );
}

// fault 39, fault 41, fault 70
#[test]
fn a_field_is_a_name_a_colon_and_printable_text() {
    for good in ["X: a b\tc", "X:", "X:a:b", "x-1.!#$%&'*+^_`|~: y", "X: caf\u{e9}"] {
        field(good, None);
    }
    for bad in [
        "X",
        ": a",
        "X : a",
        "X\t: a",
        " X: a",
        "X: a\r\n folded",
        "X: a\r\n\tfolded",
        "X: a\0b",
        "X: a\x1b[31m",
        "X: a\x7f",
        "X(: a",
        "X\u{e9}: a",
        "Transfer-Encoding : chunked",
        "\x0bTransfer-Encoding: chunked",
        "Transfer-Encoding: \x0bchunked",
    ] {
        field(bad, Some(Ambiguous::FieldLine));
    }
}

// fault 38, fault 39
#[test]
fn a_body_has_one_length_or_one_coding() {
    let framing = |fields: &str| read(format!("PUT / HTTP/1.1\r\n{fields}\r\n\r\n").as_bytes(), 100);
    assert_eq!(framing("X: y"), Ok(Framing::Length(0)));
    assert_eq!(framing("Content-Length:012 "), Ok(Framing::Length(12)));
    assert_eq!(
        framing("content-length: 9223372036854775807"),
        Ok(Framing::Length(i64::MAX as u64))
    );
    assert_eq!(framing("TRANSFER-ENCODING: Chunked"), Ok(Framing::Chunked));
    for bad in [
        "",
        "+2",
        "-2",
        "0x2",
        "2, 2",
        "2,",
        "2 2",
        "2\u{a0}",
        "９",
        "1e3",
        "9223372036854775808",
        "18446744073709551616",
    ] {
        field(&format!("Content-Length: {bad}"), Some(Ambiguous::Length));
    }
    field("Content-Length: 2\r\nContent-Length: 2", Some(Ambiguous::Length));
    field("Content-Length: 2\r\nContent-Length: 3", Some(Ambiguous::Length));
    for bad in [
        "",
        "gzip, chunked",
        "chunked, chunked",
        "identity, chunked",
        "chunked, identity",
        "identity",
        "xchunked",
        "chunked;q=1",
        "chunked,",
        "\"chunked\"",
    ] {
        field(&format!("Transfer-Encoding: {bad}"), Some(Ambiguous::Coding));
    }
    field(
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        Some(Ambiguous::Coding),
    );
    for both in [
        "Content-Length: 2\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 2",
        "Transfer-Encoding: chunked\r\nX: y\r\ncontent-length: 0",
    ] {
        field(both, Some(Ambiguous::LengthAndCoding));
    }
    check(
        "PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
        Some(Ambiguous::Coding),
    );
}
