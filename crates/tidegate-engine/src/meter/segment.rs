//! Segments: the files of the log, found and read.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use tidegate_core::usage::{Batch, BatchId};

use super::batch_codec;
use crate::append_log::{Chunks, Mark};

/// The mark of chunks of usage.
pub const MARK: Mark = *b"tgu1";

/// One segment. They are read in the order of their names: by run, then by number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Segment {
    /// The run that wrote it.
    pub epoch: u64,
    /// Its number in that run.
    pub number: u32,
}

/// The result of reading a segment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReadSummary {
    /// Number of whole batches.
    pub batches: u64,
    /// Bytes before whole batches that belong to none: the disk or somebody changed the file.
    pub damaged_bytes: u64,
    /// Bytes at the end that a crash tore off.
    pub torn_bytes: u64,
    /// Number of batches missing between two whole ones, by their numbers.
    pub missing: u64,
}

impl Segment {
    /// Returns the path of its file.
    pub fn path(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{:016x}-{:06}.log", self.epoch, self.number))
    }

    /// Lists the segments of a folder, in order; none when there is no folder.
    ///
    /// # Errors
    /// The system's error for the folder.
    pub fn all(folder: &Path) -> io::Result<Vec<Segment>> {
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut found = Vec::new();
        for entry in entries {
            found.extend(Segment::named(&entry?.file_name().to_string_lossy()));
        }
        found.sort();
        Ok(found)
    }

    fn named(name: &str) -> Option<Segment> {
        let (epoch, number) = name.strip_suffix(".log")?.split_once('-')?;
        Some(Segment {
            epoch: u64::from_str_radix(epoch, 16).ok()?,
            number: number.parse().ok()?,
        })
    }

    /// Returns its size, in bytes.
    ///
    /// # Errors
    /// The system's error for the file.
    pub fn bytes(&self, folder: &Path) -> io::Result<u64> {
        Ok(fs::metadata(self.path(folder))?.len())
    }

    /// Reads the batches between two places, each of which is the beginning of a batch or the end of the file.
    ///
    /// # Errors
    /// The system's error for the file.
    pub fn read(&self, folder: &Path, from: u64, to: u64, mut each: impl FnMut(Batch)) -> io::Result<ReadSummary> {
        let mut file = File::open(self.path(folder))?;
        file.seek(SeekFrom::Start(from))?;
        let mut chunks = Chunks::new(file.take(to.saturating_sub(from)), MARK);
        let mut found = ReadSummary::default();
        let mut last: Option<BatchId> = None;
        while let Some(payload) = chunks.read()? {
            let Some(batch) = batch_codec::read(payload) else {
                found.damaged_bytes += payload.len() as u64;
                continue;
            };
            if let Some(last) = last.filter(|last| last.epoch == batch.id.epoch) {
                found.missing += batch.id.seq.saturating_sub(last.seq + 1);
            }
            last = Some(batch.id);
            found.batches += 1;
            each(batch);
        }
        found.damaged_bytes += chunks.damaged_bytes();
        found.torn_bytes = chunks.torn_bytes();
        Ok(found)
    }
}

impl ReadSummary {
    /// Adds the result of another read.
    pub fn add(&mut self, other: &ReadSummary) {
        self.batches += other.batches;
        self.damaged_bytes += other.damaged_bytes;
        self.torn_bytes += other.torn_bytes;
        self.missing += other.missing;
    }

    /// Returns true when more than a torn end is wrong.
    pub fn is_damaged(&self) -> bool {
        self.damaged_bytes > 0 || self.missing > 0
    }
}
