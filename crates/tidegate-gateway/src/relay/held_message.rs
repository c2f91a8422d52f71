//! A message that is held back until the hook decides.

use super::frame::{Data, masking};

/// The beginning of a text that the hook has not decided on.
#[derive(Debug, Default)]
pub(super) struct HeldMessage {
    pub(super) frames: Vec<u8>,
    pub(super) text: Vec<u8>,
}

impl HeldMessage {
    pub(super) fn take(&mut self, data: Data, bytes: &[u8], seen_max: usize) {
        self.frames.extend_from_slice(bytes);
        let payload = &bytes[data.head_bytes..];
        let begin = self.text.len();
        let seen = payload.len().min(seen_max.saturating_sub(begin));
        self.text.extend_from_slice(&payload[..seen]);
        masking::apply(data.mask, &mut self.text[begin..]);
    }
}
