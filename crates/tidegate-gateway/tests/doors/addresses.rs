//! Whose request it is: directly, through listed proxies, and through liars. The test is at 127.0.0.1.

use std::time::Duration;

use http::Response;
use tidegate_core::{
    policy::Policy,
    trust::{AddressSource, Proxies, Trust},
};
use tidegate_gateway::{Body, Bounds};

use crate::support::{Door, Setup, Upstream, begun, get};

const SHORT: Duration = Duration::from_millis(150);

/// An upstream that answers with the addresses it was told.
async fn mirror() -> Upstream {
    Upstream::answering(|request| async move {
        let told = ["x-forwarded-for", "forwarded", "x-real-ip"].map(|name| {
            let lines = request.headers().get_all(name).iter();
            let lines: Vec<&str> = lines.map(|line| line.to_str().unwrap()).collect();
            lines.join("|")
        });
        Response::new(Body::full(told.join(" / ")))
    })
    .await
}

/// Two requests a minute and address, and these networks listed.
async fn door(upstream: &Upstream, listed: &str, source: AddressSource) -> Door {
    door_within(upstream, listed, source, SHORT).await
}

async fn door_within(upstream: &Upstream, listed: &str, source: AddressSource, header_timeout: Duration) -> Door {
    let setup = Setup {
        anonymous_quota: 2,
        ..Setup::before(&upstream.url)
    };
    let policy = Policy {
        trust: Some(Trust {
            proxies: Proxies::new([listed.parse().unwrap()], false),
            source,
        }),
        ..setup.policy()
    };
    let bounds = Bounds {
        header_timeout,
        ..Bounds::default()
    };
    Door::of(policy, bounds).await
}

fn request(fields: &str) -> String {
    format!("GET /open/x HTTP/1.1\r\nHost: gate\r\n{fields}\r\n")
}

fn binary(command: u8, address: [u8; 4]) -> Vec<u8> {
    let start = b"\r\n\r\n\0\r\nQUIT\n";
    [
        &start[..],
        &[command, 0x11, 0, 12],
        &address,
        &[127, 0, 0, 1, 1, 1, 0, 80],
    ]
    .concat()
}

/// A PROXY header and a request on one connection.
async fn announced(door: &Door, header: &[u8], fields: &str) -> (u16, String) {
    let mut client = door.client().await;
    client.send(&[header, request(fields).as_bytes()].concat()).await;
    let answer = client.answer().await;
    (answer.status, answer.text())
}

// fault 62
#[tokio::test]
async fn behind_a_listed_proxy_each_client_has_limits_of_its_own() {
    let upstream = mirror().await;
    let door = door(&upstream, "127.0.0.0/8", AddressSource::XForwardedFor).await;
    for client in ["192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8:0:1::1"] {
        // What is left of the address is the client's own, and tells nobody apart.
        for (spoofed, status) in [("1.1.1.1, ", 200), ("2.2.2.2, ", 200), ("3.3.3.3, ", 429)] {
            let answer = door
                .ask(&request(&format!("X-Forwarded-For: {spoofed}{client}\r\n")))
                .await;
            assert_eq!(answer.status, status, "{spoofed}{client}");
        }
    }
    let same_64 = door.ask(&request("X-Forwarded-For: 2001:db8::ffff\r\n")).await;
    assert_eq!(same_64.status, 429);
}

// fault 62
#[tokio::test]
async fn a_stranger_chooses_no_address() {
    let upstream = mirror().await;
    for source in [
        AddressSource::XForwardedFor,
        AddressSource::Forwarded,
        AddressSource::ProxyProtocol,
    ] {
        let door = door(&upstream, "10.0.0.0/8", source).await;
        for (number, status) in [(1, 200), (2, 200), (3, 429)] {
            let fields = format!("X-Forwarded-For: 192.0.2.{number}\r\nForwarded: for=192.0.2.{number}\r\n");
            let answer = door.ask(&request(&fields)).await;
            assert_eq!(answer.status, status);
            if status == 200 {
                assert_eq!(answer.text(), format!("192.0.2.{number}, 127.0.0.1 /  / "));
            }
        }
    }
}

// fault 62, docs/semantics.md rule 16
#[tokio::test]
async fn an_upstream_is_told_what_the_client_wrote_and_then_who_it_is() {
    let upstream = mirror().await;
    let by_list = door(&upstream, "127.0.0.1/32", AddressSource::XForwardedFor).await;
    let fields = "X-Forwarded-For: sensor-7\r\nX-Forwarded-For: 192.0.2.1, 127.0.0.1\r\nX-Real-IP: 9.9.9.9\r\n";
    let answer = by_list.ask(&request(fields)).await;
    assert_eq!(answer.text(), "sensor-7, 192.0.2.1 /  / 192.0.2.1");

    let by_name = door(&upstream, "127.0.0.1/32", AddressSource::Forwarded).await;
    let fields = "X-Forwarded-For: sensor-7\r\nForwarded: for=\"[2001:db8::1]:80\"\r\n";
    let answer = by_name.ask(&request(fields)).await;
    assert_eq!(answer.text(), "sensor-7, 2001:db8::1 /  / ");
}

// fault 64
#[tokio::test]
async fn a_listed_proxy_announces_a_connection_and_all_its_requests() {
    let upstream = mirror().await;
    let door = door(&upstream, "127.0.0.0/8", AddressSource::ProxyProtocol).await;
    let mut client = door.client().await;
    let header = b"PROXY TCP4 192.0.2.1 127.0.0.1 4711 80\r\n";
    client.send(&[header, request("").as_bytes()].concat()).await;
    assert_eq!(client.answer().await.text(), "192.0.2.1 /  / ");
    // Fields say nothing more.
    let second = client.ask(&request("X-Forwarded-For: 192.0.2.9\r\n")).await;
    assert_eq!(second.text(), "192.0.2.9, 192.0.2.1 /  / ");
    assert_eq!(client.ask(&request("")).await.status, 429);
    assert_eq!(announced(&door, &binary(0x21, [192, 0, 2, 1]), "").await.0, 429);
    assert_eq!(
        announced(&door, &binary(0x21, [192, 0, 2, 2]), "").await,
        (200, "192.0.2.2 /  / ".to_owned())
    );
    assert_eq!(
        announced(&door, &binary(0x20, [192, 0, 2, 3]), "").await,
        (200, "127.0.0.1 /  / ".to_owned()),
        "a proxy that looks whether we are well"
    );
    assert_eq!(
        announced(&door, b"PROXY TCP6 2001:db8::1 ::1 4711 80\r\n", "").await,
        (200, "2001:db8::1 /  / ".to_owned())
    );
}

// fault 64
#[tokio::test]
async fn a_listed_proxy_without_a_whole_announcement_is_closed_unanswered() {
    let upstream = mirror().await;
    let door = door(&upstream, "127.0.0.0/8", AddressSource::ProxyProtocol).await;
    for start in [
        request("").as_bytes(),
        b"PROXY TCP4 garbage 127.0.0.1 4711 80\r\nGET / HTTP/1.1\r\n\r\n",
        &binary(0x25, [192, 0, 2, 1]),
        &[b'P'; 4096],
    ] {
        let mut client = door.client().await;
        client.try_send(start).await;
        assert!(client.is_closed().await, "{}", start.escape_ascii());
    }
    let begun = begun();
    let mut slow = door.client().await;
    slow.send(b"PROXY TCP4 192.0.2.1").await;
    assert!(slow.is_closed().await);
    assert!(begun.elapsed() < SHORT * 10, "{:?}", begun.elapsed());
    assert_eq!(upstream.requests(), 0);
}

// fault 64
#[tokio::test]
async fn a_strangers_announcement_is_a_bad_request_and_its_plain_request_is_served() {
    let upstream = mirror().await;
    let door = door(&upstream, "10.0.0.0/8", AddressSource::ProxyProtocol).await;
    assert_eq!(announced(&door, b"", "").await, (200, "127.0.0.1 /  / ".to_owned()));
    for header in [
        b"PROXY TCP4 192.0.2.1 127.0.0.1 4711 80\r\n".to_vec(),
        binary(0x21, [192, 0, 2, 1]),
    ] {
        let mut client = door.client().await;
        client.send(&[&header[..], get("/api/x").as_bytes()].concat()).await;
        let answer = client.answer().await;
        assert_eq!(answer.status, 400, "{}", header.escape_ascii());
        assert!(client.is_closed().await);
    }
    assert_eq!(upstream.requests(), 1);
}

#[tokio::test]
async fn a_drain_does_not_wait_for_an_announcement() {
    let upstream = mirror().await;
    let long = Duration::from_secs(20);
    let mut door = door_within(&upstream, "127.0.0.0/8", AddressSource::ProxyProtocol, long).await;
    let mut client = door.client().await;
    assert_eq!(announced(&door, &binary(0x21, [192, 0, 2, 2]), "").await.0, 200);
    let begun = begun();
    door.drain().await.unwrap();
    assert!(client.is_closed().await);
    assert!(begun.elapsed() < Duration::from_secs(5));
}
