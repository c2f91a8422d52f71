use super::*;

#[test]
fn only_addresses_and_localhost_are_believed_as_host() {
    let loopback = "127.0.0.1".parse().unwrap();
    for (host, listen, ours) in [
        ("127.0.0.1:8081", loopback, true),
        ("localhost:8081", loopback, true),
        ("LOCALHOST", loopback, true),
        ("[::1]:8081", loopback, true),
        ("evil.example", loopback, false),
        ("evil.example:8081", loopback, false),
        ("192.0.2.7:8081", loopback, false),
        ("192.0.2.7:8081", "0.0.0.0".parse().unwrap(), true),
        ("192.0.2.7:8081", "192.0.2.7".parse().unwrap(), true),
        ("localhost.evil.example", loopback, false),
    ] {
        assert_eq!(is_ours(&host.parse().unwrap(), listen), ours, "{host} on {listen}");
    }
}

#[test]
fn two_host_fields_are_none() {
    let mut headers = HeaderMap::new();
    headers.append(header::HOST, "localhost".parse().unwrap());
    headers.append(header::HOST, "localhost".parse().unwrap());
    assert!(host_of(&headers).is_none());
}
