use std::sync::Arc;

use tidegate_core::{partition::Partitioner, time::Now};
use tidegate_engine::sockets::{SocketFacts, Sockets};
use tokio::io::AsyncReadExt;

use super::*;
use crate::relay::{RelayRules, relay};

const START: Now = Now {
    mono_ns: 1_000_000_000_000,
    wall_ms: 1_700_000_000_000,
};

#[tokio::test]
async fn a_reason_comes_to_the_relay_whether_it_was_told_before_or_comes_later() {
    for is_told_before in [true, false] {
        let sockets = Arc::new(Sockets::new(Partitioner::new([3; 16]), START, 1));
        let about = SocketFacts {
            subject: "ann".into(),
            user: None,
            token: None,
            token_ends_ms: None,
            tenant: None,
            peer: "192.0.2.1".parse().unwrap(),
            route: "socket".into(),
        };
        let entry = sockets.register(about, None, START).unwrap();
        let id = entry.id();
        let control = RelayHandle::new();
        if is_told_before {
            assert!(sockets.close(id, CloseReason::Evicted));
        }
        CloseNotifier::register(entry.handle(), control.clone(), Duration::ZERO);
        let (mut client, downstream) = tokio::io::duplex(1024);
        let (upstream, near) = tokio::io::duplex(1024);
        let rules = RelayRules::default();
        let relayed = relay(downstream, near, entry, &rules, control, None);
        let told = async {
            if !is_told_before {
                // The relay waits by now: it was polled first.
                assert!(sockets.close(id, CloseReason::Evicted));
            }
            let mut close = [0; 4];
            client.read_exact(&mut close).await.unwrap();
            drop((client, upstream));
            close
        };
        let (_, close) = tokio::join!(biased; relayed, told);
        assert_eq!((close[0], &close[2..]), (0x88, &1008_u16.to_be_bytes()[..]));
        assert!(sockets.is_empty());
    }
}
