//! How a relay ends (docs/semantics.md rule 21).

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use socket2::SockRef;
use tidegate_gateway::relay::{Cause, RelayHandle, RelayRules, Side, relay};
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::{
    Message,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

use crate::support::{Rig, begun, code, connected, masked, pause, plain, read_all, read_frame, rules, soon, write};

#[tokio::test]
async fn a_client_that_closes_gets_the_upstreams_close() {
    let (mut client, mut upstream, rest) = Rig::new().await.sockets().await;
    let going = CloseFrame {
        code: CloseCode::Away,
        reason: "bye".into(),
    };
    soon(client.close(Some(going.clone()))).await.unwrap();
    assert_eq!(
        soon(upstream.next()).await.unwrap().unwrap(),
        Message::Close(Some(going.clone()))
    );
    assert!(rest.is_free());
    assert!(soon(upstream.next()).await.is_none());
    assert_eq!(soon(client.next()).await.unwrap().unwrap(), Message::Close(Some(going)));
    assert!(soon(client.next()).await.is_none());
    drop((client, upstream));
    let end = rest.end().await;
    assert_eq!(
        (end.cause, end.code, end.is_clean),
        (Cause::Closed(Side::Client), Some(1001), true)
    );
}

#[tokio::test]
async fn an_upstream_that_closes_gets_the_clients_close() {
    let (mut client, mut upstream, rest) = Rig::new().await.sockets().await;
    soon(upstream.send(Message::text("last"))).await.unwrap();
    soon(upstream.close(None)).await.unwrap();
    assert_eq!(soon(client.next()).await.unwrap().unwrap(), Message::text("last"));
    assert_eq!(soon(client.next()).await.unwrap().unwrap(), Message::Close(None));
    assert!(rest.is_free());
    assert!(soon(client.next()).await.is_none());
    assert_eq!(soon(upstream.next()).await.unwrap().unwrap(), Message::Close(None));
    let end = rest.end().await;
    assert_eq!((end.cause, end.code), (Cause::Closed(Side::Upstream), None));
}

/// Looks into the client's receive queue when it is dropped: whatever the relay wrote is there, for both are here.
struct Witness(socket2::Socket);

impl Drop for Witness {
    fn drop(&mut self) {
        let mut space = [std::mem::MaybeUninit::uninit(); 1];
        let peeked = self.0.peek(&mut space);
        assert!(
            peeked.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock),
            "the slot is free before anything was written to the client"
        );
    }
}

#[tokio::test]
async fn the_slot_is_free_before_a_close_is_written() {
    for first in [Some(Side::Client), Some(Side::Upstream), None] {
        let (mut client, downstream) = connected().await;
        let (near, mut upstream) = connected().await;
        let witness = Witness(SockRef::from(&client).try_clone().unwrap());
        let control = RelayHandle::new();
        let rules = rules();
        let ending = tokio::spawn({
            let control = control.clone();
            async move { relay(downstream, near, witness, &rules, control, None).await }
        });
        match first {
            Some(Side::Client) => write(&mut client, &masked(0x88, &code(1000))).await,
            Some(Side::Upstream) => write(&mut upstream, &plain(0x88, &code(1000))).await,
            None => control
                .close(tidegate_gateway::relay::CloseOrder::now(1001, ""))
                .unwrap(),
        }
        assert_eq!(read_frame(&mut client).await.0, 0x88);
        drop((client, upstream));
        soon(ending).await.expect("the witness saw nothing");
    }
}

#[tokio::test]
async fn the_slot_is_free_before_a_violation_is_answered() {
    let (mut client, downstream) = connected().await;
    let (near, mut upstream) = connected().await;
    let witness = Witness(SockRef::from(&client).try_clone().unwrap());
    let rules = rules();
    let ending = tokio::spawn(async move { relay(downstream, near, witness, &rules, RelayHandle::new(), None).await });
    write(&mut client, &[masked(0x81, b"good"), masked(0x83, b"broken")].concat()).await;
    assert_eq!(read_frame(&mut upstream).await.0, 0x81);
    write(&mut upstream, &plain(0x88, &code(1001))).await;
    assert_eq!(read_frame(&mut client).await, (0x88, code(1002)));
    drop((client, upstream));
    soon(ending).await.expect("the witness saw nothing");
}

#[tokio::test]
async fn no_data_passes_after_a_close() {
    let mut rig = Rig::new().await;
    write(
        &mut rig.client,
        &[
            masked(0x81, b"before"),
            masked(0x88, &code(1000)),
            masked(0x81, b"after"),
        ]
        .concat(),
    )
    .await;
    assert_eq!(read_frame(&mut rig.upstream).await, (0x81, b"before".to_vec()));
    assert_eq!(read_frame(&mut rig.upstream).await, (0x88, code(1000)));
    assert!(rig.is_free());
    write(
        &mut rig.upstream,
        &[plain(0x81, b"late"), plain(0x89, b"late"), plain(0x88, &code(1000))].concat(),
    )
    .await;
    assert_eq!(read_frame(&mut rig.client).await, (0x88, code(1000)));
    assert!(read_all(&mut rig.client).await.is_empty());
    assert!(read_all(&mut rig.upstream).await.is_empty());
    let end = rig.end().await;
    assert_eq!((end.up.messages, end.down.messages), (1, 0));
}

#[tokio::test]
async fn a_frame_that_was_begun_is_finished_before_the_close() {
    let mut rig = Rig::new().await;
    let message = plain(0x82, &[5; 1000]);
    write(&mut rig.upstream, &message[..500]).await;
    crate::support::read(&mut rig.client, 500).await;
    write(&mut rig.client, &masked(0x88, &code(1000))).await;
    assert_eq!(read_frame(&mut rig.upstream).await, (0x88, code(1000)));
    write(
        &mut rig.upstream,
        &[&message[500..], &plain(0x81, b"late"), &plain(0x88, &code(1000))].concat(),
    )
    .await;
    assert_eq!(crate::support::read(&mut rig.client, 504).await, message[500..]);
    assert_eq!(read_frame(&mut rig.client).await, (0x88, code(1000)));
}

#[tokio::test]
async fn a_client_is_answered_in_the_place_of_a_silent_upstream() {
    let mut rig = Rig::with(rules()).await;
    let started = begun();
    write(&mut rig.client, &masked(0x88, &code(1000))).await;
    assert_eq!(read_frame(&mut rig.client).await, (0x88, code(1000)));
    assert!(read_all(&mut rig.client).await.is_empty());
    assert!(
        started.elapsed() < Duration::from_millis(900),
        "{:?}",
        started.elapsed()
    );
    let end = rig.end().await;
    assert!(!end.is_clean);
    assert!(
        started.elapsed() < Duration::from_millis(1500),
        "{:?}",
        started.elapsed()
    );
}

#[tokio::test]
async fn the_connection_ends_in_five_seconds_by_default() {
    let mut rig = Rig::with(RelayRules::default()).await;
    let started = begun();
    write(&mut rig.upstream, &plain(0x88, &code(1000))).await;
    assert_eq!(read_frame(&mut rig.client).await, (0x88, code(1000)));
    // The client answers nothing and keeps its end open.
    assert!(read_all(&mut rig.client).await.is_empty());
    rig.end().await;
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_fin_without_a_close_is_told_to_the_other_side() {
    let mut rig = Rig::new().await;
    rig.client.shutdown().await.unwrap();
    assert_eq!(read_frame(&mut rig.upstream).await, (0x88, code(1001)));
    assert!(rig.is_free());
    rig.upstream.shutdown().await.unwrap();
    assert!(read_all(&mut rig.client).await.is_empty());
    let end = rig.end().await;
    assert_eq!((end.cause, end.code), (Cause::Finished(Side::Client), None));

    let mut rig = Rig::new().await;
    rig.upstream.shutdown().await.unwrap();
    let (first, payload) = read_frame(&mut rig.client).await;
    assert_eq!((first, &payload[..2]), (0x88, &code(1011)[..]));
    assert!(rig.is_free());
    write(&mut rig.client, &masked(0x88, &code(1011))).await;
    assert!(read_all(&mut rig.client).await.is_empty());
}

#[tokio::test]
async fn a_fin_within_a_frame_ends_the_other_side_without_a_close_in_its_payload() {
    let mut rig = Rig::new().await;
    let message = masked(0x82, &[5; 1000]);
    write(&mut rig.client, &message[..500]).await;
    crate::support::read(&mut rig.upstream, 500).await;
    rig.client.shutdown().await.unwrap();
    assert!(read_all(&mut rig.upstream).await.is_empty());
}

#[tokio::test]
async fn a_reset_is_told_to_the_other_side() {
    let rig = Rig::new().await;
    SockRef::from(&rig.client).set_linger(Some(Duration::ZERO)).unwrap();
    drop(rig.client);
    let mut upstream = rig.upstream;
    assert_eq!(read_frame(&mut upstream).await, (0x88, code(1001)));
    drop(upstream);
    assert_eq!(soon(rig.ending).await.unwrap().cause, Cause::Reset(Side::Client));

    let rig = Rig::new().await;
    SockRef::from(&rig.upstream).set_linger(Some(Duration::ZERO)).unwrap();
    drop(rig.upstream);
    let mut client = rig.client;
    assert_eq!(read_frame(&mut client).await.0, 0x88);
    drop(client);
    assert_eq!(soon(rig.ending).await.unwrap().cause, Cause::Reset(Side::Upstream));
}

#[tokio::test]
async fn closes_that_cross_are_one_end() {
    for _ in 0..50 {
        let mut rig = Rig::new().await;
        let (ours, theirs) = (masked(0x88, &code(1000)), plain(0x88, &code(1001)));
        tokio::join!(write(&mut rig.client, &ours), write(&mut rig.upstream, &theirs));
        assert_eq!(read_frame(&mut rig.client).await, (0x88, code(1001)));
        assert_eq!(read_frame(&mut rig.upstream).await, (0x88, code(1000)));
        rig.control
            .close(tidegate_gateway::relay::CloseOrder::now(1001, ""))
            .unwrap_err();
        drop((rig.client, rig.upstream));
        assert!(matches!(soon(rig.ending).await.unwrap().cause, Cause::Closed(_)));
    }
}

#[tokio::test]
async fn a_relay_that_is_dropped_gives_its_slot_back() {
    let mut rig = Rig::new().await;
    pause(Duration::from_millis(20)).await;
    assert!(!rig.is_free());
    rig.ending.abort();
    assert!(read_all(&mut rig.client).await.is_empty());
    assert!(rig.is_free());
    assert!(rig.control.is_ended());
}
