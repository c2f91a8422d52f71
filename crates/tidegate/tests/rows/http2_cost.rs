//! fault 51 and fault 52: what floods over HTTP/2 cost the program, as the system counts it.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use crate::{
    exhaustion::ticks,
    process::{Server, free_ports},
};

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// Streams that are begun and reset.
const RESETS: usize = 100_000;

/// Ticks of the processor, a hundredth of a second each, that they may take: also of a build for tests, which is slower.
const TICKS_MAX: u64 = 100;

/// Attacks on memory, one after the other.
const BOMBS: usize = 50;

/// What they may leave behind, together.
const GROWTH_BYTES_MAX: u64 = 1 << 20;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A field, literal and without an index (RFC 7541 6.2.2); `length` of its value in the prefix form.
fn field(name: &str, value: &str) -> Vec<u8> {
    let length = |length: usize| match length.checked_sub(127) {
        None => vec![length as u8],
        Some(mut rest) => {
            let mut bytes = vec![127];
            while rest >= 128 {
                bytes.push((rest % 128) as u8 | 128);
                rest /= 128;
            }
            bytes.push(rest as u8);
            bytes
        }
    };
    let (name_length, value_length) = (length(name.len()), length(value.len()));
    [&[0][..], &name_length, name.as_bytes(), &value_length, value.as_bytes()].concat()
}

fn request() -> Vec<u8> {
    let fields = [
        (":method", "GET"),
        (":scheme", "http"),
        (":authority", "gate"),
        (":path", "/limits"),
    ];
    fields.iter().flat_map(|(name, value)| field(name, value)).collect()
}

/// A connection that speaks HTTP/2, and whose answers are read as they come and thrown away.
fn connect(gateway: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(gateway).unwrap();
    stream.set_write_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").unwrap();
    stream.write_all(&frame(SETTINGS, 0, 0, b"")).unwrap();
    let mut answers = stream.try_clone().unwrap();
    std::thread::spawn(move || {
        let mut bytes = [0; 16_384];
        while answers.read(&mut bytes).is_ok_and(|length| length > 0) {}
    });
    stream
}

/// Begins streams and resets them until the connection is ended; how many were sent.
fn resets(gateway: SocketAddr) -> usize {
    let mut stream = connect(gateway);
    let request = request();
    for (sent, number) in (1..100_000).step_by(2).enumerate() {
        let mut bytes = frame(HEADERS, END_HEADERS | END_STREAM, number, &request);
        bytes.extend(frame(RST_STREAM, 0, number, &[0, 0, 0, 8]));
        if stream.write_all(&bytes).is_err() {
            return sent;
        }
    }
    panic!("it was never ended");
}

/// Bytes of memory a process holds.
fn resident_bytes(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    1_024 * line.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
}

/// Writes until the connection is ended; at most this often.
fn until_ended(stream: &mut TcpStream, bytes: &[u8], times: usize) -> bool {
    (0..times).any(|_| stream.write_all(bytes).is_err())
}

/// A head without an end.
fn endless(gateway: SocketAddr) {
    let mut stream = connect(gateway);
    stream.write_all(&frame(HEADERS, 0, 1, &request())).unwrap();
    let more = frame(CONTINUATION, 0, 1, &field("x-a", &"a".repeat(10_000)));
    assert!(until_ended(&mut stream, &more, 1_000), "10 MB of one head were taken");
}

/// A field of 3,000 bytes enters the table once and is named a thousand times in a byte each; then again, and again.
fn bomb(gateway: SocketAddr) {
    let mut stream = connect(gateway);
    let mut head = request();
    let mut entry = field("x-a", &"a".repeat(3_000));
    entry[0] = 0x40;
    head.extend(entry);
    head.extend([0xbe; 1_000]);
    for number in (1..21).step_by(2) {
        let bytes = frame(HEADERS, END_HEADERS | END_STREAM, number, &head);
        if stream.write_all(&bytes).is_err() {
            return;
        }
    }
}

// fault 51
#[cfg(target_os = "linux")]
#[test]
fn a_hundred_thousand_resets_cost_less_than_a_second_of_one_core() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let server = Server::start(&free_ports(data.to_str().unwrap()));
    let (gateway, pid) = (server.address("gateway"), server.child.id());
    resets(gateway);
    let before = ticks(pid);
    let mut sent = 0;
    let mut connections = 0;
    while sent < RESETS {
        sent += resets(gateway);
        connections += 1;
    }
    let took = ticks(pid) - before;
    println!("{sent} resets on {connections} connections: {took} ticks");
    assert!(took < TICKS_MAX, "{took} ticks for {sent} resets");
}

// fault 52
#[cfg(target_os = "linux")]
#[test]
fn heads_without_an_end_and_heads_that_grow_leave_no_memory_taken() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let server = Server::start(&free_ports(data.to_str().unwrap()));
    let (gateway, pid) = (server.address("gateway"), server.child.id());
    for attack in [endless, bomb] {
        // What the first ones take, the allocator keeps for those that follow.
        (0..BOMBS).for_each(|_| attack(gateway));
        let before = resident_bytes(pid);
        (0..BOMBS).for_each(|_| attack(gateway));
        let growth = resident_bytes(pid).saturating_sub(before);
        println!("{BOMBS} attacks: {growth} bytes more of {before}");
        assert!(growth < GROWTH_BYTES_MAX, "{growth} bytes more");
    }
}
