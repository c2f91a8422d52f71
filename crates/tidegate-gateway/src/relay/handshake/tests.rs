//! The requests that open a socket (fault 37).

use http::Request;

use super::*;

fn head(change: impl FnOnce(&mut Parts)) -> Parts {
    let builder = Request::get("/swd/data")
        .header("host", "gate")
        .header("connection", "keep-alive, Upgrade")
        .header("upgrade", "WebSocket")
        .header("sec-websocket-version", "13")
        .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    let (mut head, ()) = builder.body(()).unwrap().into_parts();
    change(&mut head);
    head
}

fn set(name: HeaderName, value: &'static str) -> impl FnOnce(&mut Parts) {
    move |head| {
        head.headers.insert(name, HeaderValue::from_static(value));
    }
}

#[test]
fn the_example_of_the_rfc_is_granted() {
    let head = head(set(SEC_WEBSOCKET_PROTOCOL, "chat, superchat"));
    let asked = check(&head, Behind::default()).unwrap();
    assert!(asked.protocols().eq(["chat", "superchat"]));
    let theirs = HeaderMap::from_iter([
        (SEC_WEBSOCKET_EXTENSIONS, HeaderValue::from_static("x")),
        (CONTENT_LENGTH, HeaderValue::from_static("4")),
    ]);
    let response: Response<()> = asked.grant(theirs, false);
    assert_eq!(response.status(), StatusCode::SWITCHING_PROTOCOLS);
    assert_eq!(response.headers()[SEC_WEBSOCKET_ACCEPT], "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    assert_eq!(response.headers()[UPGRADE], "websocket");
    assert_eq!(response.headers().len(), 3);
    assert_eq!(asked.verify(response.headers(), false), Ok(()));
}

// fault 37
#[test]
fn what_is_no_opening_is_refused() {
    type Change = Box<dyn FnOnce(&mut Parts)>;
    let cases: Vec<(Change, InvalidHandshake)> = vec![
        (Box::new(|head| head.method = Method::POST), InvalidHandshake::Method),
        (
            Box::new(|head| head.version = Version::HTTP_10),
            InvalidHandshake::Method,
        ),
        (Box::new(set(CONNECTION, "keep-alive")), InvalidHandshake::Unasked),
        (
            Box::new(|head| drop(head.headers.remove(CONNECTION))),
            InvalidHandshake::Unasked,
        ),
        (Box::new(set(UPGRADE, "h2c")), InvalidHandshake::Unasked),
        (Box::new(set(SEC_WEBSOCKET_VERSION, "8")), InvalidHandshake::Version),
        (
            Box::new(|head| drop(head.headers.remove(SEC_WEBSOCKET_VERSION))),
            InvalidHandshake::Version,
        ),
        (
            Box::new(|head| drop(head.headers.remove(SEC_WEBSOCKET_KEY))),
            InvalidHandshake::Key,
        ),
        (Box::new(set(SEC_WEBSOCKET_KEY, "c2hvcnQ=")), InvalidHandshake::Key),
        (
            Box::new(set(SEC_WEBSOCKET_KEY, "not base64 at all!!!!!==")),
            InvalidHandshake::Key,
        ),
        (
            Box::new(|head| {
                let key = HeaderValue::from_static("dGhlIHNhbXBsZSBub25jZQ==");
                head.headers.append(SEC_WEBSOCKET_KEY, key);
            }),
            InvalidHandshake::Key,
        ),
        (Box::new(set(CONTENT_LENGTH, "1")), InvalidHandshake::Body),
        (Box::new(set(TRANSFER_ENCODING, "chunked")), InvalidHandshake::Body),
    ];
    for (change, why) in cases {
        assert_eq!(check(&head(change), Behind::default()), Err(why));
    }
    let behind = |has_body, has_more| check(&head(|_| ()), Behind { has_body, has_more });
    assert_eq!(behind(true, false), Err(InvalidHandshake::Body));
    assert_eq!(behind(false, true), Err(InvalidHandshake::Pipelined));
}

#[test]
fn a_refusal_says_what_would_have_been_right() {
    let mut headers = HeaderMap::new();
    assert_eq!(InvalidHandshake::Version.status(), StatusCode::UPGRADE_REQUIRED);
    InvalidHandshake::Version.tell(&mut headers);
    assert_eq!(headers[SEC_WEBSOCKET_VERSION], "13");
    assert_eq!(InvalidHandshake::Pipelined.status(), StatusCode::BAD_REQUEST);
    InvalidHandshake::Pipelined.tell(&mut headers);
    assert_eq!(headers[CONNECTION], "close");
}

#[test]
fn what_is_meant_to_open_a_socket_is_known_by_either_field() {
    let fields = |name, value| HeaderMap::from_iter([(name, HeaderValue::from_static(value))]);
    assert!(is_meant(&fields(UPGRADE, "h2c, WebSocket")));
    assert!(is_meant(&fields(SEC_WEBSOCKET_KEY, "x")));
    assert!(!is_meant(&fields(UPGRADE, "h2c")));
}

// fault 57
#[test]
fn an_upstream_may_choose_only_what_was_offered() {
    let asked = check(&head(set(SEC_WEBSOCKET_PROTOCOL, "a")), Behind::default()).unwrap();
    let granted = |change: &dyn Fn(&mut HeaderMap)| {
        let mut response: Response<()> = asked.grant(HeaderMap::new(), false);
        change(response.headers_mut());
        asked.verify(response.headers(), false)
    };
    let put = |name: HeaderName, value: &'static str| {
        move |headers: &mut HeaderMap| {
            headers.insert(name.clone(), HeaderValue::from_static(value));
        }
    };
    assert_eq!(granted(&put(SEC_WEBSOCKET_PROTOCOL, "a")), Ok(()));
    assert_eq!(granted(&put(SEC_WEBSOCKET_PROTOCOL, "b")), Err(BadAnswer::Unoffered));
    assert_eq!(
        granted(&put(SEC_WEBSOCKET_EXTENSIONS, "permessage-deflate")),
        Err(BadAnswer::Unoffered)
    );
    assert_eq!(granted(&put(SEC_WEBSOCKET_ACCEPT, "AAAA")), Err(BadAnswer::Accept));
    assert_eq!(granted(&put(UPGRADE, "h2c")), Err(BadAnswer::Unnamed));
}
