//! The bytes at hand of one read, as far as they were walked.

/// The part of the bytes at hand that is to be passed and was not yet.
pub(super) struct ReadSpan<'b> {
    pub(super) bytes: &'b [u8],
    pub(super) start: usize,
    pub(super) at: usize,
    /// Bytes at its start that belong to a frame which began before it.
    pub(super) frame_left_bytes: u64,
}

// === impl ReadSpan ===

impl<'b> ReadSpan<'b> {
    pub(super) fn new(bytes: &'b [u8], frame_left_bytes: u64) -> ReadSpan<'b> {
        ReadSpan {
            bytes,
            start: 0,
            at: 0,
            frame_left_bytes,
        }
    }

    pub(super) fn rest(&self) -> &'b [u8] {
        &self.bytes[self.at..]
    }
}
