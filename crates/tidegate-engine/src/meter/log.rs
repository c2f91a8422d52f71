//! The log of usage: batches are added at the end of a segment, and the disk has them before they count as written.
//!
//! A batch keeps its number and its content from the first attempt to write it until the disk has it. Anything a failed
//! attempt left behind, a torn end or a whole batch that was reported as failed, is therefore entered once.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use tidegate_core::usage::{BatchId, Entry};

use super::{
    batch_codec,
    segment::{MARK, Segment},
    tally::Tally,
};
use crate::append_log;

/// The bounds of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogBounds {
    /// Bytes after which a segment is closed and the next one begun.
    pub segment_bytes_max: u64,
    /// Bytes of all segments together, past which nothing more is written: its segments are not being shipped and deleted.
    pub log_bytes_max: u64,
}

/// The log that one run writes.
#[derive(Debug)]
pub struct Log {
    folder: PathBuf,
    node: u64,
    epoch: u64,
    bounds: LogBounds,
    /// The number of the last batch.
    seq: u64,
    /// The number of the next segment.
    number: u32,
    current: Option<OpenSegment>,
    /// Batches that the disk does not have yet, sealed.
    pending: Vec<u8>,
    /// Bytes of all segments.
    bytes: u64,
}

#[derive(Debug)]
struct OpenSegment {
    segment: Segment,
    file: File,
    /// Bytes that the disk has.
    bytes: u64,
}

impl Default for LogBounds {
    fn default() -> LogBounds {
        LogBounds {
            segment_bytes_max: 4 << 20,
            log_bytes_max: 1 << 30,
        }
    }
}

impl Log {
    /// Opens the log of a run in this folder, which is created at the first write. No two runs of a node have one `epoch`.
    ///
    /// # Errors
    /// The system's error for the folder.
    pub fn open(folder: &Path, node: u64, epoch: u64, bounds: LogBounds) -> io::Result<Log> {
        let mut bytes = 0;
        for segment in Segment::all(folder)? {
            bytes += segment.bytes(folder)?;
        }
        Ok(Log {
            folder: folder.to_owned(),
            node,
            epoch,
            bounds,
            seq: 0,
            number: 1,
            current: None,
            pending: Vec::new(),
            bytes,
        })
    }

    /// Writes the usage since the last time, and waits until the disk has it; returns the number of bytes. While an earlier write
    /// has not succeeded nothing more is taken from the tally, which adds it up.
    ///
    /// # Errors
    /// The system's error, or `StorageFull` when the log is full. Nothing is lost by it; the next call tries again.
    pub fn write(&mut self, tally: &Tally) -> io::Result<u64> {
        let before = self.flush()?;
        self.seal(&tally.take());
        Ok(before + self.flush()?)
    }

    /// Returns true when there is something to write.
    pub fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    /// Returns how many bytes of a segment may be read: those that the disk has.
    ///
    /// # Errors
    /// The system's error for the file.
    pub fn durable_bytes(&self, segment: &Segment) -> io::Result<u64> {
        match &self.current {
            Some(current) if current.segment == *segment => Ok(current.bytes),
            _ => segment.bytes(&self.folder),
        }
    }

    /// Returns true when nothing more is written to a segment.
    pub fn is_closed(&self, segment: &Segment) -> bool {
        self.current.as_ref().is_none_or(|current| current.segment != *segment)
    }

    /// Returns the bytes of all segments.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Deletes a segment that is closed and no longer needed.
    ///
    /// # Errors
    /// The system's error for the file.
    pub fn remove(&mut self, segment: &Segment) -> io::Result<()> {
        let bytes = segment.bytes(&self.folder)?;
        fs::remove_file(segment.path(&self.folder))?;
        self.bytes = self.bytes.saturating_sub(bytes);
        Ok(())
    }

    fn seal(&mut self, mut entries: &[Entry]) {
        let mut payload = Vec::new();
        while !entries.is_empty() {
            self.seq += 1;
            let id = BatchId {
                node: self.node,
                epoch: self.epoch,
                seq: self.seq,
            };
            payload.clear();
            let written = batch_codec::write(id, entries, &mut payload);
            entries = &entries[written..];
            append_log::seal(MARK, &payload, &mut self.pending);
        }
    }

    fn flush(&mut self) -> io::Result<u64> {
        if self.pending.is_empty() {
            return Ok(0);
        }
        if self.bytes >= self.bounds.log_bytes_max {
            return Err(io::Error::new(
                io::ErrorKind::StorageFull,
                "the log of usage is full, because the ledger does not take its batches",
            ));
        }
        let mut current = match self.current.take() {
            Some(current) => current,
            None => self.next_segment()?,
        };
        let written = current
            .file
            .write_all(&self.pending)
            .and_then(|()| current.file.sync_data());
        if let Err(error) = written {
            self.abandon(current);
            return Err(error);
        }
        let bytes = self.pending.len() as u64;
        self.pending.clear();
        current.bytes += bytes;
        self.bytes += bytes;
        if current.bytes < self.bounds.segment_bytes_max {
            self.current = Some(current);
        }
        Ok(bytes)
    }

    fn next_segment(&mut self) -> io::Result<OpenSegment> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let segment = Segment {
            epoch: self.epoch,
            number: self.number,
        };
        let file = OpenOptions::new()
            .create_new(true)
            .append(true)
            .mode(0o600)
            .open(segment.path(&self.folder))?;
        self.number += 1;
        let current = OpenSegment {
            segment,
            file,
            bytes: 0,
        };
        // A segment whose name the disk does not have is gone after a power cut, with its content.
        match File::open(&self.folder).and_then(|folder| folder.sync_all()) {
            Ok(()) => Ok(current),
            Err(error) => {
                self.abandon(current);
                Err(error)
            }
        }
    }

    /// Cuts off the bytes that a failed write left, or removes the segment when it held nothing before. If that fails too
    /// they stay: a torn end is passed over, and a whole batch is written again with its number.
    fn abandon(&mut self, current: OpenSegment) {
        if current.bytes == 0 {
            let _ = fs::remove_file(current.segment.path(&self.folder));
        } else {
            let _ = current.file.set_len(current.bytes);
        }
    }
}

#[cfg(test)]
mod tests;
