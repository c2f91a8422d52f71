//! Frames of our own.

use super::{TAG_BYTES, head::CONTROL_BYTES_MAX, masking};

/// Most bytes of a Close's reason.
pub const REASON_BYTES_MAX: usize = CONTROL_BYTES_MAX - 2;

/// The mask of our frames to an upstream, where we are the client; `None` to a client.
pub type Mask = Option<[u8; 4]>;

/// A ping that is known again by its answer.
pub fn ping(tag: [u8; TAG_BYTES], mask: Mask) -> Vec<u8> {
    frame(0x89, &tag, mask)
}

/// The answer to a ping.
pub fn pong(payload: &[u8], mask: Mask) -> Vec<u8> {
    frame(0x8a, payload, mask)
}

/// A whole message of text.
pub fn text(message: &str, mask: Mask) -> Vec<u8> {
    frame(0x81, message.as_bytes(), mask)
}

/// A Close. A reason that is too long is cut; without a code there is none.
pub fn close(code: Option<u16>, reason: &str, mask: Mask) -> Vec<u8> {
    let mut payload = Vec::new();
    if let Some(code) = code {
        payload.extend_from_slice(&code.to_be_bytes());
        payload.extend_from_slice(&reason.as_bytes()[..reason.floor_char_boundary(REASON_BYTES_MAX)]);
    }
    frame(0x88, &payload, mask)
}

fn frame(first: u8, payload: &[u8], mask: Mask) -> Vec<u8> {
    let masked = if mask.is_some() { 0x80 } else { 0 };
    let mut frame = Vec::with_capacity(payload.len() + 14);
    frame.push(first);
    match payload.len() {
        // Both fit, as the patterns say.
        length @ 0..=125 => frame.push(masked | length as u8),
        length @ 126..=0xffff => {
            frame.push(masked | 126);
            frame.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            frame.push(masked | 127);
            frame.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(mask.as_ref().map_or(&[][..], |mask| mask));
    let begin = frame.len();
    frame.extend_from_slice(payload);
    masking::apply(mask.unwrap_or_default(), &mut frame[begin..]);
    frame
}
