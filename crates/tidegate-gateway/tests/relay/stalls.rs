//! Sides that take nothing.

use std::time::Duration;

use tidegate_gateway::relay::{Cause, FrameRules, RelayRules, Side};
use tokio::io::AsyncWriteExt;

use crate::support::{LONG, Rig, begun, frame, masked, plain, read, read_frame, rules, soon, write};

/// Larger than what the kernels hold for both connections together.
const FLOOD_BYTES: usize = 64 * 1024 * 1024;

fn wide(write_stall_timeout: Duration) -> RelayRules {
    let frames = FrameRules {
        message_bytes_max: u64::MAX,
        ..FrameRules::default()
    };
    RelayRules {
        write_stall_timeout,
        client: frames.clone(),
        upstream: frames,
        ..rules()
    }
}

#[tokio::test]
async fn a_client_that_reads_nothing_is_cut_off() {
    let message = plain(0x82, &vec![0; FLOOD_BYTES]);
    let rig = Rig::with(wide(Duration::from_millis(300))).await;
    let started = begun();
    let mut upstream = rig.upstream;
    let (mut reading, mut writing) = upstream.split();
    let flood = async {
        // It breaks off when the relay ends.
        let _ = writing.write_all(&message).await;
    };
    let told = async {
        let mut told = Vec::new();
        let _ = tokio::io::AsyncReadExt::read_to_end(&mut reading, &mut told).await;
    };
    let end = soon(async { tokio::join!(rig.ending, flood, told).0.unwrap() }).await;
    assert_eq!(end.cause, Cause::Stalled(Side::Client));
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    drop(rig.client);
}

#[tokio::test]
async fn an_upstream_that_reads_nothing_is_cut_off() {
    // The client goes on writing; a connection that is closed meanwhile would be reset, and its Close lost.
    let rig = Rig::with(RelayRules {
        close_timeout: LONG,
        ..wide(Duration::from_millis(300))
    })
    .await;
    let mut client = rig.client;
    let (mut reading, mut writing) = client.split();
    let message = frame(0x82, &vec![0; FLOOD_BYTES], Some([0; 4]));
    let flood = async {
        let _ = writing.write_all(&message).await;
    };
    let told = async {
        let mut close = [0; 4];
        tokio::io::AsyncReadExt::read_exact(&mut reading, &mut close)
            .await
            .unwrap();
        close
    };
    let (close, _) = soon(async { tokio::join!(told, async { tokio::time::timeout(LONG / 4, flood).await }) }).await;
    assert_eq!((close[0], &close[2..]), (0x88, &1011_u16.to_be_bytes()[..]));
    drop(client);
    assert_eq!(soon(rig.ending).await.unwrap().cause, Cause::Stalled(Side::Upstream));
}

#[tokio::test]
async fn a_slow_reader_gets_everything() {
    let mut rig = Rig::with(wide(Duration::from_millis(500))).await;
    let message = plain(0x82, &vec![7; 8 * 1024 * 1024]);
    let mut upstream = rig.upstream;
    let sent = message.clone();
    let sending = tokio::spawn(async move {
        write(&mut upstream, &sent).await;
        upstream
    });
    let mut got = Vec::new();
    while got.len() < message.len() {
        crate::support::pause(Duration::from_millis(5)).await;
        got.extend(read(&mut rig.client, (message.len() - got.len()).min(256 * 1024)).await);
    }
    assert!(got == message);
    drop(sending.await.unwrap());
    assert_eq!(read_frame(&mut rig.client).await.0, 0x88);
}

#[tokio::test]
async fn what_waits_for_a_stalled_client_is_not_passed_after_its_close() {
    let mut rig = Rig::with(RelayRules {
        close_timeout: Duration::from_secs(4),
        ..wide(LONG)
    })
    .await;
    let message = plain(0x82, &vec![1; 1000]);
    // Many whole frames, far more than the kernels hold.
    let (_, mut writing) = rig.upstream.into_split();
    let flooding = tokio::spawn(async move {
        for _ in 0..FLOOD_BYTES / message.len() {
            if writing.write_all(&message).await.is_err() {
                break;
            }
        }
    });
    crate::support::pause(Duration::from_millis(300)).await;
    write(&mut rig.client, &masked(0x88, &1000_u16.to_be_bytes())).await;
    crate::support::pause(Duration::from_millis(100)).await;
    let mut frames = 0;
    loop {
        match read_frame(&mut rig.client).await {
            (0x82, payload) => {
                assert_eq!(payload.len(), 1000);
                frames += 1;
            }
            (0x88, _) => break,
            other => panic!("{other:?}"),
        }
    }
    let end = soon(rig.ending).await.unwrap();
    assert!(frames <= end.down.messages, "{frames} of {}", end.down.messages);
    assert!(
        frames * 1000 < FLOOD_BYTES as u64 / 2,
        "{frames}: only what the kernel had taken"
    );
    soon(flooding).await.unwrap();
}
