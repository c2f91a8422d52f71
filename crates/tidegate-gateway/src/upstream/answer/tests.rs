use super::*;

/// A head and what stands behind it, as it is taken.
fn taken(text: &str, asked: &Method) -> Result<Option<(Head, String)>, Unreadable> {
    let mut held = BytesMut::from(text);
    let head = take(&mut held, asked)?;
    Ok(head.map(|head| (head, String::from_utf8(held.to_vec()).unwrap())))
}

fn head(fields: &str) -> Result<Head, Unreadable> {
    let whole = taken(&format!("HTTP/1.1 200 OK\r\n{fields}\r\n"), &Method::GET)?;
    Ok(whole.unwrap().0)
}

#[test]
fn a_head_is_taken_when_it_is_whole_and_nothing_behind_it() {
    let text = "HTTP/1.1 404 Not Here\r\nContent-Length: 2\r\nX: a\r\nx: b\r\n\r\n";
    for part in 1..text.len() {
        assert!(taken(&text[..part], &Method::GET).unwrap().is_none(), "{part}");
    }
    let (head, rest) = taken(&format!("{text}hi"), &Method::GET).unwrap().unwrap();
    assert_eq!(rest, "hi");
    assert_eq!(
        (head.response.status(), head.content, head.keeps),
        (StatusCode::NOT_FOUND, Content::Length(2), true)
    );
    let both: Vec<_> = head.response.headers().get_all("x").iter().collect();
    assert_eq!(both, ["a", "b"]);
    let reason = head.response.extensions().get::<ReasonPhrase>().unwrap();
    assert_eq!(reason.as_bytes(), b"Not Here");
}

#[test]
fn what_has_no_body_has_none_whatever_its_length_says() {
    let length = "Content-Length: 5\r\n\r\n";
    for (status, asked) in [
        ("204 No Content", Method::GET),
        ("304 Not Modified", Method::GET),
        ("100 Continue", Method::GET),
        ("101 Switching Protocols", Method::GET),
        ("200 OK", Method::HEAD),
        ("200 OK", Method::CONNECT),
    ] {
        let (head, _) = taken(&format!("HTTP/1.1 {status}\r\n{length}"), &asked)
            .unwrap()
            .unwrap();
        assert_eq!(head.content, Content::Ended, "{status} {asked}");
    }
}

#[test]
fn the_length_is_the_codings_then_the_fields_then_the_connections() {
    assert_eq!(head("Content-Length: 7\r\n").unwrap().content, Content::Length(7));
    assert_eq!(head("Content-Length: 0\r\n").unwrap().content, Content::Ended);
    assert_eq!(
        head("Content-Length: 7, 7\r\nContent-Length: 7\r\n").unwrap().content,
        Content::Length(7)
    );
    for coding in [
        "chunked",
        "Chunked",
        "gzip, chunked",
        "gzip\r\nTransfer-Encoding: chunked",
    ] {
        let both = head(&format!("Content-Length: 7\r\nTransfer-Encoding: {coding}\r\n")).unwrap();
        assert_eq!(both.content, Content::chunked(), "{coding}");
    }
    for fields in [
        "",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding: chunked, gzip\r\n",
    ] {
        let until_close = head(fields).unwrap();
        assert_eq!(
            (until_close.content, until_close.keeps),
            (Content::UntilClose, false),
            "{fields}"
        );
    }
}

#[test]
fn what_can_be_read_in_two_ways_is_no_answer() {
    for fields in [
        "Content-Length: 7\r\nContent-Length: 8\r\n",
        "Content-Length: 7, 8\r\n",
        "Content-Length: +7\r\n",
        "Content-Length: 0x7\r\n",
        "Content-Length:\r\n",
        "Content-Length: 9223372036854775808\r\n",
        "X : y\r\n",
        "X: y\r\n z\r\n",
        "X\r\n",
        "X: a\0b\r\n",
    ] {
        assert!(head(fields).is_err(), "{fields}");
    }
    for text in [
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "SSH-2.0-OpenSSH_9.6\r\n\r\n",
    ] {
        assert!(taken(text, &Method::GET).is_err(), "{text}");
    }
}

#[test]
fn a_connection_is_kept_unless_either_says_otherwise() {
    let keeps = |version: &str, fields: &str| {
        let text = format!("HTTP/{version} 200 OK\r\nContent-Length: 1\r\n{fields}\r\n");
        taken(&text, &Method::GET).unwrap().unwrap().0.keeps
    };
    assert!(keeps("1.1", "") && keeps("1.1", "Connection: x\r\n") && keeps("1.0", "Connection: Keep-Alive\r\n"));
    assert!(!keeps("1.0", "") && !keeps("1.1", "Connection: x, Close\r\n"));
    assert!(!keeps("1.0", "Connection: close\r\nConnection: keep-alive\r\n"));
}

#[test]
fn a_head_ends_at_its_bounds() {
    let fields = |count: usize| "X: y\r\n".repeat(count);
    assert!(head(&fields(FIELDS_MAX)).is_ok() && head(&fields(FIELDS_MAX + 1)).is_err());
    let long = |bytes: usize| format!("HTTP/1.1 200 OK\r\nX: {}", "y".repeat(bytes - 20));
    assert!(taken(&long(HEAD_BYTES_MAX - 1), &Method::GET).unwrap().is_none());
    assert!(taken(&long(HEAD_BYTES_MAX), &Method::GET).is_err());
    assert!(taken(&(long(HEAD_BYTES_MAX) + "\r\n\r\n"), &Method::GET).is_err());
}
