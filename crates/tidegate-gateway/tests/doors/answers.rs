//! Upstreams' answers, read as hyper's client reads them or not at all.

use http::{Method, Request};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use proptest::{prelude::*, sample::select};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::pieces::{self, Answer, Read};

/// What heads are made of: what decides where the body ends, and what nobody should send.
const FIELDS: [&str; 22] = [
    "Content-Length: 5\r\n",
    "Content-Length: 5, 5\r\n",
    "content-length: 05\r\n",
    "Content-Length: 0\r\n",
    "Content-Length: 6\r\n",
    "Content-Length: +5\r\n",
    "Content-Length: \r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding: Chunked \r\n",
    "Transfer-Encoding: gzip, chunked\r\n",
    "Transfer-Encoding: chunked, gzip\r\n",
    "Transfer-Encoding: xchunked\r\n",
    "Transfer-Encoding: \r\n",
    "Connection: close\r\n",
    "Connection: keep-alive\r\n",
    "X: y\r\n",
    "X: y\n",
    "X : y\r\n",
    "X: y\r\n z\r\n",
    ": y\r\n",
    "X: \x0b\r\n",
    "X: \t y \t\r\n",
];

const BODIES: [&str; 18] = [
    "hello",
    "hello!",
    "hell",
    "",
    "5\r\nhello\r\n0\r\n\r\n",
    "5 \t\r\nhello\r\n0\r\n\r\n",
    "5;x=\"y\"\r\nhello\r\n00\r\nA: b\r\n\r\n",
    "5\r\nhello\r\n0\r\nA: b\n\r\n",
    "5\r\nhello\r\n0\r\n",
    "5\r\nhello0\r\n\r\n",
    "5\nhello\r\n0\r\n\r\n",
    "5\r\nhello\n0\r\n\r\n",
    "05\r\nhello\r\n0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    "0x5\r\nhello\r\n0\r\n\r\n",
    ";\r\nhello\r\n0\r\n\r\n",
    "\r\nhello\r\n0\r\n\r\n",
    "5;\x0b\r\nhello\r\n0\r\n\r\n",
    "ffffffffffffffffff\r\nhello",
];

/// What hyper's client makes of these bytes before a close; `None` where it is not whole.
async fn by_hyper(bytes: Vec<u8>, method: Method) -> Option<(u16, Vec<u8>, usize)> {
    let (near, mut far) = tokio::io::duplex(64 * 1024);
    tokio::spawn(async move {
        let mut asked = [0; 1024];
        let _ = far.read(&mut asked).await;
        let _ = far.write_all(&bytes).await;
    });
    let (mut sender, driver) = http1::handshake(TokioIo::new(near)).await.unwrap();
    tokio::spawn(driver);
    let request = Request::builder().method(method).header("host", "up");
    let response = sender
        .send_request(request.body(Empty::<bytes::Bytes>::new()).unwrap())
        .await
        .ok()?;
    let status = response.status().as_u16();
    let collected = response.into_body().collect().await.ok()?;
    let trailers = collected.trailers().map_or(0, http::HeaderMap::len);
    Some((status, collected.to_bytes().to_vec(), trailers))
}

fn head() -> impl Strategy<Value = String> {
    let version = select(&["HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/2.0"][..]);
    let status = select(
        &[
            "200 OK",
            "200",
            "404 Not Here",
            "204 No Content",
            "304 Not Modified",
            "100 Continue",
            "99 Low",
        ][..],
    );
    let fields = prop::collection::vec(select(&FIELDS[..]), 0..4);
    (version, status, fields)
        .prop_map(|(version, status, fields)| format!("{version} {status}\r\n{}\r\n", fields.concat()))
}

// fault 38, fault 39, fault 42
proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]
    #[test]
    fn an_answer_that_is_taken_is_the_one_hyper_takes(
        heads in prop::collection::vec(head(), 1..3),
        body in select(&BODIES[..]),
        is_head in prop::bool::weighted(0.1),
        piece in 1_usize..80,
    ) {
        let bytes = (heads.concat() + body).into_bytes();
        let method = if is_head { Method::HEAD } else { Method::GET };
        let ours = pieces::read(&bytes, &method, bytes.len());
        prop_assert_eq!(&ours, &pieces::read(&bytes, &method, piece));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let hypers = runtime.block_on(by_hyper(bytes, method));
        let whole = match ours {
            Read::Whole(Answer { status, body, trailers, .. }, _) => Some((status, body, trailers)),
            _ => None,
        };
        prop_assert_eq!(whole, hypers);
    }
}

#[test]
fn the_seeds_of_the_fuzz_target_are_read_alike_in_pieces() {
    let seeds = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/answer");
    let mut found = 0;
    for seed in std::fs::read_dir(seeds).expect("the seeds stand in fuzz/seeds/answer") {
        pieces::judge(&std::fs::read(seed.unwrap().path()).unwrap());
        found += 1;
    }
    assert!(found >= 8, "{found} seeds");
}
