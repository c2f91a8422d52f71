//! Orders from outside: to close, and to say something.

use std::time::Duration;

use tidegate_gateway::relay::{
    Cause, CloseOrder, NotTaken, RelayHandle,
    relay_handle::{TEXT_BYTES_MAX, TEXTS_MAX},
};

use crate::support::{Rig, begun, code, masked, plain, read, read_all, read_frame, soon, write};

#[tokio::test]
async fn an_order_closes_with_its_code_and_reason() {
    let mut rig = Rig::new().await;
    rig.control
        .close(CloseOrder::now(4001, "the token was revoked"))
        .unwrap();
    let (first, payload) = read_frame(&mut rig.client).await;
    assert_eq!(
        (first, &payload[..2], &payload[2..]),
        (0x88, &code(4001)[..], &b"the token was revoked"[..])
    );
    assert!(rig.is_free());
    assert_eq!(read_frame(&mut rig.upstream).await, (0x88, code(1001)));
    write(
        &mut rig.client,
        &[masked(0x81, b"late"), masked(0x88, &code(4001))].concat(),
    )
    .await;
    assert!(read_all(&mut rig.client).await.is_empty());
    assert_eq!(rig.control.close(CloseOrder::now(1001, "")), Err(NotTaken::Ended));
    assert_eq!(rig.control.send("late".to_owned()), Err(NotTaken::Ended));
    drop((rig.client, rig.upstream));
    let end = soon(rig.ending).await.unwrap();
    assert_eq!((end.cause, end.code), (Cause::Ordered, Some(4001)));
}

#[tokio::test]
async fn a_drain_spreads_its_closes() {
    let started = begun();
    let mut rigs = Vec::new();
    for _ in 0..20 {
        let rig = Rig::new().await;
        rig.control
            .close(CloseOrder::drain(Duration::from_millis(500)))
            .unwrap();
        rigs.push(rig);
    }
    let mut times = Vec::new();
    let mut closes = Vec::new();
    for mut rig in rigs {
        closes.push(tokio::spawn(async move {
            let rig = &mut rig;
            let (first, payload) = read_frame(&mut rig.client).await;
            assert_eq!((first, &payload[..2]), (0x88, &code(1001)[..]));
            started.elapsed()
        }));
    }
    for close in closes {
        times.push(soon(close).await.unwrap());
    }
    times.sort();
    assert!(times[19] < Duration::from_millis(700), "{times:?}");
    assert!(times[19] - times[0] > Duration::from_millis(100), "{times:?}");
}

#[tokio::test]
async fn a_text_of_the_gate_comes_in_a_gap_between_messages() {
    let mut rig = Rig::new().await;
    rig.control.send("{\"warning\":1}".to_owned()).unwrap();
    assert_eq!(read_frame(&mut rig.client).await, (0x81, b"{\"warning\":1}".to_vec()));
    // Within a fragmented message only control frames may stand.
    let (begin, end) = (plain(0x01, b"frag"), plain(0x80, b"ment"));
    write(&mut rig.upstream, &begin[..3]).await;
    read(&mut rig.client, 3).await;
    rig.control.send("one".to_owned()).unwrap();
    rig.control.send("two".to_owned()).unwrap();
    write(&mut rig.upstream, &begin[3..]).await;
    assert_eq!(read(&mut rig.client, 3).await, begin[3..]);
    write(&mut rig.upstream, &plain(0x89, b"")).await;
    assert_eq!(read_frame(&mut rig.client).await, (0x89, Vec::new()));
    write(&mut rig.upstream, &[end, plain(0x81, b"next")].concat()).await;
    assert_eq!(read_frame(&mut rig.client).await, (0x80, b"ment".to_vec()));
    let mut texts = Vec::new();
    for _ in 0..3 {
        let (first, payload) = read_frame(&mut rig.client).await;
        assert_eq!(first, 0x81);
        texts.push(String::from_utf8(payload).unwrap());
    }
    texts.sort();
    assert_eq!(texts, ["next", "one", "two"]);
}

#[tokio::test]
async fn a_text_behind_the_first_message_waits_for_the_whole_of_it() {
    let mut rig = Rig::new().await;
    rig.control.send_behind_first("one".to_owned()).unwrap();
    rig.control.send_behind_first("two".to_owned()).unwrap();
    // What the client says, and pings, are no message of the upstream.
    write(&mut rig.client, &masked(0x81, b"hello")).await;
    assert_eq!(read_frame(&mut rig.upstream).await, (0x81, b"hello".to_vec()));
    for (sent, first, payload) in [
        (plain(0x89, b"p"), 0x89, &b"p"[..]),
        (plain(0x01, b"gree"), 0x01, b"gree"),
        (plain(0x89, b"q"), 0x89, b"q"),
        (plain(0x80, b"ting"), 0x80, b"ting"),
    ] {
        write(&mut rig.upstream, &sent).await;
        assert_eq!(read_frame(&mut rig.client).await, (first, payload.to_vec()));
    }
    assert_eq!(read_frame(&mut rig.client).await, (0x81, b"one".to_vec()));
    assert_eq!(read_frame(&mut rig.client).await, (0x81, b"two".to_vec()));
    // From then on they wait for the next gap alone.
    rig.control.send_behind_first("three".to_owned()).unwrap();
    assert_eq!(read_frame(&mut rig.client).await, (0x81, b"three".to_vec()));
    drop((rig.client, rig.upstream));
    let end = soon(rig.ending).await.unwrap();
    // They are nothing of the upstream's.
    assert_eq!((end.down.messages, end.down.bytes), (1, 18));
}

#[test]
fn what_waits_is_bounded() {
    let control = RelayHandle::new();
    for _ in 0..TEXTS_MAX / 2 {
        control.send("x".to_owned()).unwrap();
        control.send_behind_first("x".to_owned()).unwrap();
    }
    assert_eq!(control.send("x".to_owned()), Err(NotTaken::Full));
    assert_eq!(control.send_behind_first("x".to_owned()), Err(NotTaken::Full));
    assert_eq!(control.send("x".repeat(TEXT_BYTES_MAX + 1)), Err(NotTaken::TooLong));
}
