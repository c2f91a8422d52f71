//! Callers who speak HTTP/2: the same answers, the same limits.

use std::time::Duration;

use bytes::Bytes;
use h2::client::SendRequest;
use http::{Method, Request, StatusCode};
use tidegate_gateway::{Body, Bounds};
use tokio::io::{AsyncRead, AsyncWrite};

use crate::support::{
    Door, Setup, Upstream, frames,
    frames::{Frames, GOAWAY, HEADERS},
    tls::{Issuer, connect},
};

const SHORT: Duration = Duration::from_millis(150);

struct Got {
    status: StatusCode,
    headers: http::HeaderMap,
    body: Vec<u8>,
}

async fn client(stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) -> SendRequest<Bytes> {
    let (client, connection) = h2::client::handshake(stream).await.unwrap();
    tokio::spawn(async move {
        let _ = connection.await;
    });
    client
}

async fn plain(door: &Door) -> SendRequest<Bytes> {
    client(tokio::net::TcpStream::connect(door.address).await.unwrap()).await
}

fn request(method: Method, path: &str) -> Request<()> {
    Request::builder()
        .method(method)
        .uri(format!("http://gate{path}"))
        .header("authorization", "Bearer ann")
        .body(())
        .unwrap()
}

async fn ask(client: &SendRequest<Bytes>, request: Request<()>, body: Option<Vec<u8>>) -> Result<Got, h2::Error> {
    let mut client = client.clone().ready().await?;
    let (answer, mut sending) = client.send_request(request, body.is_none())?;
    if let Some(body) = body {
        // What there is no window for waits in the client.
        sending.send_data(body.into(), true)?;
    }
    let (head, mut incoming) = answer.await?.into_parts();
    let mut body = Vec::new();
    while let Some(data) = incoming.data().await {
        let data = data?;
        body.extend_from_slice(&data);
        incoming.flow_control().release_capacity(data.len())?;
    }
    Ok(Got {
        status: head.status,
        headers: head.headers,
        body,
    })
}

#[tokio::test]
async fn a_request_in_http2_goes_up_as_one_of_http1() {
    let upstream = Upstream::hello().await;
    let issuer = Issuer::new();
    let own = issuer.pair(&["localhost"]).own();
    let door = Door::behind(Some(own), Setup::before(&upstream.url).policy(), Bounds::default()).await;
    let stream = connect(&issuer.client(&["h2", "http/1.1"]), door.address, "localhost")
        .await
        .unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let client = client(stream).await;
    let mut crumbs = request(Method::GET, "/api/x?a=1");
    crumbs.headers_mut().append("cookie", "a=1".parse().unwrap());
    crumbs.headers_mut().append("cookie", "b=2".parse().unwrap());
    let got = ask(&client, crumbs, None).await.unwrap();
    assert_eq!((got.status, &got.body[..]), (StatusCode::OK, &b"hello"[..]));
    assert!(got.headers["ratelimit"].to_str().unwrap().contains("per-user"));
    let seen = upstream.seen.lock()[0].clone();
    assert_eq!(
        (seen.version, seen.uri.to_string()),
        (http::Version::HTTP_11, "/api/x?a=1".into())
    );
    assert_eq!(seen.headers["x-forwarded-host"], "gate");
    assert_eq!(seen.headers["x-forwarded-proto"], "https");
    assert_eq!(seen.headers["cookie"], "a=1; b=2");
}

#[tokio::test]
async fn who_knows_it_may_begin_http2_on_the_plain_port_even_in_pieces() {
    let upstream = Upstream::hello().await;
    let door = Door::before(&upstream.url).await;
    let got = ask(&plain(&door).await, request(Method::GET, "/api/x"), None)
        .await
        .unwrap();
    assert_eq!(got.body, b"hello");

    let mut pieces = door.client().await;
    let mut bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    bytes.extend(frames::frame(frames::SETTINGS, 0, 0, b""));
    for piece in bytes.chunks(5) {
        pieces.send(piece).await;
        crate::support::pause(Duration::from_millis(5)).await;
    }
    // Settings of the gate's own, and the acknowledgement of ours.
    let answer = pieces.rest_within(SHORT).await;
    assert_eq!(answer.get(3), Some(&frames::SETTINGS), "{answer:?}");
}

#[tokio::test]
async fn many_streams_of_one_connection_are_many_requests() {
    let upstream = Upstream::hello().await;
    let door = Door::with(
        Setup {
            user_quota: 50,
            ..Setup::before(&upstream.url)
        },
        Bounds::default(),
    )
    .await;
    let client = plain(&door).await;
    let asks: Vec<_> = (0..60)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { ask(&client, request(Method::GET, "/api/x"), None).await.unwrap() })
        })
        .collect();
    let mut refused = 0;
    for asked in asks {
        let got = asked.await.unwrap();
        if got.status != StatusCode::OK {
            assert_eq!(got.status, StatusCode::TOO_MANY_REQUESTS);
            assert!(got.headers.contains_key("retry-after") && got.headers.contains_key("tidegate-decision"));
            refused += 1;
        }
    }
    assert_eq!((refused, upstream.requests()), (10, 50));
}

#[tokio::test]
async fn bodies_have_the_bounds_they_always_have() {
    let upstream = Upstream::hello().await;
    let bounds = Bounds {
        body_bytes_max: 200_000,
        ..Bounds::default()
    };
    let door = Door::with(Setup::before(&upstream.url), bounds).await;
    let client = plain(&door).await;
    let fits = ask(&client, request(Method::PUT, "/api/x"), Some(vec![b'x'; 200_000]))
        .await
        .unwrap();
    assert_eq!(fits.body, b"hello");
    // fault 55: nothing was declared, and one byte is too much.
    let undeclared = ask(&client, request(Method::PUT, "/api/x"), Some(vec![b'x'; 200_001]))
        .await
        .unwrap();
    assert_eq!(undeclared.status, StatusCode::PAYLOAD_TOO_LARGE);
    let mut declared = request(Method::PUT, "/api/x");
    declared.headers_mut().insert("content-length", 200_001.into());
    let declared = ask(&client, declared, Some(vec![b'x'; 200_001])).await.unwrap();
    assert_eq!(declared.status, StatusCode::PAYLOAD_TOO_LARGE);
    let next = ask(&client, request(Method::GET, "/api/x"), None).await.unwrap();
    assert_eq!(next.body, b"hello", "the other streams go on");
}

// fault 36
#[tokio::test]
async fn connect_is_refused_and_sockets_over_http2_are_not_offered() {
    let upstream = Upstream::hello().await;
    let door = Door::before(&upstream.url).await;
    let mut client = plain(&door).await.ready().await.unwrap();
    assert!(!client.is_extended_connect_protocol_enabled());
    let connect = Request::builder()
        .method(Method::CONNECT)
        .uri("gate:443")
        .body(())
        .unwrap();
    let (answer, _sending) = client.send_request(connect, false).unwrap();
    assert_eq!(answer.await.unwrap().status(), StatusCode::BAD_REQUEST);
    let mut extended = request(Method::CONNECT, "/swd/data");
    extended
        .extensions_mut()
        .insert(h2::ext::Protocol::from_static("websocket"));
    let mut client = client.ready().await.unwrap();
    let sent = client.send_request(extended, false);
    let is_refused = match sent {
        Err(_) => true,
        Ok((answer, _)) => answer.await.map_or(true, |answer| !answer.status().is_success()),
    };
    assert!(is_refused);
    assert_eq!(upstream.requests(), 0);
}

#[tokio::test]
async fn a_host_that_is_not_the_authority_is_a_second_reading() {
    let upstream = Upstream::hello().await;
    let door = Door::before(&upstream.url).await;
    let mut request = request(Method::GET, "/api/x");
    request.headers_mut().insert("host", "other".parse().unwrap());
    let got = ask(&plain(&door).await, request, None).await.unwrap();
    assert_eq!((got.status, upstream.requests()), (StatusCode::BAD_REQUEST, 0));
}

#[tokio::test]
async fn a_drain_says_goaway_and_lets_requests_finish() {
    let (release, released) = tokio::sync::watch::channel(false);
    let upstream = Upstream::answering(move |_| {
        let mut released = released.clone();
        async move {
            let _ = released.wait_for(|released| *released).await;
            http::Response::new(Body::full("hello"))
        }
    })
    .await;
    let mut door = Door::before(&upstream.url).await;
    let mut frames = Frames::connect(door.address).await;
    frames.send(&frames::ask(1, "/api/x")).await;
    while upstream.requests() == 0 {
        tokio::task::yield_now().await;
    }
    let drain = door.drain();
    assert!(frames.next_of(GOAWAY).await.is_some());
    release.send(true).unwrap();
    assert_eq!(frames.next_of(HEADERS).await.unwrap().status(), 200);
    drop(frames);
    drain.await.unwrap();
}

#[tokio::test]
async fn a_connection_that_rests_is_told_to_go() {
    let bounds = Bounds {
        idle_timeout: SHORT,
        ..Bounds::default()
    };
    let door = Door::with(Setup::before("http://unused"), bounds).await;
    let mut frames = Frames::connect(door.address).await;
    assert!(frames.rest().await.iter().any(|frame| frame.kind == GOAWAY));
}

#[tokio::test]
async fn an_answer_that_nobody_takes_is_reset_and_its_place_is_free() {
    let upstream = Upstream::answering(|_| async { http::Response::new(Body::full(vec![b'x'; 1_000_000])) }).await;
    let bounds = Bounds {
        write_stall_timeout: SHORT,
        ..Bounds::default()
    };
    let door = Door::with(Setup::before(&upstream.url), bounds).await;
    // The window of a stream is 65,535 bytes, and this client never opens it further.
    let mut frames = Frames::connect(door.address).await;
    frames.send(&frames::ask(1, "/api/x")).await;
    assert!(frames.next_of(frames::RST_STREAM).await.is_some());
    assert_eq!(door.gateway.in_flight(), 0);
    frames.send(&frames::ask(3, "/limits")).await;
    assert_eq!(
        frames.next_of(HEADERS).await.unwrap().status(),
        200,
        "the connection goes on"
    );
}
