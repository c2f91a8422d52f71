use super::*;

fn sent(fields: &[(&str, &str)]) -> Parts {
    let mut request = Request::builder()
        .method("PUT")
        .uri("/a%20b/?x={1}&x=%2F")
        .body(())
        .unwrap();
    for (name, value) in fields {
        request
            .headers_mut()
            .append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
    }
    request.into_parts().0
}

fn gone_up(base: &str, fields: &[(&str, &str)]) -> Request<Body> {
    up(
        sent(fields),
        Body::empty(),
        &base.parse().unwrap(),
        "192.0.2.7".parse().unwrap(),
    )
    .unwrap()
}

fn field<'r>(request: &'r Request<Body>, name: &str) -> Option<&'r str> {
    request.headers().get(name).map(|value| value.to_str().unwrap())
}

#[test]
fn the_target_goes_up_exactly_as_received() {
    assert_eq!(gone_up("http://up:81", &[]).uri().to_string(), "/a%20b/?x={1}&x=%2F");
    assert_eq!(
        gone_up("http://up:81/base/", &[]).uri().to_string(),
        "/base/a%20b/?x={1}&x=%2F"
    );
}

#[test]
fn the_host_is_the_upstreams_and_the_clients_stands_beside_it() {
    let request = gone_up(
        "http://up:81",
        &[
            ("host", "api.example"),
            ("x-forwarded-host", "forged"),
            ("x-forwarded-proto", "https"),
            ("forwarded", "for=forged"),
        ],
    );
    assert_eq!(field(&request, "host"), None, "whoever sends it writes the server's");
    assert_eq!(field(&request, "x-forwarded-host"), Some("api.example"));
    assert_eq!(field(&request, "x-forwarded-proto"), Some("http"));
    assert_eq!(field(&request, "forwarded"), None);
}

#[test]
fn a_forwarded_for_is_kept_with_the_clients_address_on_its_right() {
    assert_eq!(
        field(
            &gone_up(
                "http://up",
                &[("x-forwarded-for", "sensor-7"), ("x-forwarded-for", "b")]
            ),
            "x-forwarded-for"
        ),
        Some("sensor-7, b, 192.0.2.7")
    );
    assert_eq!(field(&gone_up("http://up", &[]), "x-forwarded-for"), Some("192.0.2.7"));
}

#[test]
fn a_real_ip_is_the_clients_address_whatever_was_sent() {
    let lines = [("x-real-ip", "9.9.9.9"), ("x-real-ip", "8.8.8.8")];
    let request = gone_up("http://up", &lines);
    let sent: Vec<_> = request.headers().get_all("x-real-ip").iter().collect();
    assert_eq!(sent, ["192.0.2.7"]);
    assert_eq!(field(&gone_up("http://up", &[]), "x-real-ip"), None);
}

// fault 45
#[test]
fn what_concerns_one_hop_goes_and_connection_takes_nothing_else_that_matters() {
    let request = gone_up(
        "http://up",
        &[
            (
                "connection",
                "close, x-hop, Authorization, cookie, x-forwarded-for, host",
            ),
            ("connection", "X-Other-Hop"),
            ("x-hop", "1"),
            ("x-other-hop", "1"),
            ("keep-alive", "timeout=5"),
            ("te", "trailers"),
            ("upgrade", "websocket"),
            ("proxy-authorization", "Basic x"),
            ("authorization", "Bearer t"),
            ("cookie", "a=b"),
            ("host", "api.example"),
            ("x-forwarded-for", "sensor-7"),
            ("x-end", "1"),
        ],
    );
    for gone in [
        "connection",
        "x-hop",
        "x-other-hop",
        "keep-alive",
        "te",
        "upgrade",
        "proxy-authorization",
        "transfer-encoding",
    ] {
        assert_eq!(field(&request, gone), None, "{gone}");
    }
    assert_eq!(field(&request, "authorization"), Some("Bearer t"));
    assert_eq!(field(&request, "cookie"), Some("a=b"));
    assert_eq!(field(&request, "x-forwarded-host"), Some("api.example"));
    assert_eq!(field(&request, "x-forwarded-for"), Some("sensor-7, 192.0.2.7"));
    assert_eq!(field(&request, "x-end"), Some("1"));
}

#[test]
fn an_upstream_cannot_forge_a_decision_nor_two_lengths() {
    let response = Response::builder()
        .header("tidegate-decision", "forged")
        .header("transfer-encoding", "chunked")
        .header("content-length", "5")
        .header("connection", "x-hop")
        .header("x-hop", "1")
        .body(Body::full("abc"))
        .unwrap();
    let response = down(response);
    assert!(response.headers().is_empty(), "{:?}", response.headers());
}

#[test]
fn a_body_of_unknown_length_goes_up_in_chunks_also_with_get() {
    let body = Body::boxed(http_body_util::StreamBody::new(futures_util::stream::empty::<
        Result<http_body::Frame<bytes::Bytes>, std::convert::Infallible>,
    >()));
    let mut headers = HeaderMap::new();
    frame(&mut headers, &body);
    assert_eq!(headers[TRANSFER_ENCODING], "chunked");
    assert!(!headers.contains_key(CONTENT_LENGTH));
}

#[test]
fn an_address_goes_up_as_it_is_shown() {
    let octets = [0, 1, 9, 10, 11, 99, 100, 101, 109, 110, 199, 200, 255];
    let mut addresses: Vec<IpAddr> = Vec::new();
    for octet in octets {
        addresses.push([octet, 0, 255 - octet, octet].into());
    }
    addresses.extend(["2001:db8::7", "::ffff:192.0.2.7"].map(|v6| v6.parse::<IpAddr>().unwrap()));
    for address in addresses {
        let mut text = Vec::new();
        write_address(&mut text, address);
        assert_eq!(text, address.to_string().into_bytes());
    }
}

#[test]
fn a_length_comes_down_once_and_as_one_number() {
    for lengths in [&["5"][..], &[], &["5", "5"], &["5, 5"], &["05"]] {
        let mut response = Response::new(Body::full("hello"));
        for length in lengths {
            response
                .headers_mut()
                .append(CONTENT_LENGTH, HeaderValue::from_static(length));
        }
        let response = down(response);
        let lengths: Vec<_> = response.headers().get_all(CONTENT_LENGTH).iter().collect();
        assert_eq!(lengths, ["5"]);
    }
}
