//! Checksummed chunks of an append-only file: each is whole, or it is not there.
//!
//! A chunk is a mark, the length of its payload, a checksum over both, and the payload. Bytes between two
//! chunks, or behind the last one, are passed over: an end that was torn off by a crash, or a piece that the disk lost.

use std::io::{self, Read};

/// Most bytes of a chunk's payload. That much is in memory while a file is read, regardless of its size.
pub const PAYLOAD_BYTES_MAX: usize = 64 * 1024;

/// The first bytes of a chunk. Each file format has its own, so that no reader takes one format for another.
pub type Mark = [u8; 4];

/// Bytes before the payload: the mark, the length, the checksum.
const HEAD_BYTES: usize = 12;

/// Writes a chunk around `payload`, which is at most [`PAYLOAD_BYTES_MAX`] bytes.
pub fn seal(mark: Mark, payload: &[u8], out: &mut Vec<u8>) {
    let length = u32::try_from(payload.len()).unwrap_or(u32::MAX).to_le_bytes();
    out.extend_from_slice(&mark);
    out.extend_from_slice(&length);
    out.extend_from_slice(&checksum(length, payload).to_le_bytes());
    out.extend_from_slice(payload);
}

fn checksum(length: [u8; 4], payload: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&length);
    hasher.update(payload);
    hasher.finalize()
}

/// Reads the chunks of a file, one at a time.
pub struct Chunks<R> {
    from: R,
    mark: Mark,
    buffer: Vec<u8>,
    at: usize,
    ended: bool,
    passed_over: u64,
    damaged_bytes: u64,
}

impl<R: Read> Chunks<R> {
    /// Reads a file from its start.
    pub fn new(from: R, mark: Mark) -> Chunks<R> {
        Chunks {
            from,
            mark,
            buffer: Vec::new(),
            at: 0,
            ended: false,
            passed_over: 0,
            damaged_bytes: 0,
        }
    }

    /// Reads the payload of the next chunk; `None` at the end.
    ///
    /// # Errors
    /// The system's error for the file.
    pub fn read(&mut self) -> io::Result<Option<&[u8]>> {
        loop {
            self.fill()?;
            if self.at >= self.buffer.len() {
                return Ok(None);
            }
            if let Some(length) = whole(&self.buffer[self.at..], self.mark) {
                // A chunk stands behind the gap, so the gap is no torn end.
                self.damaged_bytes += std::mem::take(&mut self.passed_over);
                let begin = self.at + HEAD_BYTES;
                self.at = begin + length;
                return Ok(Some(&self.buffer[begin..begin + length]));
            }
            let rest = &self.buffer[self.at + 1..];
            let on = 1 + rest.iter().position(|byte| *byte == self.mark[0]).unwrap_or(rest.len());
            self.at += on;
            self.passed_over += on as u64;
        }
    }

    /// Counts the bytes before the last chunk read that are no chunk: the file was damaged.
    pub fn damaged_bytes(&self) -> u64 {
        self.damaged_bytes
    }

    /// Counts the bytes behind the last chunk, at the end: a crash tore that chunk off.
    pub fn torn_bytes(&self) -> u64 {
        self.passed_over
    }

    /// Fills the buffer until it holds the largest chunk, or the file's end.
    fn fill(&mut self) -> io::Result<()> {
        let wanted = HEAD_BYTES + PAYLOAD_BYTES_MAX;
        if self.ended || self.buffer.len() - self.at >= wanted {
            return Ok(());
        }
        self.buffer.drain(..self.at);
        self.at = 0;
        let missing = (2 * wanted - self.buffer.len()) as u64;
        let read = self.from.by_ref().take(missing).read_to_end(&mut self.buffer)?;
        self.ended = (read as u64) < missing;
        Ok(())
    }
}

/// Returns the payload's length of the chunk at the beginning, if a whole one stands there.
fn whole(bytes: &[u8], marked: Mark) -> Option<usize> {
    let head = bytes.first_chunk::<HEAD_BYTES>()?;
    let (mark, length, sum) = (&head[..4], &head[4..8], &head[8..]);
    let length: [u8; 4] = length.try_into().ok()?;
    let bytes_held = usize::try_from(u32::from_le_bytes(length)).ok()?;
    if mark != marked || bytes_held > PAYLOAD_BYTES_MAX {
        return None;
    }
    let payload = bytes.get(HEAD_BYTES..HEAD_BYTES + bytes_held)?;
    (checksum(length, payload).to_le_bytes() == sum).then_some(bytes_held)
}

#[cfg(test)]
mod tests;
