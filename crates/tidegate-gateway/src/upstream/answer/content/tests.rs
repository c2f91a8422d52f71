use super::*;

/// Takes bytes that come in pieces of this size: returns the body, the number of fields behind it, and what is left over.
fn taken(mut content: Content, text: &str, piece: usize) -> Result<(String, Option<usize>, String), Broken> {
    let (mut held, mut body, mut trailers) = (BytesMut::new(), Vec::new(), None);
    for piece in text.as_bytes().chunks(piece) {
        held.extend_from_slice(piece);
        loop {
            match content.take(&mut held)? {
                Part::Data(data) => body.extend_from_slice(&data),
                Part::Trailers(fields) => trailers = Some(fields.len()),
                Part::End | Part::More => break,
            }
        }
    }
    content.close()?;
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    Ok((text(&body), trailers, text(&held)))
}

#[test]
fn a_body_is_the_same_in_pieces_of_any_size() {
    let chunks = "5\r\nhello\r\n00A ;x=\"y\"\r\n, worlds!!\r\n0\r\n";
    let cases = [
        (Content::Length(5), "hello|".to_owned(), "hello", None, "|"),
        (Content::UntilClose, "hello".to_owned(), "hello", None, ""),
        (
            Content::chunked(),
            format!("{chunks}\r\n|"),
            "hello, worlds!!",
            None,
            "|",
        ),
        (
            Content::chunked(),
            format!("{chunks}A: b\r\nC: d\r\n\r\n|"),
            "hello, worlds!!",
            Some(2),
            "|",
        ),
        (Content::chunked(), "0\r\n\r\n".to_owned(), "", None, ""),
        (Content::Ended, "HTTP".to_owned(), "", None, "HTTP"),
    ];
    for (content, text, body, trailers, rest) in cases {
        for piece in 1..=text.len() {
            let read = taken(content.clone(), &text, piece);
            assert_eq!(read, Ok((body.to_owned(), trailers, rest.to_owned())), "{text} {piece}");
        }
    }
}

#[test]
fn what_ends_before_its_end_is_short() {
    for (content, text) in [
        (Content::Length(6), "hello"),
        (Content::chunked(), ""),
        (Content::chunked(), "5\r\nhel"),
        (Content::chunked(), "5\r\nhello\r\n"),
        (Content::chunked(), "5\r\nhello\r\n0\r\n"),
        (Content::chunked(), "5\r\nhello\r\n0\r\nA: b\r\n"),
    ] {
        assert_eq!(taken(content, text, 64), Err(Broken::Short), "{text}");
    }
}

#[test]
fn what_is_not_in_chunks_is_no_body() {
    let long = "x".repeat(EXTENSION_BYTES_MAX);
    for text in [
        "\r\nhello",
        ";x\r\n",
        " 5\r\nhello\r\n0\r\n\r\n",
        "5 5\r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "+5\r\nhello\r\n0\r\n\r\n",
        "5\nhello\r\n0\r\n\r\n",
        "5;\rx\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello0\r\n\r\n",
        "5\r\nhello!\r\n0\r\n\r\n",
        "1000000000000000\r\n",
        "0\r\n A: b\r\n\r\n",
        "0\r\nA: b\n\n",
        &format!("1;{long}\r\nx\r\n"),
        &format!("1;{}\r\nx\r\n1;{}\r\nx\r\n", &long[8..], &long[8..]),
        &format!("1{long}{long}"),
        &format!("0\r\nA: {long}\r\n\r\n"),
        &format!("0\r\n{}\r\n", "A: b\r\n".repeat(TRAILERS_MAX + 1)),
    ] {
        assert_eq!(taken(Content::chunked(), text, 64), Err(Broken::Chunks), "{:.40}", text);
    }
}

#[test]
fn how_much_is_to_come_is_known_of_a_length_alone() {
    let mut content = Content::Length(5);
    assert_eq!(content.exact(), Some(5));
    content.take(&mut BytesMut::from("hel")).unwrap();
    assert_eq!(content.exact(), Some(2));
    content.take(&mut BytesMut::from("lo")).unwrap();
    assert_eq!((content.exact(), content), (Some(0), Content::Ended));
    assert_eq!((Content::chunked().exact(), Content::UntilClose.exact()), (None, None));
}
