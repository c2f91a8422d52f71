//! The bytes that a sink did not take yet.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll, ready},
};

use super::{frame::head, transport::Transport};

/// Bytes that wait, from within a frame or from the beginning of one. Without any it holds no memory.
#[derive(Debug, Default)]
pub(super) struct WriteBuffer {
    bytes: Vec<u8>,
    written: usize,
    /// The place in `bytes` where the first frame begins; it may lie behind their end.
    first_start: u64,
}

impl WriteBuffer {
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Adds bytes. If they are the first, a frame begins `frame_left_bytes` into them.
    pub(super) fn push(&mut self, bytes: &[u8], frame_left_bytes: u64) {
        if self.bytes.is_empty() {
            self.first_start = frame_left_bytes;
        }
        self.bytes.extend_from_slice(bytes);
    }

    /// Writes what the sink takes. Ready when nothing is left, here or in the sink, for what TLS took may wait in it;
    /// `progress` says that it took something.
    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        sink: &mut impl Transport,
        progress: &mut bool,
    ) -> Poll<io::Result<()>> {
        while self.written < self.bytes.len() {
            let taken = ready!(Pin::new(&mut *sink).poll_write(cx, &self.bytes[self.written..]))?;
            if taken == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            *progress = true;
            self.written += taken;
        }
        if !self.is_empty() {
            self.clear();
        }
        Pin::new(sink).poll_flush(cx)
    }

    /// Throws all away but the rest of the frame that the sink has got a part of. Whether that rest is all here.
    pub(super) fn cut(&mut self) -> bool {
        let start = head::next_start(&self.bytes, self.first_start, self.written);
        let Some(end) = usize::try_from(start).ok().filter(|end| *end <= self.bytes.len()) else {
            return false;
        };
        self.bytes.truncate(end);
        if self.written == end {
            self.clear();
        }
        true
    }

    pub(super) fn clear(&mut self) {
        *self = WriteBuffer::default();
    }
}
