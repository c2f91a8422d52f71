//! Who is still there: own pings, and what becomes of the silent (faults 29 and 30).

use std::time::Duration;

use tidegate_gateway::relay::{Cause, RelayRules, Side};

use crate::support::{Rig, begun, masked, plain, read, read_all, read_frame, rules, soon, write};

fn quick() -> RelayRules {
    RelayRules {
        ping_interval: Duration::from_millis(300),
        ..rules()
    }
}

#[tokio::test]
async fn both_sides_are_pinged_and_their_pongs_go_no_further() {
    let mut rig = Rig::with(quick()).await;
    for _ in 0..4 {
        let (first, tag) = read_frame(&mut rig.client).await;
        assert_eq!((first, tag.len()), (0x89, 8));
        // In two pieces: it is held back until it is whole.
        let pong = masked(0x8a, &tag);
        write(&mut rig.client, &pong[..9]).await;
        write(&mut rig.client, &pong[9..]).await;
        let (first, theirs) = read_frame(&mut rig.upstream).await;
        assert_eq!((first, theirs.len()), (0x89, 8), "a ping, and no pong of the client");
        assert_ne!(theirs, tag);
        write(&mut rig.upstream, &plain(0x8a, &theirs)).await;
    }
    assert!(!rig.is_free());
    write(&mut rig.client, &masked(0x81, b"still there")).await;
    let (mut first, mut payload) = read_frame(&mut rig.upstream).await;
    if first == 0x89 {
        (first, payload) = read_frame(&mut rig.upstream).await;
    }
    assert_eq!((first, &payload[..]), (0x81, &b"still there"[..]));
}

// fault 29
#[tokio::test]
async fn a_client_that_answers_no_ping_is_gone_after_two_intervals() {
    let mut rig = Rig::with(quick()).await;
    let started = begun();
    // The upstream answers; only the client is silent. It reads nothing either, as one without power.
    let answering = tokio::spawn(async move {
        loop {
            let (first, payload) = read_frame(&mut rig.upstream).await;
            match first {
                0x89 => write(&mut rig.upstream, &plain(0x8a, &payload)).await,
                other => return (other, payload, started.elapsed()),
            }
        }
    });
    let (first, payload, after) = soon(answering).await.unwrap();
    assert_eq!((first, payload), (0x88, 1001_u16.to_be_bytes().to_vec()));
    assert!(after >= Duration::from_millis(590), "{after:?}");
    assert!(after < Duration::from_millis(700), "{after:?}");
    let end = soon(rig.ending).await.unwrap();
    assert_eq!(end.cause, Cause::Gone(Side::Client));
    drop(rig.client);
}

#[tokio::test]
async fn an_upstream_that_answers_no_ping_is_gone() {
    let mut rig = Rig::with(quick()).await;
    loop {
        match read_frame(&mut rig.client).await {
            (0x89, tag) => write(&mut rig.client, &masked(0x8a, &tag)).await,
            (0x88, payload) => {
                assert_eq!(payload[..2], 1011_u16.to_be_bytes());
                break;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(rig.is_free());
    drop(rig.client);
    assert_eq!(soon(rig.ending).await.unwrap().cause, Cause::Gone(Side::Upstream));
}

#[tokio::test]
async fn no_ping_stands_within_a_frame() {
    let mut rig = Rig::with(RelayRules {
        ping_interval: Duration::from_millis(100),
        ..rules()
    })
    .await;
    let message = plain(0x82, &[5; 1000]);
    write(&mut rig.upstream, &message[..500]).await;
    assert_eq!(read(&mut rig.client, 500).await, message[..500]);
    crate::support::pause(Duration::from_millis(150)).await;
    let two = plain(0x01, b"a");
    write(&mut rig.upstream, &[&message[500..], &two].concat()).await;
    assert_eq!(read(&mut rig.client, 504).await, message[500..]);
    assert_eq!(
        read_frame(&mut rig.client).await.0,
        0x89,
        "the ping comes in the first gap"
    );
    assert_eq!(read_frame(&mut rig.client).await, (0x01, b"a".to_vec()));
    crate::support::pause(Duration::from_millis(20)).await;
    assert!(!rig.is_free(), "a client that could not be asked owes no answer");
}

// fault 30
#[tokio::test]
async fn a_socket_without_messages_or_of_old_age_is_closed() {
    for (idle_max, lifetime_max, cause) in [
        (Some(Duration::from_millis(200)), None, Cause::Idle),
        (None, Some(Duration::from_millis(200)), Cause::Lifetime),
    ] {
        let mut rig = Rig::with(RelayRules {
            idle_max,
            lifetime_max,
            ..rules()
        })
        .await;
        let started = begun();
        for _ in 0..3 {
            crate::support::pause(Duration::from_millis(50)).await;
            write(&mut rig.client, &masked(0x89, b"")).await;
            write(&mut rig.client, &masked(0x81, b"x")).await;
        }
        let (first, payload) = read_frame(&mut rig.client).await;
        assert_eq!((first, &payload[..2]), (0x88, &1001_u16.to_be_bytes()[..]));
        let expected = if cause == Cause::Idle { 350 } else { 200 };
        let after = started.elapsed();
        assert!(after >= Duration::from_millis(expected - 15), "{cause:?} {after:?}");
        assert!(after < Duration::from_millis(expected + 120), "{cause:?} {after:?}");
        write(&mut rig.client, &masked(0x88, &1001_u16.to_be_bytes())).await;
        assert!(read_all(&mut rig.client).await.is_empty());
        drop((rig.client, rig.upstream));
        assert_eq!(soon(rig.ending).await.unwrap().cause, cause);
    }
}
