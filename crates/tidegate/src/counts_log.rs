//! Counts on disk: what callers used of windows over a minute is written down every few seconds and read at the start.
//!
//! One file, `counts.log`, holds all counts as they once were and then what changed, in chunks that are only ever
//! added. When it has grown to twice its size it is written anew, aside, and renamed. A failure is logged, and the
//! write is retried; it never keeps the gate from starting or from counting.

pub mod record_encoding;
pub mod writer;

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use tidegate_core::time::Now;
use tidegate_engine::{
    append_log::{self, Chunks, Mark, PAYLOAD_BYTES_MAX},
    engine::Engine,
    store::record::Pass,
};

/// The file of counts in a data directory, and how far it is written.
#[derive(Debug)]
pub struct Counts {
    path: PathBuf,
    log: Option<Log>,
}

/// A file that was written whole by this process and is added to since. Without one the next write is a whole one.
#[derive(Debug)]
struct Log {
    file: File,
    /// Bytes of the whole that it begins with.
    whole_bytes: u64,
    bytes: u64,
    /// The lead of the wall clock over the one that only goes forward, in milliseconds.
    offset_ms: i64,
}

/// The findings at the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Records that still count. A cell that was written down twice is in here twice.
    pub records: u64,
    /// Bytes at the end that a crash tore off.
    pub torn_bytes: u64,
    /// The file was damaged before its end, or could not be read: it was kept aside.
    pub damaged: bool,
}

/// The first bytes of a chunk of counts.
const MARK: Mark = *b"tgc1";

/// A log may outgrow what it began with by its size and this much before it is written anew.
const GROWTH_BYTES_MIN: u64 = 1 << 20;

/// A wall clock that moved against the other one by more than this was set, and everything is written anew as of now.
const STEP_MS_MAX: i64 = 1_000;

/// The room in a chunk that is kept for one more record: the largest are those of many sub-keys, or of many stamps.
const RECORD_BYTES_MAX: usize = 17_000;

impl Counts {
    /// Reads what an earlier process wrote into the engine, before anything is asked of it. Whatever is wrong with the
    /// file, what can be read of it counts; a damaged one is kept beside it as `counts.log.damaged`.
    pub fn load(path: &Path, engine: &Engine, now: Now) -> (Counts, Loaded) {
        let mut loaded = Loaded::default();
        let read = match File::open(path) {
            Ok(file) => read(file, engine, now, &mut loaded),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = &read {
            tracing::error!(path = %path.display(), %error, "the counts file could not be read to its end");
            loaded.damaged = true;
        }
        if loaded.damaged {
            let aside = beside(path, "damaged");
            match fs::rename(path, &aside) {
                Ok(()) => tracing::error!(
                    path = %aside.display(),
                    counts = loaded.records,
                    "the counts file is damaged: its readable counts are loaded, and the file is kept here"
                ),
                Err(error) => {
                    tracing::error!(path = %aside.display(), %error, "the damaged counts file could not be set aside")
                }
            }
        } else if loaded.torn_bytes > 0 {
            let bytes = loaded.torn_bytes;
            tracing::warn!(
                bytes,
                "the counts file ends in the middle of a write, as after a crash: that write is lost"
            );
        }
        let path = path.to_owned();
        (Counts { path, log: None }, loaded)
    }

    /// Writes down what changed since the last time, and waits until the disk has it. Returns the bytes written.
    ///
    /// # Errors
    /// Returns the system's error. Nothing that was written before is lost by it; the next write is a whole one.
    pub fn write(&mut self, engine: &Engine, now: Now) -> io::Result<u64> {
        let log = self.log.take();
        let written = match log.filter(|log| log.goes_on(engine, now)) {
            Some(log) => log.append(engine, now),
            None => self.whole(engine, now),
        };
        let (log, bytes) = written?;
        self.log = Some(log);
        Ok(bytes)
    }

    /// Writes the whole aside and renames it, so that a crash leaves the old file or the new one.
    fn whole(&self, engine: &Engine, now: Now) -> io::Result<(Log, u64)> {
        let aside = beside(&self.path, "new");
        let file = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&aside)?;
        let bytes = pour(&file, Pass::Whole, engine, now)?;
        file.sync_all()?;
        fs::rename(&aside, &self.path)?;
        let folder = self.path.parent().unwrap_or(Path::new("."));
        File::open(folder).and_then(|folder| folder.sync_all())?;
        let log = Log {
            file,
            whole_bytes: bytes,
            bytes,
            offset_ms: offset_ms(now),
        };
        Ok((log, bytes))
    }
}

impl Log {
    /// Is true when changes may be appended: not where there is more that is past than counts, where only a whole one
    /// says that something is gone, nor where the wall clock was set, by which earlier records say their times.
    fn goes_on(&self, engine: &Engine, now: Now) -> bool {
        let has_room = self.bytes <= self.whole_bytes.saturating_mul(2).saturating_add(GROWTH_BYTES_MIN);
        has_room && !engine.has_forgotten() && offset_ms(now).abs_diff(self.offset_ms) <= STEP_MS_MAX.unsigned_abs()
    }

    fn append(mut self, engine: &Engine, now: Now) -> io::Result<(Log, u64)> {
        let bytes = pour(&self.file, Pass::Changes, engine, now)?;
        if bytes > 0 {
            self.file.sync_data()?;
            self.bytes += bytes;
        }
        Ok((self, bytes))
    }
}

fn read(file: File, engine: &Engine, now: Now, loaded: &mut Loaded) -> io::Result<()> {
    let mut chunks = Chunks::new(file, MARK);
    let mut unread = false;
    while let Some(mut payload) = chunks.read()? {
        while !payload.is_empty() {
            let Some(record) = record_encoding::read(&mut payload) else {
                unread = true;
                break;
            };
            loaded.records += u64::from(engine.import(record, now));
        }
    }
    loaded.torn_bytes = chunks.torn_bytes();
    loaded.damaged = unread || chunks.damaged_bytes() > 0;
    Ok(())
}

/// Writes the records of a pass in chunks; how many bytes.
fn pour(file: &File, pass: Pass, engine: &Engine, now: Now) -> io::Result<u64> {
    let mut out = BufWriter::new(file);
    let (mut payload, mut sealed, mut bytes) = (Vec::new(), Vec::new(), 0);
    let mut seal = |payload: &mut Vec<u8>| {
        sealed.clear();
        append_log::seal(MARK, payload, &mut sealed);
        payload.clear();
        bytes += sealed.len() as u64;
        out.write_all(&sealed)
    };
    engine.export(pass, now, |records| {
        for record in records {
            record_encoding::write(record, &mut payload);
            if payload.len() + RECORD_BYTES_MAX > PAYLOAD_BYTES_MAX {
                seal(&mut payload)?;
            }
        }
        Ok::<_, io::Error>(())
    })?;
    if !payload.is_empty() {
        seal(&mut payload)?;
    }
    out.flush()?;
    Ok(bytes)
}

fn offset_ms(now: Now) -> i64 {
    now.wall_ms
        .saturating_sub(i64::try_from(now.mono_ns / 1_000_000).unwrap_or(i64::MAX))
}

/// Returns the path with another word behind it.
fn beside(path: &Path, word: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(word);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests;
