//! Checks one direction's bytes frame by frame (RFC 6455), without keeping or changing any.
//!
//! The caller gives what it has, from where the last step ended, and is told how far a step reaches and what it is.
//! A head is judged when it is whole, and a control frame as well: until then the answer is [`Step::More`], and the
//! caller keeps what it has, at most [`KEPT_BYTES_MAX`]. So nothing of a frame that is refused by its head was ever
//! passed on, and own frames find their gaps: they go between frames, never into one.

pub mod head;
pub mod masking;
pub mod write;

use head::{Head, Opcode};
use masking::Utf8;

/// The most bytes a caller keeps on [`Step::More`]: a control frame of 125 bytes with mask, less one byte.
pub const KEPT_BYTES_MAX: usize = 130;

/// Bytes of the payload that marks our own pings, and so the pongs to them.
pub const TAG_BYTES: usize = 8;

/// One of the two ends of a relayed connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// The side that asked for the socket.
    Client,
    /// The side that serves it, remote or inside.
    Upstream,
}

/// The rules for one direction's frames.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameRules {
    /// Most payload bytes of a message, over all its fragments; more are 1009. With extensions it bounds bytes on the wire.
    pub message_bytes_max: u64,
    /// Most fragments of a message; more are 1009.
    pub message_frames_max: u32,
    /// Text is checked to be UTF-8; what is not is 1007. With extensions, only text without reserved bits is.
    pub check_text: bool,
    /// Extensions were let through at the handshake, so reserved bits may be set on data frames.
    pub extensions: bool,
}

/// The reason why a direction was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum Violation {
    /// A reserved bit without an extension, or on a control frame.
    #[error("a reserved bit is set")]
    Reserved,
    /// An opcode nobody knows.
    #[error("an unknown opcode")]
    Opcode,
    /// A client's frame without mask, or an upstream's with one.
    #[error("a frame is masked from the wrong side, or not from the right one")]
    Mask,
    /// A length that is not in its shortest form, or of 2^63 and more.
    #[error("a length is not written as it must be")]
    Length,
    /// A control frame in fragments or of more than 125 bytes.
    #[error("a control frame is too long or in fragments")]
    Control,
    /// A continuation of nothing, or a message within a message.
    #[error("fragments are out of order")]
    Order,
    /// A Close with one byte, or with a code that must not be on the wire.
    #[error("a close frame without a valid code")]
    CloseCode,
    /// Text or the reason of a Close is not UTF-8.
    #[error("text is not UTF-8")]
    NotText,
    /// A message with too many bytes.
    #[error("a message is too large")]
    TooLarge,
    /// A message in too many fragments.
    #[error("a message has too many fragments")]
    TooManyFrames,
}

/// The meaning of the next bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Nothing can be said of them yet; they are asked about again with more behind them.
    More,
    /// A part of a data frame.
    Data(Data),
    /// A whole ping or pong that concerns the other side.
    Control {
        /// Its length, in bytes.
        bytes: usize,
    },
    /// A whole pong to one of our pings: not to be passed on.
    OwnPong {
        /// Its length, in bytes.
        bytes: usize,
    },
    /// A whole Close. Nothing after it means anything.
    Close {
        /// Its length, in bytes.
        bytes: usize,
        /// Its code, if it has one.
        code: Option<u16>,
    },
}

/// A part of a data frame: its head, if it begins here, and what is at hand of its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Data {
    /// Its length, in bytes.
    pub bytes: usize,
    /// Bytes of the head among them.
    pub head_bytes: usize,
    /// Its message is text that can be read: no reserved bit is set.
    pub is_text: bool,
    /// A message begins here.
    pub begins_message: bool,
    /// The frame ends here.
    pub ends_frame: bool,
    /// The message ends here.
    pub ends_message: bool,
    /// The mask at the first byte of the payload; all zero where there is none.
    pub mask: [u8; 4],
}

/// Follows one direction.
#[derive(Debug)]
pub struct Checker {
    from: Side,
    frame: Option<Frame>,
    message: Option<Message>,
    text: Utf8,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    left_bytes: u64,
    mask: [u8; 4],
    ends_message: bool,
}

#[derive(Clone, Copy, Debug)]
struct Message {
    bytes: u64,
    frames: u32,
    is_text: bool,
}

impl Checker {
    /// Makes the checker of a side, before its first byte.
    pub fn new(from: Side) -> Checker {
        Checker {
            from,
            frame: None,
            message: None,
            text: Utf8::default(),
        }
    }

    /// Bytes of the frame that the last step ended in, still to come. 0 between frames.
    pub fn frame_left_bytes(&self) -> u64 {
        self.frame.map_or(0, |frame| frame.left_bytes)
    }

    /// Judges what `bytes` begin with. `own` is the payload of our pings to this side.
    ///
    /// # Errors
    /// The rule that was broken; nothing after it can be read.
    pub fn step(&mut self, rules: &FrameRules, own: [u8; TAG_BYTES], bytes: &[u8]) -> Result<Step, Violation> {
        if bytes.is_empty() {
            return Ok(Step::More);
        }
        if let Some(frame) = self.frame {
            return self.payload(rules, frame, bytes, 0, false).map(Step::Data);
        }
        let Some(head) = Head::read(bytes)? else {
            return Ok(Step::More);
        };
        self.judge(rules, &head)?;
        match head.opcode {
            Opcode::Text | Opcode::Binary | Opcode::Continuation => self.data(rules, &head, bytes).map(Step::Data),
            Opcode::Close | Opcode::Ping | Opcode::Pong => control(&head, own, bytes),
        }
    }

    fn judge(&self, rules: &FrameRules, head: &Head) -> Result<(), Violation> {
        if head.reserved && (!rules.extensions || head.opcode.is_control()) {
            return Err(Violation::Reserved);
        }
        if head.mask.is_some() != (self.from == Side::Client) {
            return Err(Violation::Mask);
        }
        match head.opcode {
            Opcode::Continuation if self.message.is_none() => Err(Violation::Order),
            Opcode::Text | Opcode::Binary if self.message.is_some() => Err(Violation::Order),
            _ => Ok(()),
        }
    }

    fn data(&mut self, rules: &FrameRules, head: &Head, bytes: &[u8]) -> Result<Data, Violation> {
        let begins_message = self.message.is_none();
        let mut message = self.message.unwrap_or(Message {
            bytes: 0,
            frames: 0,
            is_text: head.opcode == Opcode::Text && !head.reserved,
        });
        message.bytes = message.bytes.saturating_add(head.payload_bytes);
        message.frames = message.frames.saturating_add(1);
        if message.bytes > rules.message_bytes_max {
            return Err(Violation::TooLarge);
        }
        if message.frames > rules.message_frames_max {
            return Err(Violation::TooManyFrames);
        }
        self.message = Some(message);
        let frame = Frame {
            left_bytes: head.payload_bytes,
            mask: head.mask.unwrap_or_default(),
            ends_message: head.is_final,
        };
        self.payload(rules, frame, bytes, head.bytes, begins_message)
    }

    /// Takes what is at hand of a frame's payload.
    fn payload(
        &mut self,
        rules: &FrameRules,
        mut frame: Frame,
        bytes: &[u8],
        head_bytes: usize,
        begins_message: bool,
    ) -> Result<Data, Violation> {
        let at_hand = &bytes[head_bytes..];
        let taken = usize::try_from(frame.left_bytes).map_or(at_hand.len(), |left| left.min(at_hand.len()));
        let mask = frame.mask;
        frame.left_bytes -= taken as u64;
        frame.mask.rotate_left(taken % 4);
        let ends_frame = frame.left_bytes == 0;
        let ends_message = ends_frame && frame.ends_message;
        let is_text = self.message.is_some_and(|message| message.is_text);
        if is_text && rules.check_text {
            self.text.take(mask, &at_hand[..taken])?;
            if ends_message {
                self.text.end()?;
            }
        }
        self.frame = (!ends_frame).then_some(frame);
        if ends_message {
            self.message = None;
        }
        Ok(Data {
            bytes: head_bytes + taken,
            head_bytes,
            is_text,
            begins_message,
            ends_frame,
            ends_message,
            mask,
        })
    }
}

/// A control frame, once it is whole. Its payload is at most 125 bytes, as its head was read to say.
fn control(head: &Head, own: [u8; TAG_BYTES], bytes: &[u8]) -> Result<Step, Violation> {
    let length = head.payload_bytes as usize;
    let Some(payload) = bytes[head.bytes..].get(..length) else {
        return Ok(Step::More);
    };
    let mut space = [0; head::CONTROL_BYTES_MAX];
    let payload = masking::unmasked(head.mask.unwrap_or_default(), payload, &mut space);
    let bytes = head.bytes + length;
    match head.opcode {
        Opcode::Close => close_code(payload).map(|code| Step::Close { bytes, code }),
        Opcode::Pong if payload == own => Ok(Step::OwnPong { bytes }),
        _ => Ok(Step::Control { bytes }),
    }
}

fn close_code(payload: &[u8]) -> Result<Option<u16>, Violation> {
    match payload {
        [] => Ok(None),
        [high, low, reason @ ..] => {
            let code = u16::from_be_bytes([*high, *low]);
            if !may_be_sent(code) {
                return Err(Violation::CloseCode);
            }
            std::str::from_utf8(reason).map_err(|_| Violation::NotText)?;
            Ok(Some(code))
        }
        [_] => Err(Violation::CloseCode),
    }
}

/// RFC 6455 7.4 and the registry behind it: 1004, 1005, 1006 and 1015 are never on the wire, 1016 to 2999 are unassigned.
fn may_be_sent(code: u16) -> bool {
    matches!(code, 1000..=1003 | 1007..=1014 | 3000..=4999)
}

// === impl Side ===

impl Side {
    /// The other one.
    pub fn other(self) -> Side {
        match self {
            Side::Client => Side::Upstream,
            Side::Upstream => Side::Client,
        }
    }
}

// === impl Violation ===

impl Violation {
    /// The code of the Close that answers it.
    pub fn code(self) -> u16 {
        match self {
            Violation::NotText => 1007,
            Violation::TooLarge | Violation::TooManyFrames => 1009,
            _ => 1002,
        }
    }
}

// === impl FrameRules ===

impl Default for FrameRules {
    fn default() -> FrameRules {
        FrameRules {
            message_bytes_max: 1024 * 1024,
            message_frames_max: 1024,
            check_text: true,
            extensions: false,
        }
    }
}

#[cfg(test)]
mod tests;
