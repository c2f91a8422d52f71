//! A body as large as the platform's page lets through, by the real program, and one byte more
//! (docs/platforms/grovestreams.md G7).

use std::{
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use crate::{
    process::{Server, free_ports},
    recorder::Recorder,
};

/// Bytes of the body, unless `TIDEGATE_BODY_BYTES` says otherwise: an unoptimized build reads some ten MB a second.
/// docs/operate/payload.md has what came of the platform's 200,000,000.
const BYTES: u64 = 20_000_000;

/// How much more memory the program may take for it.
const MEMORY_KIB_MAX: u64 = 8 * 1024;

/// Bytes that are made and sent at once, about.
const CHUNK_BYTES: usize = 60_000;

fn page(upstream: SocketAddr, bytes: u64) -> String {
    format!(
        r#"
        upstream = "http://{upstream}"
        [identity]
        required = false
        [route.feed]
        match = "PUT /api/feed"
        body = "grovestreams"
        [limit.body-size]
        body_bytes = {bytes}
        [limit.string-length]
        string_chars = 255
        [limit.subsecond-samples]
        subsecond = 5
        "#
    )
}

/// A list of samples of a hundred streams, each of a time of its own, that has exactly so many bytes. It is made as it is
/// sent, and nobody holds all of it.
struct Feed {
    left: u64,
    sample: u64,
}

impl Feed {
    fn of(bytes: u64) -> Feed {
        Feed { left: bytes, sample: 0 }
    }
}

impl Iterator for Feed {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        if self.left == 0 {
            return None;
        }
        let mut chunk = String::with_capacity(2 * CHUNK_BYTES);
        while chunk.len() < CHUNK_BYTES {
            let (n, comma) = (self.sample, if self.sample == 0 { "[" } else { "," });
            let (stream, time_ms) = (n % 100, 1_700_000_000_000 + n * 10);
            let sample = format!(
                "{comma}{{\"compId\":\"kitchen\",\"streamId\":\"s{stream}\",\"data\":21.5,\"time\":{time_ms}}}"
            );
            if (chunk.len() + sample.len()) as u64 + 1 > self.left {
                // Spaces say nothing, and make it exact.
                let spaces = self.left as usize - chunk.len() - 1;
                chunk.extend(std::iter::repeat_n(' ', spaces));
                chunk.push(']');
                break;
            }
            chunk.push_str(&sample);
            self.sample += 1;
        }
        self.left -= chunk.len() as u64;
        Some(chunk)
    }
}

/// Puts a list of so many bytes; the first line of the answer.
fn put(address: SocketAddr, bytes: u64, is_declared: bool) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let framing = match is_declared {
        true => format!("Content-Length: {bytes}"),
        false => "Transfer-Encoding: chunked".to_owned(),
    };
    let head = format!("PUT /api/feed HTTP/1.1\r\nHost: gate\r\n{framing}\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    for chunk in Feed::of(bytes) {
        let (begin, end) = match is_declared {
            true => (String::new(), ""),
            false => (format!("{:x}\r\n", chunk.len()), "\r\n"),
        };
        // Who is refused may find the connection closed.
        if stream.write_all(format!("{begin}{chunk}{end}").as_bytes()).is_err() {
            break;
        }
    }
    if !is_declared {
        let _ = stream.write_all(b"0\r\n\r\n");
    }
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    line
}

/// The most memory that a process ever had resident, in KiB.
fn peak_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

// docs/platforms/grovestreams.md G7. fault 55, fault 56
#[test]
fn a_body_of_the_pages_size_passes_in_flat_memory_and_a_byte_more_never_ends_upstream() {
    let told = std::env::var("TIDEGATE_BODY_BYTES").ok();
    let bytes = told.map_or(BYTES, |told| told.parse().unwrap());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (recorder, upstream) = runtime.block_on(Recorder::start());
    let dir = tempfile::tempdir().unwrap();
    let (data, file) = (dir.path().join("data"), dir.path().join("limits.toml"));
    std::fs::write(&file, page(upstream, bytes)).unwrap();
    let arguments = [
        &free_ports(data.to_str().unwrap())[..],
        &["--config", file.to_str().unwrap()],
    ];
    let server = Server::start(&arguments.concat());
    let address = server.address("gateway");
    assert!(put(address, 1_000_000, false).contains(" 200 "));
    assert_eq!(recorder.seen(), (1_000_000, 1));
    let before = peak_kib(server.child.id());
    for is_declared in [true, false] {
        assert!(put(address, bytes, is_declared).contains(" 200 "), "{is_declared}");
        assert_eq!(recorder.seen(), (bytes, 1), "{is_declared}");
    }
    let over = put(address, bytes + 1, true);
    assert!(over.contains(" 413 "), "{over}");
    assert_eq!(recorder.seen(), (0, 0), "what says that it is too large is not begun");
    let over = put(address, bytes + 1, false);
    assert!(over.contains(" 413 "), "{over}");
    let broken = runtime.block_on(async { tokio::time::timeout(Duration::from_secs(10), recorder.breaks_off()).await });
    assert!(broken.is_ok(), "the upstream's connection is closed");
    let (seen, whole) = recorder.seen();
    assert!(seen <= bytes && whole == 0, "{seen} bytes");
    let grown = peak_kib(server.child.id()) - before;
    assert!(grown < MEMORY_KIB_MAX, "{before} KiB before, {grown} KiB more");
    eprintln!("{bytes} bytes: {before} KiB before, {grown} KiB more");
}
