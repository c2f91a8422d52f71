//! faults 50 and 59: crowds of slow clients, and no files left.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    time::{Duration, Instant},
};

use crate::process::{Server, anns_token, free_ports};

/// No wait for an answer here is longer.
const WAIT_MAX: Duration = Duration::from_secs(60);

/// Clients that are slow together, where the system lets a process have so many files open.
const CROWD: usize = 5_000;

/// Of these, who send a body. Each holds a connection to the API behind, of which there are 256.
const SLOW_BODIES: usize = 100;

/// Of these, who take nothing of an answer. Few, for the kernels hold some of each.
const SLOW_READERS: usize = 10;

/// Clients that connect at the same time.
const SIDE_BY_SIDE: usize = 20;

/// More than the kernels hold of one answer.
const LARGE_BYTES: usize = 24 * 1024 * 1024;

fn connected(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(WAIT_MAX)).unwrap();
    stream
}

/// The status of a request on a connection of its own; `None` where nothing comes in time.
fn status(address: SocketAddr, path: &str, fields: &str, wait_max: Duration) -> Option<u16> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(wait_max)).unwrap();
    status_on(&mut stream, path, fields)
}

fn status_on(stream: &mut TcpStream, path: &str, fields: &str) -> Option<u16> {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {}\r\n{fields}\r\n",
        stream.peer_addr().ok()?
    );
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = [0; 4096];
    let length = stream.read(&mut answer).ok()?;
    String::from_utf8_lossy(&answer[..length]).get(9..12)?.parse().ok()
}

/// Clients that say this and no more. They come side by side, or the first would be gone before the last is there.
fn crowd(address: SocketAddr, clients: usize, say: &str) -> Vec<TcpStream> {
    let some = |clients: usize| {
        let begin = |_| {
            let mut stream = connected(address);
            stream.write_all(say.as_bytes()).unwrap();
            stream
        };
        (0..clients).map(begin).collect::<Vec<_>>()
    };
    std::thread::scope(|scope| {
        let shares = (0..SIDE_BY_SIDE).map(|n| clients / SIDE_BY_SIDE + usize::from(n < clients % SIDE_BY_SIDE));
        let opening: Vec<_> = shares.map(|share| scope.spawn(move || some(share))).collect();
        opening.into_iter().flat_map(|some| some.join().unwrap()).collect()
    })
}

/// All that a client is told until its connection ends.
fn told(stream: &mut TcpStream) -> String {
    let mut told = Vec::new();
    let ended = stream.read_to_end(&mut told);
    let is_late = ended.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock);
    assert!(!is_late, "the connection does not end");
    String::from_utf8_lossy(&told).into_owned()
}

/// An API that waits for the whole of a body, and answers a GET: with much, where it is one of `/large`.
fn api() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            std::thread::spawn(move || answer(stream.unwrap()));
        }
    });
    address
}

fn answer(mut stream: TcpStream) {
    let mut bytes = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut bytes) {
        let head = String::from_utf8_lossy(&bytes[..length]);
        // What comes of a body is never all of it.
        if !head.starts_with("GET") {
            continue;
        }
        let body_bytes = if head.starts_with("GET /large") { LARGE_BYTES } else { 2 };
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {body_bytes}\r\n\r\n");
        if stream.write_all(head.as_bytes()).is_err() || stream.write_all(&vec![b'x'; body_bytes]).is_err() {
            return;
        }
    }
}

/// Files that a server has open, sockets among them.
fn files(server: &Server) -> usize {
    std::fs::read_dir(format!("/proc/{}/fd", server.child.id()))
        .unwrap()
        .count()
}

/// Waits until something is so.
fn until(is_so: impl Fn() -> bool) {
    let looks = WAIT_MAX.as_millis() / LOOK_EVERY.as_millis();
    for _ in 0..looks {
        if is_so() {
            return;
        }
        std::thread::park_timeout(LOOK_EVERY);
    }
    panic!("it is not so in {WAIT_MAX:?}");
}

/// How often a test looks whether what it waits for is so.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Ticks of the processor that a process took, of which there are a hundred a second.
pub fn ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // Behind the name, which ends with a bracket, stand the 3rd field and the rest: the 14th and 15th are wanted.
    let fields: Vec<&str> = stat[stat.rfind(')').unwrap() + 2..].split(' ').collect();
    fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap()
}

// fault 59
#[cfg(target_os = "linux")]
#[test]
fn without_files_nothing_is_accepted_at_no_cost_and_with_them_all_are_served_again() {
    const FILES_MAX: usize = 100;
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let data = data.to_str().unwrap();
    let server = Server::start_with_files(FILES_MAX, &free_ports(data));
    let token = anns_token(data);
    let pid = server.child.id();
    let [gateway, admin] = ["gateway", "admin"].map(|name| server.address(name));
    let credential = format!("Authorization: Bearer {token}\r\n");
    let served = |wait_max| status(gateway, "/limits/me", &credential, wait_max);
    assert_eq!(served(WAIT_MAX), Some(200));
    // Somebody who watches was there before.
    let mut watching = connected(admin);
    assert_eq!(status_on(&mut watching, "/healthz", ""), Some(200));

    let crowd: Vec<TcpStream> = (0..2 * FILES_MAX).map(|_| connected(gateway)).collect();
    until(|| files(&server) >= FILES_MAX);
    let before = ticks(pid);
    assert_eq!(served(Duration::from_secs(2)), None, "there is no file for another one");
    let took = ticks(pid) - before;
    assert!(
        took < 20,
        "{took} of 200 ticks were spent on accepting what cannot be accepted"
    );
    assert_eq!(status_on(&mut watching, "/healthz", ""), Some(200));

    drop(crowd);
    assert_eq!(served(WAIT_MAX), Some(200));
    assert_eq!(status(admin, "/healthz", "", WAIT_MAX), Some(200));
}

#[expect(clippy::disallowed_methods, reason = "how long somebody waits is measured")]
fn now() -> Instant {
    Instant::now()
}

// fault 50
#[cfg(target_os = "linux")]
#[test]
fn five_thousand_slow_clients_stop_nobody_and_are_closed() {
    let files_max = usize::try_from(rlimit::increase_nofile_limit(u64::MAX).unwrap()).unwrap_or(usize::MAX);
    let slow = CROWD.min(files_max / 2);
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let limits = dir.path().join("limits.toml");
    let text = format!(
        r#"
upstream = "http://{}"
unmatched = "all"
[server]
header_timeout_s = 30
body_progress_timeout_s = 30
write_stall_timeout_s = 30
[identity]
sources = ["own"]
read = ["bearer"]
required = false
[route.any]
match = "* /**"
[limit.all]
per = "ip"
rate = "1000000 per minute"
"#,
        api()
    );
    std::fs::write(&limits, text).unwrap();
    let data = data.to_str().unwrap();
    let server = Server::start(&[&free_ports(data)[..], &["--config", limits.to_str().unwrap()]].concat());
    let gateway = server.address("gateway");

    assert_eq!(status(gateway, "/x", "", WAIT_MAX), Some(200));
    let before = files(&server);
    let mut heads = crowd(gateway, slow - SLOW_READERS - SLOW_BODIES, "GET / HTTP/1.1\r\nHos");
    let put = "PUT /x HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\n1";
    let mut bodies = crowd(gateway, SLOW_BODIES, put);
    let mut readers = crowd(gateway, SLOW_READERS, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n");

    until(|| files(&server) >= before + slow);
    // Whoever asks now is served, each in far less than the slow ones are borne.
    let served = (0..20).map(|_| {
        let begun = now();
        assert_eq!(status(gateway, "/x", "", Duration::from_secs(2)), Some(200));
        now() - begun
    });
    let worst = served.max();
    println!("beside {slow} slow clients a new one is served in {worst:?} at worst");
    for head in &mut heads {
        // A byte more is no head, and buys no time; where the gate closed already, it is not taken.
        let _ = head.write_all(b"t");
    }
    for head in &mut heads {
        assert_eq!(told(head), "");
    }
    for body in &mut bodies {
        assert!(told(body).starts_with("HTTP/1.1 408 "));
    }
    // Until the gate gave up whoever does not read: who reads on before that gets the rest.
    until(|| files(&server) <= before + SLOW_READERS / 2);
    for reader in &mut readers {
        assert!(told(reader).len() < LARGE_BYTES, "the answer is cut");
    }
    assert_eq!(status(gateway, "/x", "", Duration::from_secs(2)), Some(200));
}
