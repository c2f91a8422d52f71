//! What a side may not send, and what it is told (fault 58).

use std::time::Duration;

use tidegate_gateway::relay::{Cause, CloseOrder, FrameRules, RelayRules, Side, Violation};

use crate::support::{LONG, Rig, begun, code, masked, plain, read_all, read_frame, rules, soon, write};

fn small() -> RelayRules {
    let frames = FrameRules {
        message_bytes_max: 1000,
        message_frames_max: 10,
        ..FrameRules::default()
    };
    RelayRules {
        client: frames.clone(),
        upstream: frames,
        ..rules()
    }
}

async fn client_sends(bytes: &[u8]) -> (Vec<u8>, Violation) {
    let mut rig = Rig::with(small()).await;
    write(&mut rig.client, bytes).await;
    let (first, payload) = read_frame(&mut rig.client).await;
    assert_eq!(first, 0x88);
    assert!(rig.is_free());
    assert!(
        read_all(&mut rig.client).await.is_empty(),
        "and then the connection ends"
    );
    let told = read_frame(&mut rig.upstream).await;
    assert_eq!(told, (0x88, code(1001)), "the upstream sees a client that goes away");
    drop((rig.client, rig.upstream));
    match rig.ending.await.unwrap().cause {
        Cause::Violated(Side::Client, violation) => (payload, violation),
        other => panic!("{other:?}"),
    }
}

// fault 58
#[tokio::test]
async fn what_a_client_may_not_send_is_answered_with_its_code() {
    let huge = [&[0x82, 0xff][..], &(1_u64 << 63).to_be_bytes(), &[0; 4]].concat();
    let cases: [(&str, Vec<u8>, u16, Violation); 10] = [
        ("unmasked", plain(0x81, b"hi"), 1002, Violation::Mask),
        ("2^63 bytes", huge, 1002, Violation::Length),
        (
            "a length in a longer form",
            [0x82, 0xfe, 0, 5].to_vec(),
            1002,
            Violation::Length,
        ),
        ("a reserved bit", masked(0xc1, b"hi"), 1002, Violation::Reserved),
        ("an unknown opcode", masked(0x83, b"hi"), 1002, Violation::Opcode),
        ("a long ping", masked(0x89, &[0; 126]), 1002, Violation::Control),
        ("a ping in fragments", masked(0x09, b"hi"), 1002, Violation::Control),
        ("a continuation of nothing", masked(0x80, b"hi"), 1002, Violation::Order),
        (
            "a code that must not be sent",
            masked(0x88, &code(1005)),
            1002,
            Violation::CloseCode,
        ),
        ("too large", masked(0x82, &[0; 1001]), 1009, Violation::TooLarge),
    ];
    for (what, bytes, expected, why) in cases {
        assert_eq!(client_sends(&bytes).await, (code(expected), why), "{what}");
    }
}

// fault 58
#[tokio::test]
async fn a_message_is_too_large_over_all_its_fragments() {
    let mut rig = Rig::with(small()).await;
    let parts = [masked(0x02, &[1; 600]), masked(0x00, &[2; 600])].concat();
    write(&mut rig.client, &parts).await;
    assert_eq!(read_frame(&mut rig.client).await, (0x88, code(1009)));
    assert_eq!(read_frame(&mut rig.upstream).await, (0x02, vec![1; 600]));
    assert_eq!(
        read_frame(&mut rig.upstream).await,
        (0x88, code(1001)),
        "between two fragments"
    );
}

// fault 58
#[tokio::test]
async fn crumbs_for_ever_end_at_the_cap() {
    let mut rig = Rig::with(small()).await;
    write(&mut rig.client, &masked(0x01, b"")).await;
    for _ in 0..10 {
        write(&mut rig.client, &masked(0x00, b"")).await;
    }
    assert_eq!(read_frame(&mut rig.client).await, (0x88, code(1009)));
}

// fault 58
#[tokio::test]
async fn text_that_is_none_is_found_where_it_stands() {
    let mut rig = Rig::with(small()).await;
    let sent = masked(0x81, b"good\xffbad");
    write(&mut rig.client, &sent[..10]).await;
    crate::support::read(&mut rig.upstream, 10).await;
    write(&mut rig.client, &sent[10..]).await;
    assert_eq!(read_frame(&mut rig.client).await, (0x88, code(1007)));
    // A Close within the frame that was begun would be read as its payload.
    assert!(read_all(&mut rig.upstream).await.is_empty());
}

#[tokio::test]
async fn an_upstream_that_breaks_the_rules_is_not_the_clients_fault() {
    let mut rig = Rig::with(small()).await;
    write(&mut rig.upstream, &masked(0x81, b"hi")).await;
    let (first, payload) = read_frame(&mut rig.client).await;
    assert_eq!((first, &payload[..2]), (0x88, &code(1011)[..]));
    assert_eq!(read_frame(&mut rig.upstream).await, (0x88, code(1002)));
    drop((rig.client, rig.upstream));
    let end = rig.ending.await.unwrap();
    assert_eq!(end.cause, Cause::Violated(Side::Upstream, Violation::Mask));
}

/// A good text and a frame with an opcode that nobody knows, in one piece.
fn good_and_broken() -> Vec<u8> {
    [masked(0x81, b"good"), masked(0x83, b"bad")].concat()
}

/// Rules under which nothing happens by time while a test runs.
fn patient() -> RelayRules {
    RelayRules {
        close_timeout: 8 * LONG,
        ..small()
    }
}

#[tokio::test]
async fn what_the_upstream_answers_to_good_messages_comes_before_the_close() {
    let mut rig = Rig::with(patient()).await;
    write(&mut rig.client, &good_and_broken()).await;
    assert_eq!(read_frame(&mut rig.upstream).await, (0x81, b"good".to_vec()));
    assert_eq!(read_frame(&mut rig.upstream).await, (0x88, code(1001)));
    // Nothing was written to the client, so the slot may be taken; data still passes, so it must be.
    assert!(!rig.is_free(), "a socket on which data passes counts");
    write(&mut rig.upstream, &plain(0x01, b"an")).await;
    assert_eq!(read_frame(&mut rig.client).await, (0x01, b"an".to_vec()));
    assert!(!rig.is_free());
    let rest = [plain(0x80, b"swer"), plain(0x88, &code(1001)), plain(0x81, b"after")];
    write(&mut rig.upstream, &rest.concat()).await;
    assert_eq!(read_frame(&mut rig.client).await, (0x80, b"swer".to_vec()));
    assert_eq!(read_frame(&mut rig.client).await, (0x88, code(1002)));
    assert!(rig.is_free());
    assert!(read_all(&mut rig.client).await.is_empty());
    assert!(read_all(&mut rig.upstream).await.is_empty(), "it is told once");
    drop((rig.client, rig.upstream));
    let end = soon(rig.ending).await.unwrap();
    assert_eq!(end.cause, Cause::Violated(Side::Client, Violation::Opcode));
    assert_eq!((end.code, end.down.messages), (Some(1002), 1));
}

#[tokio::test]
async fn who_sent_nothing_good_is_closed_at_once() {
    let mut rig = Rig::with(patient()).await;
    write(&mut rig.client, &masked(0x83, b"bad")).await;
    assert_eq!(read_frame(&mut rig.client).await, (0x88, code(1002)));
    assert!(rig.is_free());
}

#[tokio::test]
async fn an_upstream_that_never_ends_is_heard_for_half_of_the_closes_time() {
    let mut rig = Rig::with(small()).await;
    let since = begun();
    write(&mut rig.client, &good_and_broken()).await;
    let (mut client, mut upstream) = (rig.client, rig.upstream);
    let streaming = tokio::spawn(async move {
        while tokio::io::AsyncWriteExt::write_all(&mut upstream, &plain(0x82, &[7; 100]))
            .await
            .is_ok()
        {}
    });
    while read_frame(&mut client).await.0 == 0x82 {}
    assert!(since.elapsed() >= Duration::from_millis(400), "it had its time");
    drop(client);
    let end = soon(rig.ending).await.unwrap();
    assert_eq!(end.cause, Cause::Violated(Side::Client, Violation::Opcode));
    assert!(since.elapsed() < Duration::from_secs(3));
    streaming.await.unwrap();
}

#[tokio::test]
async fn whatever_else_ends_the_socket_ends_the_wait_for_answers() {
    // A client that ends its stream, one that resets it, an upstream that does either, an upstream that breaks the rules,
    // and somebody who orders a close.
    for what in 0..6 {
        let mut rig = Rig::with(patient()).await;
        write(&mut rig.client, &good_and_broken()).await;
        assert_eq!(read_frame(&mut rig.upstream).await.0, 0x81);
        assert_eq!(read_frame(&mut rig.upstream).await.0, 0x88);
        let (mut client, mut upstream) = (Some(rig.client), Some(rig.upstream));
        match what {
            0 => end_stream(client.as_mut()).await,
            1 => reset(client.take()),
            2 => end_stream(upstream.as_mut()).await,
            3 => reset(upstream.take()),
            4 => write(upstream.as_mut().unwrap(), &masked(0x81, b"no")).await,
            _ => rig.control.close(CloseOrder::now(1008, "")).unwrap(),
        }
        if let Some(client) = &mut client {
            assert_eq!(read_frame(client).await, (0x88, code(1002)), "{what}");
        }
        drop((client, upstream));
        let end = soon(rig.ending).await.unwrap();
        assert_eq!(
            end.cause,
            Cause::Violated(Side::Client, Violation::Opcode),
            "{what}: the first cause stays the cause"
        );
    }
}

async fn end_stream(stream: Option<&mut tokio::net::TcpStream>) {
    tokio::io::AsyncWriteExt::shutdown(stream.unwrap()).await.unwrap();
}

fn reset(stream: Option<tokio::net::TcpStream>) {
    let stream = stream.unwrap();
    socket2::SockRef::from(&stream)
        .set_linger(Some(Duration::ZERO))
        .unwrap();
}
