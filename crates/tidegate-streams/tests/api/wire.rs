//! One socket's conversation, from the host's side.

use crate::support::*;
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tidegate_streams::{Caller, SocketBounds, SocketEnd, SocketObserver, Streams};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// What the observer was told, newest last.
#[derive(Default)]
pub struct Seen(Mutex<Vec<Vec<i64>>>);

impl SocketObserver for Seen {
    fn devices(&self, listening: &[i64]) {
        self.0.lock().push(listening.to_vec());
    }
}

impl Seen {
    pub fn last(&self) -> Vec<i64> {
        self.0.lock().last().cloned().unwrap_or_default()
    }
}

pub struct Wire {
    pub to: mpsc::Sender<String>,
    pub from: mpsc::Receiver<String>,
    pub caller: watch::Sender<Arc<Caller>>,
    pub seen: Arc<Seen>,
    pub task: JoinHandle<SocketEnd>,
}

impl Wire {
    /// A socket of this caller; `connection_opened` is read.
    pub async fn open(streams: &Streams, caller: Caller) -> Wire {
        Wire::open_with(streams, caller, SocketBounds::default(), 16).await
    }

    pub async fn open_with(streams: &Streams, caller: Caller, bounds: SocketBounds, room: usize) -> Wire {
        let (to, incoming) = mpsc::channel(16);
        let (outgoing, from) = mpsc::channel(room);
        let (caller, source) = watch::channel(Arc::new(caller));
        let seen = Arc::<Seen>::default();
        let observer = Arc::clone(&seen) as Arc<dyn SocketObserver>;
        let streams = streams.clone();
        let task = tokio::spawn(async move {
            let clock = || NOW_MS;
            streams
                .tempest_socket(source, incoming, outgoing, bounds, clock, observer)
                .await
        });
        let mut wire = Wire {
            to,
            from,
            caller,
            seen,
            task,
        };
        assert_eq!(wire.next().await, json!({"type": "connection_opened"}));
        wire
    }

    pub async fn say(&self, message: Value) {
        self.to.send(message.to_string()).await.unwrap();
    }

    /// The next message to the caller.
    pub async fn next(&mut self) -> Value {
        let text = tokio::time::timeout(Duration::from_secs(20), self.from.recv()).await;
        let text = text.expect("a message comes").expect("the socket lives");
        serde_json::from_str(&text).unwrap()
    }

    /// Says it, and reads the one reply.
    pub async fn ask(&mut self, message: Value) -> Value {
        self.say(message).await;
        self.next().await
    }

    /// Listens to a device that was never heard, so that no snapshot follows.
    pub async fn listen(&mut self, device_id: i64) {
        let reply = self
            .ask(json!({"type": "listen_start", "device_id": device_id, "id": "L"}))
            .await;
        assert_eq!(reply, json!({"type": "ack", "id": "L"}));
    }

    /// Asserts that nothing more is on its way. Replies and live data take turns by chance, so one command
    /// whose reply comes next says little, and many say enough.
    pub async fn is_quiet(&mut self) {
        for _ in 0..16 {
            self.is_quiet_once().await;
        }
    }

    async fn is_quiet_once(&mut self) {
        let reply = self
            .ask(json!({"type": "listen_stop", "device_id": 999, "id": "quiet?"}))
            .await;
        assert_eq!(reply, json!({"type": "ack", "id": "quiet?"}));
    }

    /// How it ended.
    pub async fn ended(task: &mut JoinHandle<SocketEnd>) -> SocketEnd {
        let end = tokio::time::timeout(Duration::from_secs(20), task).await;
        end.expect("the socket ends").unwrap()
    }

    pub fn carried(&self) -> Vec<Vec<i64>> {
        self.seen.0.lock().clone()
    }
}

/// A hub's broadcast over UDP.
pub async fn hub(world: &World, broadcast: &Value) {
    let datagram = broadcast.to_string();
    world.streams.hub_broadcast(datagram.as_bytes(), NOW_MS).await.unwrap();
}

pub fn rapid_wind(epoch_s: i64) -> Value {
    json!({"serial_number": "ST-00000011", "type": "rapid_wind", "hub_sn": "HB-00000010", "ob": [epoch_s, 2.3, 128]})
}
