use tidegate_core::trust::{AddressSource, Proxies};

use super::*;

const PROXY: Peer = Peer::Ip(IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1)));

fn found(peer: Peer, lines: &[&'static str]) -> (String, Vec<HeaderValue>) {
    let trust = Trust {
        proxies: Proxies::new(["10.0.0.0/8".parse().unwrap()], false),
        source: AddressSource::XForwardedFor,
    };
    let mut headers = HeaderMap::new();
    for line in lines {
        headers.append(X_FORWARDED_FOR, HeaderValue::from_static(line));
    }
    let address = find(peer, Some(&trust), &mut headers);
    let left = headers.get_all(X_FORWARDED_FOR).iter().cloned().collect();
    (address.to_string(), left)
}

// docs/semantics.md rule 16
#[test]
fn behind_a_listed_proxy_the_field_holds_what_the_client_wrote() {
    for (lines, left) in [
        (&["sensor-7, 192.0.2.1, 10.0.0.2"][..], vec!["sensor-7"]),
        (&["a", "b", "192.0.2.1"], vec!["a, b"]),
        (&["192.0.2.1"], vec![]),
        (&[" , 192.0.2.1"], vec![]),
    ] {
        assert_eq!(
            found(PROXY, lines),
            (
                "192.0.2.1".to_owned(),
                left.into_iter().map(HeaderValue::from_static).collect()
            )
        );
    }
}

#[test]
fn without_a_listed_proxy_the_field_stays_as_sent() {
    let lines = ["sensor-7", "192.0.2.1"];
    let left = lines.map(HeaderValue::from_static).to_vec();
    let stranger = Peer::Ip(IpAddr::from([203, 0, 113, 9]));
    assert_eq!(found(stranger, &lines), ("203.0.113.9".to_owned(), left));
}
