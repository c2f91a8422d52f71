//! An upstream's answer as it is read of bytes that come in pieces: for the fuzz target and the tests beside hyper.

use bytes::BytesMut;
use http::{Method, StatusCode};
use tidegate_gateway::answer::{
    self,
    content::{Broken, Part},
};

/// What was read, up to its end.
#[derive(Debug, PartialEq, Eq)]
pub enum Read {
    /// A whole answer, and how many bytes came behind it.
    Whole(Answer, usize),
    /// It is still to end.
    Short,
    /// The head is none.
    Unreadable,
    /// The body is none.
    Broken(Broken),
}

/// The last head, and the body.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    pub fields: Vec<(String, Vec<u8>)>,
    pub body: Vec<u8>,
    pub trailers: usize,
    pub keeps: bool,
}

/// Reads an answer to the first byte's method, whole and in pieces of the second byte's size: both must be the same.
pub fn judge(input: &[u8]) {
    let [asked, piece, bytes @ ..] = input else { return };
    let asked = match asked % 3 {
        0 => Method::GET,
        1 => Method::HEAD,
        _ => Method::CONNECT,
    };
    let whole = read(bytes, &asked, bytes.len().max(1));
    assert_eq!(read(bytes, &asked, usize::from(*piece).max(1)), whole);
    if let Read::Whole(answer, behind) = whole {
        assert!(answer.body.len() + behind < bytes.len());
        assert!(!answer.keeps || answer.status != 101);
    }
}

/// What is read of these bytes in such pieces, when the connection closes behind them.
pub fn read(bytes: &[u8], asked: &Method, piece: usize) -> Read {
    let mut pieces = bytes.chunks(piece);
    let mut held = BytesMut::new();
    let head = loop {
        match answer::take(&mut held, asked) {
            Ok(Some(head)) if is_interim(head.response.status()) => {}
            Ok(Some(head)) => break head,
            Ok(None) => match pieces.next() {
                Some(piece) => held.extend_from_slice(piece),
                None => return Read::Short,
            },
            Err(_) => return Read::Unreadable,
        }
    };
    let (mut content, mut body, mut trailers) = (head.content, Vec::new(), 0);
    loop {
        match content.take(&mut held) {
            Ok(Part::Data(data)) => body.extend_from_slice(&data),
            Ok(Part::Trailers(fields)) => trailers = fields.len(),
            Ok(Part::End) => break,
            Ok(Part::More) => match pieces.next() {
                Some(piece) => held.extend_from_slice(piece),
                None if content.close().is_err() => return Read::Short,
                None => {}
            },
            Err(broken) => return Read::Broken(broken),
        }
    }
    let fields = head.response.headers().iter();
    let answer = Answer {
        status: head.response.status().as_u16(),
        fields: fields
            .map(|(name, value)| (name.to_string(), value.as_bytes().to_vec()))
            .collect(),
        body,
        trailers,
        keeps: head.keeps,
    };
    Read::Whole(answer, held.len() + pieces.map(<[u8]>::len).sum::<usize>())
}

fn is_interim(status: StatusCode) -> bool {
    status.is_informational() && status != StatusCode::SWITCHING_PROTOCOLS
}
