//! What is open is passed on as it is.

use futures_util::{SinkExt, StreamExt};
use tidegate_gateway::relay::{Cause, RelayHandle, Side, Upgraded, relay};
use tokio::net::UnixStream;
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::Role},
};

use crate::support::{Rig, connected, masked, plain, read, rules, soon, write};

#[tokio::test]
async fn messages_go_both_ways_up_to_a_mebibyte() {
    let (mut client, mut upstream, rest) = Rig::new().await.sockets().await;
    let echoing = tokio::spawn(async move {
        while let Some(Ok(message)) = upstream.next().await {
            if message.is_close() {
                continue;
            }
            upstream.send(message).await.unwrap();
        }
    });
    let sizes = [0, 1, 125, 126, 127, 4_096, 16_384, 65_535, 65_536, 1024 * 1024];
    for size in sizes {
        let sent = Message::text("ü".repeat(size / 2));
        soon(client.send(sent.clone())).await.unwrap();
        assert_eq!(soon(client.next()).await.unwrap().unwrap(), sent);
        let sent = Message::binary(vec![0xff; size]);
        soon(client.send(sent.clone())).await.unwrap();
        assert_eq!(soon(client.next()).await.unwrap().unwrap(), sent);
    }
    soon(client.close(None)).await.unwrap();
    while soon(client.next()).await.is_some() {}
    drop(client);
    soon(echoing).await.unwrap();
    let end = rest.end().await;
    assert_eq!(end.cause, Cause::Closed(Side::Client));
    assert!(end.is_clean);
    assert_eq!(end.up.messages, 2 * sizes.len() as u64);
    assert_eq!(end.down.messages, end.up.messages);
    assert!(end.up.bytes > 2 * 1024 * 1024);
}

#[tokio::test]
async fn bytes_that_come_one_by_one_arrive_unchanged() {
    let mut rig = Rig::new().await;
    let mut sent = masked(0x01, "gr".as_bytes());
    sent.extend(masked(0x89, b"between"));
    sent.extend(masked(0x80, "üße".as_bytes()));
    sent.extend(masked(0x82, &[7; 300]));
    for byte in &sent {
        write(&mut rig.client, &[*byte]).await;
    }
    assert_eq!(read(&mut rig.upstream, sent.len()).await, sent);
    let answer = [plain(0x8a, b"between"), plain(0x81, b"ok")].concat();
    for byte in &answer {
        write(&mut rig.upstream, &[*byte]).await;
    }
    assert_eq!(read(&mut rig.client, answer.len()).await, answer);
}

#[tokio::test]
async fn a_frame_is_passed_on_before_its_end_comes() {
    let mut rig = Rig::new().await;
    let sent = plain(0x82, &[9; 100_000]);
    write(&mut rig.upstream, &sent[..50_000]).await;
    assert_eq!(read(&mut rig.client, 50_000).await, sent[..50_000]);
    write(&mut rig.upstream, &sent[50_000..]).await;
    assert_eq!(read(&mut rig.client, 50_004 + 6).await, sent[50_000..]);
}

#[tokio::test]
async fn pings_and_pongs_of_the_two_sides_concern_only_them() {
    let mut rig = Rig::new().await;
    write(&mut rig.upstream, &plain(0x89, b"12345678")).await;
    assert_eq!(read(&mut rig.client, 10).await, plain(0x89, b"12345678"));
    write(&mut rig.client, &masked(0x8a, b"12345678")).await;
    assert_eq!(read(&mut rig.upstream, 14).await, masked(0x8a, b"12345678"));
}

#[tokio::test]
async fn a_client_over_a_unix_socket_is_relayed_like_any_other() {
    let (client, downstream) = UnixStream::pair().unwrap();
    let (near, upstream) = connected().await;
    let downstream = Upgraded {
        stream: downstream.into(),
        early: bytes::Bytes::new(),
    };
    let ending = tokio::spawn(async move { relay(downstream, near, (), &rules(), RelayHandle::new(), None).await });
    let mut client = WebSocketStream::from_raw_socket(client, Role::Client, None).await;
    let mut upstream = WebSocketStream::from_raw_socket(upstream, Role::Server, None).await;
    let large = Message::binary(vec![7; 300_000]);
    let (sent, came) = tokio::join!(client.send(large.clone()), soon(upstream.next()));
    sent.unwrap();
    assert_eq!(came.unwrap().unwrap(), large);
    let (sent, came) = tokio::join!(upstream.send(large.clone()), soon(client.next()));
    sent.unwrap();
    assert_eq!(came.unwrap().unwrap(), large);
    soon(client.close(None)).await.unwrap();
    while soon(upstream.next()).await.is_some() {}
    drop(upstream);
    while soon(client.next()).await.is_some() {}
    drop(client);
    let end = soon(ending).await.unwrap();
    assert_eq!(end.cause, Cause::Closed(Side::Client));
    assert!(end.is_clean);
}
