//! A client of HTTP/2 that writes frames by hand, also such as no good client writes.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::client::WAIT_MAX;

pub const DATA: u8 = 0;
pub const HEADERS: u8 = 1;
pub const RST_STREAM: u8 = 3;
pub const SETTINGS: u8 = 4;
pub const PING: u8 = 6;
pub const GOAWAY: u8 = 7;
pub const WINDOW_UPDATE: u8 = 8;
pub const CONTINUATION: u8 = 9;

pub const END_STREAM: u8 = 1;
pub const END_HEADERS: u8 = 4;

pub struct Frames {
    stream: TcpStream,
}

#[derive(Debug)]
pub struct Frame {
    pub kind: u8,
    pub payload: Vec<u8>,
}

/// A frame's bytes.
pub fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut bytes = vec![length[1], length[2], length[3], kind, flags];
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

/// A block of fields, each literal and without an index (RFC 7541 6.2.2).
pub fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, value) in fields {
        bytes.push(0);
        for text in [name, value] {
            length(text.len(), &mut bytes);
            bytes.extend(text.as_bytes());
        }
    }
    bytes
}

/// A length of seven bits and more (RFC 7541 5.1).
fn length(length: usize, bytes: &mut Vec<u8>) {
    if length < 127 {
        bytes.push(length as u8);
        return;
    }
    bytes.push(127);
    let mut rest = length - 127;
    while rest >= 128 {
        bytes.push((rest % 128) as u8 + 128);
        rest /= 128;
    }
    bytes.push(rest as u8);
}

/// The fields of a GET with a valid credential, and more.
pub fn get<'f>(path: &'f str, more: &[(&'f str, &'f str)]) -> Vec<u8> {
    let usual = [
        (":method", "GET"),
        (":scheme", "http"),
        (":authority", "gate"),
        (":path", path),
        ("authorization", "Bearer ann"),
    ];
    block(&[&usual[..], more].concat())
}

/// A GET as one frame on a stream.
pub fn ask(stream: u32, path: &str) -> Vec<u8> {
    frame(HEADERS, END_HEADERS | END_STREAM, stream, &get(path, &[]))
}

impl Frames {
    /// With the preface and empty settings sent.
    pub async fn connect(address: SocketAddr) -> Frames {
        let mut frames = Frames {
            stream: TcpStream::connect(address).await.unwrap(),
        };
        frames.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
        frames.send(&frame(SETTINGS, 0, 0, b"")).await;
        frames
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        assert!(self.try_send(bytes).await, "the other side takes nothing more");
    }

    /// Whether the other side still takes bytes.
    pub async fn try_send(&mut self, bytes: &[u8]) -> bool {
        self.stream.write_all(bytes).await.is_ok()
    }

    /// The next frame; `None` when the other side closed.
    pub async fn next(&mut self) -> Option<Frame> {
        let reading = async {
            let mut head = [0; 9];
            self.stream.read_exact(&mut head).await.ok()?;
            let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
            self.stream.read_exact(&mut payload).await.ok()?;
            Some(Frame { kind: head[3], payload })
        };
        tokio::time::timeout(WAIT_MAX, reading).await.expect("a frame in time")
    }

    /// The next frame of a kind; `None` when the other side closes before it.
    pub async fn next_of(&mut self, kind: u8) -> Option<Frame> {
        loop {
            let frame = self.next().await?;
            if frame.kind == kind {
                return Some(frame);
            }
        }
    }

    /// All frames until the other side closes.
    pub async fn rest(&mut self) -> Vec<Frame> {
        let mut frames = Vec::new();
        while let Some(frame) = self.next().await {
            frames.push(frame);
        }
        frames
    }
}

impl Frame {
    /// The error that a GOAWAY or RST_STREAM gives.
    pub fn error(&self) -> u32 {
        let at = if self.kind == GOAWAY { 4 } else { 0 };
        u32::from_be_bytes(self.payload[at..at + 4].try_into().unwrap())
    }

    /// The status that HEADERS begin with: in the static table (RFC 7541 A), or its name there and its value behind it.
    pub fn status(&self) -> u16 {
        match self.payload[0] {
            0x88 => 200,
            0x8b => 304,
            0x8c => 400,
            0x8d => 404,
            0x8e => 500,
            _ => {
                let value = &self.payload[2..];
                let is_huffman = self.payload[1] & 128 != 0;
                let length = usize::from(self.payload[1] & 127);
                if is_huffman {
                    // Digits are five bits 0-2, or six bits from 3 on.
                    digits(&value[..length])
                } else {
                    std::str::from_utf8(&value[..length]).unwrap().parse().unwrap()
                }
            }
        }
    }
}

/// Three digits in the code of RFC 7541 B.
fn digits(bytes: &[u8]) -> u16 {
    let bits: Vec<u8> = bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1))
        .collect();
    let mut at = 0;
    let mut number = 0;
    for _ in 0..3 {
        let take = |count: usize| {
            bits[at..at + count]
                .iter()
                .fold(0_u16, |sum, bit| sum * 2 + u16::from(*bit))
        };
        let digit = if take(5) <= 2 {
            let digit = take(5);
            at += 5;
            digit
        } else {
            let digit = take(6) - 0x19 + 3;
            at += 6;
            digit
        };
        number = number * 10 + digit;
    }
    number
}
