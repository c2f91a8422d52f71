//! Upstreams that fail, each in its way: the answer says whose fault it was.

use std::time::Duration;

use tidegate_gateway::Bounds;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::support::{
    Door, Setup, Upstream, begun, get, pause,
    upstream::{HELLO, head},
};

const SHORT: Duration = Duration::from_millis(150);

#[tokio::test]
async fn a_502_says_whose_fault_and_the_breaker_fails_fast_then_tries_once() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let door = Door::before(&format!("http://{address}")).await;
    for _ in 0..3 {
        let answer = door.ask(&get("/api/x")).await;
        assert_eq!(answer.status, 502);
        assert!(
            answer.json()["detail"]
                .as_str()
                .unwrap()
                .contains("refused the connection"),
            "{}",
            answer.text()
        );
        assert!(answer.field("tidegate-decision").is_some());
    }
    let resting = door.ask(&get("/api/x")).await;
    assert_eq!(resting.status, 502);
    assert!(
        resting.json()["detail"]
            .as_str()
            .unwrap()
            .contains("several times in a row"),
        "{}",
        resting.text()
    );

    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                while head(&mut stream).await {
                    let _ = stream.write_all(HELLO).await;
                }
            });
        }
    });
    assert_eq!(door.ask(&get("/api/x")).await.status, 502, "it still rests");
    door.engine.clock.advance(Duration::from_millis(500));
    assert_eq!(door.ask(&get("/api/x")).await.text(), "hello");
}

#[tokio::test]
async fn an_upstream_that_is_silent_is_504_after_the_configured_time() {
    let upstream = Upstream::answering(|_| std::future::pending()).await;
    let door = Door::with(
        Setup::before(&upstream.url),
        Bounds {
            upstream_timeout: SHORT,
            ..Bounds::default()
        },
    )
    .await;
    let begun = begun();
    let answer = door.ask(&get("/api/x")).await;
    assert_eq!(answer.status, 504);
    assert!((SHORT..SHORT * 10).contains(&begun.elapsed()), "{:?}", begun.elapsed());
    assert!(
        answer.json()["detail"].as_str().unwrap().contains("150 ms"),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn an_upload_that_lasts_longer_than_the_upstreams_time_is_not_its_silence() {
    let upstream = Upstream::hello().await;
    let door = Door::with(
        Setup::before(&upstream.url),
        Bounds {
            upstream_timeout: SHORT,
            ..Bounds::default()
        },
    )
    .await;
    let mut client = door.client().await;
    client
        .send(b"PUT /api/x HTTP/1.1\r\nHost: gate\r\nAuthorization: Bearer ann\r\nContent-Length: 3\r\n\r\n")
        .await;
    for _ in 0..3 {
        pause(SHORT).await;
        client.send(b"x").await;
    }
    assert_eq!(client.answer().await.text(), "hello");
}

#[tokio::test]
async fn an_upstream_that_stands_still_within_its_body_is_cut_and_not_passed_off_as_whole() {
    let upstream = Upstream::speaking(|mut stream, _| async move {
        head(&mut stream).await;
        let _ = stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc")
            .await;
        head(&mut stream).await;
    })
    .await;
    let door = Door::with(
        Setup::before(&upstream.url),
        Bounds {
            upstream_timeout: SHORT,
            ..Bounds::default()
        },
    )
    .await;
    let mut client = door.client().await;
    client.send(get("/api/x").as_bytes()).await;
    let all = String::from_utf8(client.rest().await).unwrap();
    assert!(all.starts_with("HTTP/1.1 200") && all.ends_with("abc"), "{all}");
}

#[tokio::test]
async fn what_is_not_http_and_an_upgrade_nobody_asked_for_are_502() {
    for answer in [
        "SSH-2.0-OpenSSH_9.6\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    ] {
        let upstream = Upstream::speaking(move |mut stream, _| async move {
            head(&mut stream).await;
            let _ = stream.write_all(answer.as_bytes()).await;
            head(&mut stream).await;
        })
        .await;
        let door = Door::before(&upstream.url).await;
        assert_eq!(door.ask(&get("/api/x")).await.status, 502, "{answer}");
    }
}

#[tokio::test]
async fn an_upstream_that_takes_no_connection_in_time_is_502() {
    // A listener that accepts nothing: its queue of one is filled, and the kernel lets further ones wait.
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queued = Vec::new();
    while let Ok(stream) = tokio::time::timeout(SHORT, TcpStream::connect(address)).await {
        queued.push(stream);
    }
    let bounds = Bounds {
        upstream_connect_timeout: SHORT,
        ..Bounds::default()
    };
    let door = Door::with(Setup::before(&format!("http://{address}")), bounds).await;
    let answer = door.ask(&get("/api/x")).await;
    assert_eq!(answer.status, 502);
    assert!(
        answer.text().contains("did not take the connection in time"),
        "{}",
        answer.text()
    );
}
