use http::Request;

use super::*;

const PEER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

fn head(target: &str, fields: &[(&str, &str)]) -> Parts {
    let mut request = Request::builder().uri(target);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request
        .body(())
        .unwrap_or_else(|error| panic!("{target} {fields:?}: {error}"))
        .into_parts()
        .0
}

fn check(target: &str, fields: &[(&str, &str)], expect: Option<Ambiguous>) {
    assert_eq!(
        Facts::read(&head(target, fields), PEER).err(),
        expect,
        "{target} {fields:?}"
    );
}

// fault 40
#[test]
fn exactly_one_host_of_a_plain_form_is_accepted() {
    for good in [
        "h",
        "api.example.com",
        "h:8080",
        "h:1",
        "192.0.2.1",
        "192.0.2.1:80",
        "[2001:db8::1]",
        "[::1]:443",
        "a_b",
        "xn--bcher-kva.example",
    ] {
        check("/", &[("host", good)], None);
    }
    for bad in [
        "", "a/b", "a/b@c", "u@h", "@h", "h:", "h:x", "h:+80", "h:65536", "h:80:90", ":80", "h h", "h,h", "h;h", "h?x",
        "h#x", "[::1", "[::1]x", "[h]", "::1", "h%41", "h\\x",
    ] {
        check("/", &[("host", bad)], Some(Ambiguous::HostForm));
    }
    check("/", &[], Some(Ambiguous::HostCount));
    check("/", &[("host", "h"), ("host", "h")], Some(Ambiguous::HostCount));
}

// fault 40
#[test]
fn absolute_target_names_the_host_of_the_field() {
    check("http://h/a", &[("host", "h")], None);
    check("http://H/a", &[("host", "h")], None);
    check("http://h:80/a", &[("host", "h:80")], None);
    check("http://other/a", &[("host", "h")], Some(Ambiguous::HostDiffers));
    check("http://h:81/a", &[("host", "h:80")], Some(Ambiguous::HostDiffers));
    check("http://u@h/a", &[("host", "h")], Some(Ambiguous::HostDiffers));
}

// fault 38, fault 39
#[test]
fn framing_that_two_servers_may_read_in_two_ways_is_refused() {
    let framed = |fields: &[(&str, &str)], expect| check("/", &[&[("host", "h")], fields].concat(), expect);
    for good in ["0", "12", "18446744073709551615"] {
        framed(&[("content-length", good)], None);
    }
    for bad in [
        "+2",
        "0x2",
        "2, 2",
        "2,2",
        "-1",
        "",
        "2 ",
        "1e3",
        "18446744073709551616",
    ] {
        framed(&[("content-length", bad)], Some(Ambiguous::Length));
    }
    framed(
        &[("content-length", "2"), ("content-length", "2")],
        Some(Ambiguous::Length),
    );
    framed(
        &[("content-length", "2"), ("content-length", "3")],
        Some(Ambiguous::Length),
    );
    framed(&[("transfer-encoding", "chunked")], None);
    framed(&[("transfer-encoding", "Chunked")], None);
    for bad in [
        "gzip, chunked",
        "identity, chunked",
        "chunked, chunked",
        "chunked, identity",
        "xchunked",
        "identity",
        "chunked;q=1",
        "",
    ] {
        framed(&[("transfer-encoding", bad)], Some(Ambiguous::Coding));
    }
    framed(
        &[("transfer-encoding", "chunked"), ("transfer-encoding", "chunked")],
        Some(Ambiguous::Coding),
    );
    framed(
        &[("content-length", "2"), ("transfer-encoding", "chunked")],
        Some(Ambiguous::LengthAndCoding),
    );
    framed(
        &[("transfer-encoding", "chunked"), ("content-length", "2")],
        Some(Ambiguous::LengthAndCoding),
    );
}

// fault 43
#[test]
fn only_one_expectation_is_known() {
    check("/", &[("host", "h"), ("expect", "100-continue")], None);
    check("/", &[("host", "h"), ("expect", "100-Continue")], None);
    check(
        "/",
        &[("host", "h"), ("expect", "y 100-continue")],
        Some(Ambiguous::Expectation),
    );
    check(
        "/",
        &[("host", "h"), ("expect", "100-continue"), ("expect", "y")],
        Some(Ambiguous::Expectation),
    );
}

// fault 46
#[test]
fn field_names_with_underscores_are_refused() {
    check(
        "/",
        &[("host", "h"), ("content_length", "2")],
        Some(Ambiguous::Underscore),
    );
    check(
        "/",
        &[("host", "h"), ("x_forwarded_for", "192.0.2.9")],
        Some(Ambiguous::Underscore),
    );
}

// fault 47
#[test]
fn path_has_one_reading() {
    for good in [
        "/",
        "/a",
        "/a/",
        "/a/b.c",
        "/a..b",
        "/...",
        "/a/.well-known",
        "/a%20b",
        "/a%3Ab",
        "/a%3ab",
        "/caf%C3%A9",
        "/%25",
        "/a:b@c!$&'()*+,=~",
        "/a?x=//../%2e;",
    ] {
        check(good, &[("host", "h")], None);
    }
    for bad in [
        "//",
        "//a",
        "/a//b",
        "/a//",
        "/.",
        "/..",
        "/./a",
        "/a/..",
        "/a/../b",
        "/a/.",
        "/a\\b",
        "/a%2fb",
        "/a%2Fb",
        "/a%5cb",
        "/a%5Cb",
        "/%2e%2e/b",
        "/%2E",
        "/a%41",
        "/a%7a",
        "/a%30",
        "/a%2d",
        "/a%5f",
        "/a%7e",
        "/a%00",
        "/a%",
        "/a%2",
        "/a%zz",
        "/a%+1",
        "/a%-1",
        "/a;x=1",
        "/..;/a",
        "/a%2",
        "//a/%2e%2e/..%2fb\\c;x=1",
    ] {
        let read = bad
            .parse::<http::Uri>()
            .map_or(Err(Ambiguous::Path), |_| check_path(bad));
        assert_eq!(read, Err(Ambiguous::Path), "{bad}");
    }
}

// fault 41
#[test]
fn raw_bytes_outside_ascii_are_refused() {
    assert_eq!(check_path("/café"), Err(Ambiguous::Path));
    if "/a?x=é".parse::<http::Uri>().is_ok() {
        check("/a?x=é", &[("host", "h")], Some(Ambiguous::Path));
    }
}

#[test]
fn targets_that_are_no_path_are_refused() {
    check("*", &[("host", "h")], Some(Ambiguous::Target));
    let mut connect = head("http://h/", &[("host", "h")]);
    connect.method = Method::CONNECT;
    assert_eq!(Facts::read(&connect, PEER).err(), Some(Ambiguous::Target));
}

#[test]
fn mapped_peer_is_read_as_the_ipv4_it_is() {
    let head = head("/", &[("host", "h")]);
    let facts = Facts::read(&head, "::ffff:192.0.2.7".parse().unwrap()).unwrap();
    assert_eq!(facts.client, "192.0.2.7".parse::<IpAddr>().unwrap());
}

#[test]
fn query_values_are_decoded_and_in_order() {
    let check = |query: &str, expect: &[&str]| {
        let head = head(&format!("/?{query}"), &[("host", "h")]);
        let facts = Facts::read(&head, PEER).unwrap();
        assert_eq!(facts.query_values("api_key").collect::<Vec<_>>(), expect, "{query}");
    };
    check("api_key=k", &["k"]);
    check("&api_key=k", &["k"]);
    check("a=1&&api_key=k&", &["k"]);
    check("api_key", &[""]);
    check("api_key=", &[""]);
    check("api_key=a&b=2&api_key=c", &["a", "c"]);
    check("api_key=a=b", &["a=b"]);
    check("api%5Fkey=%6b", &["k"]);
    check("api_key=a+b%2Bc", &["a b+c"]);
    check("API_KEY=k&xapi_key=k&api_keyx=k", &[]);
    check("api_key=%zz%4", &["%zz%4"]);
    check("api_key=%ff", &["\u{fffd}"]);
}
