//! A relay under test, between two TCP connections whose far ends the test holds.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tidegate_gateway::relay::{End, RelayHandle, RelayRules, TextHook, relay};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_tungstenite::{WebSocketStream, tungstenite::protocol::Role};

/// Far longer than anything here takes.
pub const LONG: Duration = Duration::from_secs(10);

/// A slot that says whether it was given back.
pub struct Slot(Arc<AtomicBool>);

impl Drop for Slot {
    fn drop(&mut self) {
        assert!(!self.0.swap(true, Ordering::SeqCst), "a slot is given back once");
    }
}

/// A running relay and its surroundings.
pub struct Rig {
    pub client: TcpStream,
    pub upstream: TcpStream,
    pub control: RelayHandle,
    pub ending: JoinHandle<End>,
    freed: Arc<AtomicBool>,
}

pub type Socket = WebSocketStream<TcpStream>;

impl Rig {
    pub async fn new() -> Rig {
        Rig::with(rules()).await
    }

    pub async fn with(rules: RelayRules) -> Rig {
        Rig::watched(rules, None).await
    }

    pub async fn watched(rules: RelayRules, hook: Option<Box<dyn TextHook>>) -> Rig {
        let (client, downstream) = connected().await;
        let (near, upstream) = connected().await;
        let control = RelayHandle::new();
        let freed = Arc::new(AtomicBool::new(false));
        let slot = Slot(freed.clone());
        let ending = tokio::spawn({
            let control = control.clone();
            async move { relay(downstream, near, slot, &rules, control, hook).await }
        });
        Rig {
            client,
            upstream,
            control,
            ending,
            freed,
        }
    }

    pub fn is_free(&self) -> bool {
        self.freed.load(Ordering::SeqCst)
    }

    /// Both ends as WebSockets, and what is left of the rig.
    pub async fn sockets(self) -> (Socket, Socket, Rest) {
        let rest = Rest {
            ending: self.ending,
            freed: self.freed,
        };
        let client = WebSocketStream::from_raw_socket(self.client, Role::Client, None).await;
        let upstream = WebSocketStream::from_raw_socket(self.upstream, Role::Server, None).await;
        (client, upstream, rest)
    }

    pub async fn end(self) -> End {
        soon(self.ending).await.expect("the relay ends well")
    }
}

pub struct Rest {
    ending: JoinHandle<End>,
    freed: Arc<AtomicBool>,
}

impl Rest {
    pub fn is_free(&self) -> bool {
        self.freed.load(Ordering::SeqCst)
    }

    pub async fn end(self) -> End {
        soon(self.ending).await.expect("the relay ends well")
    }
}

/// Rules whose times a test can wait for.
pub fn rules() -> RelayRules {
    RelayRules {
        ping_interval: LONG,
        close_timeout: Duration::from_secs(1),
        ..RelayRules::default()
    }
}

/// Two ends of one connection.
pub async fn connected() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (near, far) = tokio::join!(TcpStream::connect(address), listener.accept());
    let (near, (far, _)) = (near.unwrap(), far.unwrap());
    near.set_nodelay(true).unwrap();
    far.set_nodelay(true).unwrap();
    (near, far)
}

pub async fn soon<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(LONG, work)
        .await
        .expect("it is done in ten seconds")
}

/// The next bytes, exactly as many.
pub async fn read(stream: &mut TcpStream, bytes: usize) -> Vec<u8> {
    let mut read = vec![0; bytes];
    soon(stream.read_exact(&mut read)).await.expect("as many bytes come");
    read
}

/// All bytes until the end of the stream, or until it is reset.
pub async fn read_all(stream: &mut TcpStream) -> Vec<u8> {
    let mut read = Vec::new();
    let _ = soon(stream.read_to_end(&mut read)).await;
    read
}

pub async fn write(stream: &mut TcpStream, bytes: &[u8]) {
    soon(stream.write_all(bytes)).await.expect("the bytes are taken");
}

/// One frame as bytes: masked with this mask, or not at all.
pub fn frame(first: u8, payload: &[u8], mask: Option<[u8; 4]>) -> Vec<u8> {
    let masked = if mask.is_some() { 0x80 } else { 0 };
    let mut frame = vec![first];
    match payload.len() {
        length @ 0..=125 => frame.push(masked | length as u8),
        length @ 126..=0xffff => {
            frame.push(masked | 126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(masked | 127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend(mask.iter().flatten());
    match mask {
        // A mask of zeros changes nothing; what is large is sent with one.
        None | Some([0, 0, 0, 0]) => frame.extend_from_slice(payload),
        Some(key) => frame.extend(payload.iter().zip(key.iter().cycle()).map(|(byte, key)| byte ^ key)),
    }
    frame
}

/// A client's frame.
pub fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    frame(first, payload, Some([0xa5, 0x01, 0xfe, 0x7c]))
}

/// An upstream's frame.
pub fn plain(first: u8, payload: &[u8]) -> Vec<u8> {
    frame(first, payload, None)
}

/// A Close's payload.
pub fn code(code: u16) -> Vec<u8> {
    code.to_be_bytes().to_vec()
}

/// One whole frame off the wire, with its mask taken off: its first byte and its payload.
pub async fn read_frame(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let head = read(stream, 2).await;
    let length = match head[1] & 0x7f {
        126 => usize::from(u16::from_be_bytes(read(stream, 2).await.try_into().unwrap())),
        127 => u64::from_be_bytes(read(stream, 8).await.try_into().unwrap()) as usize,
        short => usize::from(short),
    };
    let mask = if head[1] & 0x80 == 0 {
        vec![0; 4]
    } else {
        read(stream, 4).await
    };
    let payload = read(stream, length).await;
    let payload = payload.iter().zip(mask.iter().cycle()).map(|(byte, key)| byte ^ key);
    (head[0], payload.collect())
}

/// Lets real time pass: what these tests watch are timers of sockets, which no manual clock moves.
#[expect(clippy::disallowed_methods, reason = "the relay's timers run on the runtime's clock")]
pub async fn pause(wait: Duration) {
    tokio::time::sleep(wait).await;
}

/// The runtime's clock, to measure a wait.
#[expect(clippy::disallowed_methods, reason = "the relay's timers run on the runtime's clock")]
pub fn begun() -> tokio::time::Instant {
    tokio::time::Instant::now()
}
