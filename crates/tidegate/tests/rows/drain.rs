//! fault 35: a server that many sockets are open at is told to end, and all of them come back at once.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};

use crate::process::{Server, anns_token, free_ports};

/// Sockets that are open together. Each is a file of the server and one of the test.
const SOCKETS: usize = 1_500;

/// New sockets a user may open at once, when all come back.
const CONNECTS: u32 = 300;

/// Within half of this each socket is sent away at a moment of its own.
const DRAIN: Duration = Duration::from_secs(6);

/// Longest wait for what is to come.
const WAIT_MAX: Duration = Duration::from_secs(60);

fn limits(connects: u32) -> String {
    format!(
        r#"
upstream = "embedded:tempest"
unmatched = "all"
[server]
drain_timeout_s = {}
in_flight_max = 10_000
[route.socket]
match = "GET /swd/data"
socket = {{}}
[limit.all]
per = "ip"
who = "anonymous"
rate = "100 per minute"
[limit.sockets]
per = "user"
slots = 10_000
[limit.connects]
on = "socket"
per = "user"
rate = "{connects} per minute"
"#,
        DRAIN.as_secs()
    )
}

/// A socket after its 101, or the status that came in its place.
async fn open(gateway: SocketAddr, token: &str) -> Result<TcpStream, u16> {
    let mut stream = TcpStream::connect(gateway).await.unwrap();
    let ask = format!(
        "GET /swd/data HTTP/1.1\r\nHost: {gateway}\r\nAuthorization: Bearer {token}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.unwrap());
    }
    match String::from_utf8_lossy(&head[9..12]).parse() {
        Ok(101) => Ok(stream),
        Ok(status) => Err(status),
        Err(_) => panic!("{}", head.escape_ascii()),
    }
}

/// The code of the Close that ends a socket; what comes before it is passed over.
async fn close_code(stream: &mut TcpStream) -> u16 {
    loop {
        let [first, length] = [stream.read_u8().await.unwrap(), stream.read_u8().await.unwrap()];
        let length = match length {
            126 => usize::from(stream.read_u16().await.unwrap()),
            short => usize::from(short),
        };
        let mut payload = vec![0; length];
        stream.read_exact(&mut payload).await.unwrap();
        if first & 0x0f == 8 {
            return u16::from_be_bytes([payload[0], payload[1]]);
        }
    }
}

/// All at once; those that opened, and the statuses of those that did not.
async fn open_all(gateway: SocketAddr, token: &str) -> (Vec<TcpStream>, Vec<u16>) {
    let mut opening = JoinSet::new();
    for _ in 0..SOCKETS {
        let token = token.to_owned();
        opening.spawn(async move { open(gateway, &token).await });
    }
    let (mut open, mut refused) = (Vec::new(), Vec::new());
    for answer in opening.join_all().await {
        match answer {
            Ok(stream) => open.push(stream),
            Err(status) => refused.push(status),
        }
    }
    (open, refused)
}

#[expect(clippy::disallowed_methods, reason = "when sockets are closed is measured")]
fn now() -> Instant {
    Instant::now()
}

/// Sends all away, and says when each was told, counted from the signal.
async fn sent_away(server: &Server, sockets: Vec<TcpStream>) -> Vec<Duration> {
    let begun = now();
    server.signal("-TERM");
    let mut ending = JoinSet::new();
    for mut socket in sockets {
        ending.spawn(async move {
            assert_eq!(close_code(&mut socket).await, 1001);
            now() - begun
        });
    }
    tokio::time::timeout(WAIT_MAX, ending.join_all())
        .await
        .expect("each is told to go")
}

// fault 35
#[tokio::test(flavor = "multi_thread")]
async fn many_sockets_are_sent_away_one_by_one_and_come_back_no_faster_than_the_limit() {
    rlimit::increase_nofile_limit(u64::MAX).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let (data, file) = (dir.path().join("data"), dir.path().join("limits.toml"));
    let data = data.to_str().unwrap();
    let arguments = [&free_ports(data)[..], &["--config", file.to_str().unwrap()]].concat();
    std::fs::write(&file, limits(10_000)).unwrap();
    let mut server = Server::start(&arguments);
    let token = anns_token(data);
    let (sockets, refused) = open_all(server.address("gateway"), &token).await;
    assert_eq!(sockets.len(), SOCKETS, "{refused:?}");

    let told = sent_away(&server, sockets).await;
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    let half = DRAIN / 2;
    for part in 0..6 {
        let within = (half / 6 * part)..(half / 6 * (part + 1));
        let together = told.iter().filter(|after| within.contains(*after)).count();
        assert!(
            together < SOCKETS / 2,
            "{together} of {SOCKETS} are told within {within:?}"
        );
    }

    // No slot of the dead is taken, and those who come back together are let in as the limit says.
    std::fs::write(&file, limits(CONNECTS)).unwrap();
    let server = Server::start(&arguments);
    let begun = now();
    let (back, refused) = open_all(server.address("gateway"), &token).await;
    let earned = (now() - begun).as_secs_f64() * f64::from(CONNECTS) / 60.0;
    let most = f64::from(CONNECTS) + earned + 1.0;
    assert!(back.len() >= CONNECTS as usize, "{} came back", back.len());
    assert!((back.len() as f64) <= most, "{} came back, and not {most}", back.len());
    assert!(refused.iter().all(|status| *status == 429), "{refused:?}");
}
