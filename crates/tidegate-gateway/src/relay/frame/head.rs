//! The head of one frame.

use super::Violation;

/// Most payload bytes of a control frame.
pub const CONTROL_BYTES_MAX: usize = 125;

/// The kind of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opcode {
    /// The next fragment of a message.
    Continuation,
    /// A message of text, or its first fragment.
    Text,
    /// A message of bytes, or its first fragment.
    Binary,
    /// The sender is done.
    Close,
    /// To be answered by a pong.
    Ping,
    /// Answers a ping, or nothing.
    Pong,
}

/// A head as it stands on the wire, with nothing left to doubt about its own form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The length of the head, in bytes.
    pub bytes: usize,
    /// The last frame of its message.
    pub is_final: bool,
    /// Any of the three reserved bits is set.
    pub reserved: bool,
    /// The kind of the frame.
    pub opcode: Opcode,
    /// The mask of its payload, if there is one.
    pub mask: Option<[u8; 4]>,
    /// The length of the payload behind it, in bytes.
    pub payload_bytes: u64,
}

impl Head {
    /// Reads a head from its first byte on. `None` where it is not whole yet.
    ///
    /// # Errors
    /// Fails with the rule that it breaks, whoever sent it.
    pub fn read(bytes: &[u8]) -> Result<Option<Head>, Violation> {
        let [first, second, rest @ ..] = bytes else {
            return Ok(None);
        };
        let opcode = Opcode::of(first & 0x0f)?;
        let is_final = first & 0x80 != 0;
        let short = second & 0x7f;
        if opcode.is_control() && (!is_final || usize::from(short) > CONTROL_BYTES_MAX) {
            return Err(Violation::Control);
        }
        let Some((payload_bytes, length_bytes)) = length(short, rest)? else {
            return Ok(None);
        };
        let (mask, mask_bytes) = if second & 0x80 == 0 {
            (None, 0)
        } else {
            match rest[length_bytes..].first_chunk::<4>() {
                Some(mask) => (Some(*mask), 4),
                None => return Ok(None),
            }
        };
        Ok(Some(Head {
            bytes: 2 + length_bytes + mask_bytes,
            is_final,
            reserved: first & 0x70 != 0,
            opcode,
            mask,
            payload_bytes,
        }))
    }
}

/// The payload's length, and how many bytes say it besides the short form.
fn length(short: u8, rest: &[u8]) -> Result<Option<(u64, usize)>, Violation> {
    let (length, length_bytes, least) = match short {
        126 => match rest.first_chunk::<2>() {
            Some(bytes) => (u64::from(u16::from_be_bytes(*bytes)), 2, 126),
            None => return Ok(None),
        },
        127 => match rest.first_chunk::<8>() {
            Some(bytes) => (u64::from_be_bytes(*bytes), 8, 0x1_0000),
            None => return Ok(None),
        },
        short => (u64::from(short), 0, 0),
    };
    if length < least || length >= 1 << 63 {
        return Err(Violation::Length);
    }
    Ok(Some((length, length_bytes)))
}

/// The first frame that begins at `at` or after it, where one is known to begin at `first`. What is in `bytes` was
/// checked before, so heads in it are whole; the answer may lie behind its end.
pub fn next_start(bytes: &[u8], first: u64, at: usize) -> u64 {
    let mut start = first;
    while start < at as u64 {
        // Below `at`, so it is an index.
        match bytes.get(start as usize..).map(Head::read) {
            Some(Ok(Some(head))) => start += head.bytes as u64 + head.payload_bytes,
            _ => return u64::MAX,
        }
    }
    start
}

// === impl Opcode ===

impl Opcode {
    fn of(bits: u8) -> Result<Opcode, Violation> {
        match bits {
            0 => Ok(Opcode::Continuation),
            1 => Ok(Opcode::Text),
            2 => Ok(Opcode::Binary),
            8 => Ok(Opcode::Close),
            9 => Ok(Opcode::Ping),
            10 => Ok(Opcode::Pong),
            _ => Err(Violation::Opcode),
        }
    }

    /// Close, ping or pong.
    pub fn is_control(self) -> bool {
        matches!(self, Opcode::Close | Opcode::Ping | Opcode::Pong)
    }
}
