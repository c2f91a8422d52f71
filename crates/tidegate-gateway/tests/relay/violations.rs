//! What a side may not send, and what it is told (case 58).

use tidegate_gateway::relay::{Cause, FrameRules, RelayRules, Side, Violation};

use crate::support::{Rig, code, masked, plain, read_all, read_frame, rules, write};

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

#[tokio::test]
async fn crumbs_for_ever_end_at_the_cap() {
    let mut rig = Rig::with(small()).await;
    write(&mut rig.client, &masked(0x01, b"")).await;
    for _ in 0..10 {
        write(&mut rig.client, &masked(0x00, b"")).await;
    }
    assert_eq!(read_frame(&mut rig.client).await, (0x88, code(1009)));
}

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
