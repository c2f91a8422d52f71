use std::{convert::Infallible, future::poll_fn};

use futures_util::stream;
use http::Method;
use http_body::Frame;
use http_body_util::StreamBody;
use tokio::io::AsyncReadExt;

use super::*;

/// Returns what an upstream reads of a request, over a pipe with room for so many bytes.
async fn sent(mut request: Request<Body>, room: usize) -> (Result<(), BodyError>, String) {
    let (mut near, mut far) = tokio::io::duplex(room);
    let mut upload = RequestWriter::default();
    upload.begin(&mut request, &HeaderValue::from_static("up:81"));
    let sending = async move {
        let sent = poll_fn(|cx| upload.poll(cx, &mut near)).await;
        assert_eq!(upload.is_done(), sent.is_ok());
        sent
    };
    let mut read = String::new();
    let (sent, read_all) = tokio::join!(sending, far.read_to_string(&mut read));
    read_all.unwrap();
    (sent, read)
}

fn request(fields: &[(&'static str, &'static str)], body: Body) -> Request<Body> {
    let mut request = Request::new(body);
    *request.method_mut() = Method::PUT;
    *request.uri_mut() = "/a?b".parse().unwrap();
    for (name, value) in fields {
        request.headers_mut().append(*name, HeaderValue::from_static(value));
    }
    request
}

fn pieces(pieces: &'static [&'static str]) -> Body {
    let frames = pieces
        .iter()
        .map(|piece| Ok::<_, Infallible>(Frame::data(Bytes::from_static(piece.as_bytes()))));
    Body::boxed(StreamBody::new(stream::iter(frames)))
}

#[tokio::test]
async fn a_request_goes_up_whole_however_little_is_taken_at_once() {
    for room in [1, 7, 4096] {
        let fields = [("host", "gate"), ("content-length", "5"), ("x", "1"), ("x", "2")];
        let (done, read) = sent(request(&fields, Body::full("hello")), room).await;
        assert_eq!(done, Ok(()));
        assert_eq!(
            read,
            "PUT /a?b HTTP/1.1\r\nhost: up:81\r\ncontent-length: 5\r\nx: 1\r\nx: 2\r\n\r\nhello"
        );

        let (done, read) = sent(request(&[("host", "gate")], Body::empty()), room).await;
        assert_eq!((done, &*read), (Ok(()), "PUT /a?b HTTP/1.1\r\nhost: up:81\r\n\r\n"));

        let coded = [("transfer-encoding", "chunked")];
        let (done, read) = sent(request(&coded, pieces(&["hello", "", ", worlds!!"])), room).await;
        assert_eq!(done, Ok(()));
        let chunks = "5\r\nhello\r\na\r\n, worlds!!\r\n0\r\n\r\n";
        assert_eq!(
            read,
            format!("PUT /a?b HTTP/1.1\r\nhost: up:81\r\ntransfer-encoding: chunked\r\n\r\n{chunks}")
        );
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_is_never_passed_off_as_whole() {
    let broken = stream::iter([Ok(Frame::data(Bytes::from_static(b"hel"))), Err("gone")]);
    let (done, read) = sent(request(&[], Body::boxed(StreamBody::new(broken))), 4096).await;
    assert_eq!(done, Err(BodyError::Inside("gone".to_owned())));
    assert!(read.ends_with("3\r\nhel\r\n"), "{read}");
}

#[tokio::test]
async fn an_upstream_that_takes_no_more_is_left_alone_and_asked_for_its_answer() {
    let (mut near, far) = tokio::io::duplex(8);
    drop(far);
    let mut upload = RequestWriter::default();
    upload.begin(&mut request(&[], pieces(&["hello"])), &HeaderValue::from_static("up"));
    assert_eq!(poll_fn(|cx| upload.poll(cx, &mut near)).await, Ok(()));
    assert!(!upload.is_done(), "its connection carries no other request");
}

#[test]
fn what_rests_keeps_no_large_buffer() {
    let mut upload = RequestWriter {
        lines: Vec::with_capacity(KEPT_BYTES_MAX + 1),
        ..RequestWriter::default()
    };
    upload.rest();
    assert_eq!(upload.lines.capacity(), 0);
}
