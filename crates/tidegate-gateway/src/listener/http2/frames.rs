//! A second reader of the frames a client sends, which counts those that ask for work and carry nothing.

/// Bytes of a client's preface (RFC 9113 3.4), before its first frame.
const PREFACE_BYTES: u64 = 24;

/// The head of a frame (RFC 9113 4.1).
const HEAD_BYTES: usize = 9;

/// Follows one connection's frames.
#[derive(Debug)]
pub(super) struct Frames {
    /// Bytes that are not looked at: the preface, or the rest of a payload.
    skip: u64,
    head: [u8; HEAD_BYTES],
    head_read: usize,
}

impl Frames {
    pub(super) fn new() -> Frames {
        Frames {
            skip: PREFACE_BYTES,
            head: [0; HEAD_BYTES],
            head_read: 0,
        }
    }

    /// Reads on; how many frames that carry nothing began in these bytes.
    pub(super) fn see(&mut self, mut bytes: &[u8]) -> u32 {
        let mut idle: u32 = 0;
        while !bytes.is_empty() {
            // At most the length of a slice.
            let skipped = self.skip.min(bytes.len() as u64);
            self.skip -= skipped;
            bytes = &bytes[skipped as usize..];
            let part = bytes.len().min(HEAD_BYTES - self.head_read);
            self.head[self.head_read..self.head_read + part].copy_from_slice(&bytes[..part]);
            self.head_read += part;
            bytes = &bytes[part..];
            if self.head_read == HEAD_BYTES {
                self.head_read = 0;
                let [a, b, c, kind, flags, ..] = self.head;
                self.skip = u64::from(u32::from_be_bytes([0, a, b, c]));
                idle = idle.saturating_add(u32::from(is_idle(kind, flags, self.skip)));
            }
        }
        idle
    }
}

/// Frames of which a good client sends few, and each of which costs something. A window's update is none: a client that
/// takes much sends many.
fn is_idle(kind: u8, flags: u8, length: u64) -> bool {
    const DATA: u8 = 0;
    const HEADERS: u8 = 1;
    const SETTINGS: u8 = 4;
    const PUSH_PROMISE: u8 = 5;
    const PING: u8 = 6;
    const GOAWAY: u8 = 7;
    const WINDOW_UPDATE: u8 = 8;
    const CONTINUATION: u8 = 9;
    // END_STREAM of DATA, ACK of SETTINGS and PING.
    let first_flag = flags & 1 == 1;
    match kind {
        DATA => length == 0 && !first_flag,
        SETTINGS | PING => !first_flag,
        CONTINUATION => length == 0,
        HEADERS | PUSH_PROMISE | GOAWAY | WINDOW_UPDATE => false,
        // PRIORITY, RST_STREAM, and what nobody knows.
        _ => true,
    }
}

#[cfg(test)]
mod tests;
