//! The frame checker beside tungstenite, on the same bytes. The fuzz target uses this file too.

use std::io::{self, Read, Write};

use tidegate_gateway::relay::frame::{Checker, FrameRules, KEPT_BYTES_MAX, Side, Step, Violation};
use tokio_tungstenite::tungstenite::{
    Error, Message, WebSocket,
    protocol::{Role, WebSocketConfig, frame::coding::CloseCode},
};

/// Most bytes of a message, for both.
const MESSAGE_BYTES_MAX: usize = 4096;

/// The payload of our own pings in these tests.
const TAG: [u8; 8] = *b"tidegate";

/// How a stream of bytes ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It may go on.
    Open,
    /// With a valid Close.
    Closed,
    /// It broke a rule.
    Refused,
}

/// What the checker makes of bytes that come in these pieces.
pub fn ours(bytes: &[u8], from: Side, cut: impl Fn(usize) -> usize) -> (Vec<u8>, Ended, Option<Violation>) {
    let rules = FrameRules {
        message_bytes_max: MESSAGE_BYTES_MAX as u64,
        message_frames_max: u32::MAX,
        check_text: true,
        extensions: false,
    };
    let mut checker = Checker::new(from);
    let mut passed = Vec::new();
    let mut kept: Vec<u8> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = (at + cut(at).max(1)).min(bytes.len());
        kept.extend(&bytes[at..end]);
        at = end;
        loop {
            let taken = match checker.step(&rules, TAG, &kept) {
                Ok(Step::More) => break,
                Ok(Step::Data(data)) => {
                    passed.extend(&kept[..data.bytes]);
                    data.bytes
                }
                Ok(Step::Control { bytes }) => {
                    passed.extend(&kept[..bytes]);
                    bytes
                }
                Ok(Step::OwnPong { bytes }) => bytes,
                Ok(Step::Close { bytes, .. }) => {
                    passed.extend(&kept[..bytes]);
                    return (passed, Ended::Closed, None);
                }
                Err(violation) => return (passed, Ended::Refused, Some(violation)),
            };
            assert!(taken > 0, "every step but More takes something");
            kept.drain(..taken);
        }
        assert!(kept.len() <= KEPT_BYTES_MAX, "{} bytes are kept", kept.len());
    }
    (passed, Ended::Open, None)
}

struct Stream<'b>(&'b [u8]);

impl Read for Stream<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.0.read(buf)? {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            read => Ok(read),
        }
    }
}

impl Write for Stream<'_> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What tungstenite makes of them: the messages and control frames that it read, our own pongs apart.
pub fn theirs(bytes: &[u8], from: Side) -> (Vec<Message>, Ended) {
    let role = match from {
        Side::Client => Role::Server,
        Side::Upstream => Role::Client,
    };
    let config = WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_BYTES_MAX))
        .max_frame_size(Some(MESSAGE_BYTES_MAX));
    let mut socket = WebSocket::from_raw_socket(Stream(bytes), role, Some(config));
    let mut messages = Vec::new();
    loop {
        match socket.read() {
            Ok(Message::Pong(payload)) if payload == TAG[..] => {}
            // It reports a code that must not be sent as a Close with one that may.
            Ok(Message::Close(Some(close)))
                if close.code == CloseCode::Protocol && close.reason == "Protocol violation" =>
            {
                return (messages, Ended::Refused);
            }
            Ok(close @ Message::Close(_)) => {
                messages.push(close);
                return (messages, Ended::Closed);
            }
            Ok(message) => messages.push(message),
            Err(Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => return (messages, Ended::Open),
            Err(_) => return (messages, Ended::Refused),
        }
    }
}

/// Both must agree on where a stream ends, and what we pass on must mean what was sent.
pub fn compare(bytes: &[u8], from: Side, cut: impl Fn(usize) -> usize) {
    let (passed, ended, violation) = ours(bytes, from, cut);
    let (messages, expected) = theirs(bytes, from);
    match (ended, expected) {
        (ours, theirs) if ours == theirs => {}
        // We judge a head when it is whole; tungstenite only with its payload.
        (Ended::Refused, Ended::Open) => {}
        // RFC 6455 5.2: the minimal number of bytes; tungstenite reads on, and no control frame needs the longer forms.
        (Ended::Refused, _) if matches!(violation, Some(Violation::Length | Violation::Control)) => {}
        // 1014 is in the registry; tungstenite does not know it.
        (Ended::Closed, Ended::Refused) if ends_with_1014(&passed, from) => return,
        other => panic!("ours and theirs: {other:?}, {violation:?}"),
    }
    let (meant, _) = theirs(&passed, from);
    let read_on = matches!(violation, Some(Violation::Length | Violation::Control));
    if ended == expected && !read_on {
        assert!(meant == messages, "what is passed on means what was sent");
    } else {
        assert!(
            messages.starts_with(&meant),
            "what is passed on is a part of what was sent"
        );
    }
}

fn ends_with_1014(passed: &[u8], from: Side) -> bool {
    let with_code = |code: u16| {
        let mut bytes = passed.to_vec();
        let mask_bytes = if from == Side::Client { 4 } else { 0 };
        // The last frame is the Close: head, mask, code, reason of an unknown length, so each place is tried.
        (0..bytes.len().saturating_sub(3 + mask_bytes)).rev().any(|at| {
            let head_is_here = bytes[at] == 0x88;
            let code_at = at + 2 + mask_bytes;
            let mask = if mask_bytes == 4 {
                [bytes[at + 2], bytes[at + 3]]
            } else {
                [0; 2]
            };
            let here = u16::from_be_bytes([bytes[code_at] ^ mask[0], bytes[code_at + 1] ^ mask[1]]);
            if head_is_here && here == 1014 {
                let [high, low] = code.to_be_bytes();
                (bytes[code_at], bytes[code_at + 1]) = (high ^ mask[0], low ^ mask[1]);
                return theirs(&bytes, from).1 == Ended::Closed;
            }
            false
        })
    };
    with_code(1013)
}

/// One input of the fuzz target: who sends, in pieces of which size, and the bytes.
pub fn judge(input: &[u8]) {
    let [side, piece, bytes @ ..] = input else { return };
    let from = if side & 1 == 0 { Side::Client } else { Side::Upstream };
    compare(bytes, from, |_| usize::from(*piece));
}
