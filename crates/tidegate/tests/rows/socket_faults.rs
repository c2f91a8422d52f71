//! faults 26 to 28, 31: whoever leaves, hangs or breaks off, and whenever, no slot stays taken.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::{gate::Gate, socket::SOON};

/// How an upstream behaves once it has a handshake.
#[derive(Clone, Copy, Debug)]
enum Upstream {
    /// It says nothing.
    Silent,
    /// It says half of a head.
    Half,
    /// It closes.
    Closes,
    /// It grants, and resets.
    GrantsAndResets,
    /// It grants, and sends a frame that is none.
    GrantsAndLies,
    /// It grants and stays.
    Grants,
}

const UPSTREAMS: [Upstream; 6] = [
    Upstream::Silent,
    Upstream::Half,
    Upstream::Closes,
    Upstream::GrantsAndResets,
    Upstream::GrantsAndLies,
    Upstream::Grants,
];

/// The key of RFC 6455 1.3 and its answer.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const GRANT: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

async fn upstream(behaviour: Upstream) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(behave(stream, behaviour));
        }
    });
    address
}

async fn behave(mut stream: TcpStream, behaviour: Upstream) {
    let mut bytes = [0; 4096];
    let _ = stream.read(&mut bytes).await;
    let said: &[u8] = match behaviour {
        Upstream::Silent => b"",
        Upstream::Half => &GRANT[..40],
        Upstream::Closes => return,
        Upstream::GrantsAndResets | Upstream::GrantsAndLies | Upstream::Grants => GRANT,
    };
    let _ = stream.write_all(said).await;
    match behaviour {
        Upstream::GrantsAndResets => return stream.set_zero_linger().unwrap(),
        Upstream::GrantsAndLies => drop(stream.write_all(&[0xff; 64]).await),
        _ => {}
    }
    while stream.read(&mut bytes).await.is_ok_and(|length| length > 0) {}
}

async fn gate_before(behaviour: Upstream) -> (Gate, String) {
    let upstream = upstream(behaviour).await;
    let gate = Gate::of_text(&format!(
        r#"
upstream = "http://{upstream}"
[server]
upstream_timeout_s = 1
[identity]
sources = ["own"]
read = ["bearer"]
required = true
[route.any]
match = "* /**"
socket = {{}}
[limit.websockets-per-user]
who = "known"
per = "user"
slots = 1000
"#
    ))
    .await;
    let token = gate.user("ann");
    (gate, token)
}

fn handshake(token: &str) -> Vec<u8> {
    format!(
        "GET /live HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
    )
    .into_bytes()
}

async fn all_free(gate: &Gate, what: &str) {
    let free = async {
        let mut tick = tokio::time::interval(std::time::Duration::from_millis(5));
        while gate.app.engine.occupancy().leases > 0 || !gate.app.engine.sockets.is_empty() {
            tick.tick().await;
        }
    };
    let freed = tokio::time::timeout(SOON, free).await;
    assert!(
        freed.is_ok(),
        "{what}: {} leases stay",
        gate.app.engine.occupancy().leases
    );
}

// fault 26, fault 28
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_at_any_byte_of_its_handshake_leaves_no_slot_taken() {
    for behaviour in UPSTREAMS {
        let (gate, token) = gate_before(behaviour).await;
        let bytes = handshake(&token);
        for length in 0..=bytes.len() {
            let mut stream = TcpStream::connect(gate.address()).await.unwrap();
            stream.write_all(&bytes[..length]).await.unwrap();
            if length % 2 == 0 {
                stream.set_zero_linger().unwrap();
            }
        }
        all_free(&gate, &format!("{behaviour:?}")).await;
    }
}

// fault 27, fault 31
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_at_any_step_after_its_handshake_leaves_no_slot_taken() {
    for behaviour in UPSTREAMS {
        let (gate, token) = gate_before(behaviour).await;
        let bytes = handshake(&token);
        // Each step lets the other tasks run once more before the client leaves, so that it leaves in every one of them.
        for steps in 0..60 {
            let mut stream = TcpStream::connect(gate.address()).await.unwrap();
            stream.write_all(&bytes).await.unwrap();
            for _ in 0..steps {
                tokio::task::yield_now().await;
            }
            match steps % 3 {
                0 => stream.set_zero_linger().unwrap(),
                1 => drop(stream.write_all(&[0x88, 0x80, 0, 0, 0, 0]).await),
                _ => {}
            }
        }
        all_free(&gate, &format!("{behaviour:?}")).await;
    }
}

// The slots are the truth also after a thousand of these: the count is what is open.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_counted_after_all_of_it_is_what_is_open() {
    let (gate, token) = gate_before(Upstream::Grants).await;
    let bytes = handshake(&token);
    let mut open = Vec::new();
    for n in 0..200 {
        let mut stream = TcpStream::connect(gate.address()).await.unwrap();
        stream.write_all(&bytes).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 101");
        if n % 4 == 0 {
            open.push(stream);
        } else {
            stream.set_zero_linger().unwrap();
        }
    }
    let settled = async {
        let mut tick = tokio::time::interval(std::time::Duration::from_millis(5));
        while gate.app.engine.sockets.len() != open.len() {
            tick.tick().await;
        }
    };
    tokio::time::timeout(SOON, settled).await.expect("settled");
    assert_eq!(gate.app.engine.occupancy().leases, open.len());
}
