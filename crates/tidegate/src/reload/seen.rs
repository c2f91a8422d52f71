//! The content of the files when they were last read, so that only other content is a change.

use std::{fs::File, io::Read, path::PathBuf};

use sha2::{Digest, Sha256};

/// A limits file is no larger, so no more of one is read.
const FILE_BYTES_MAX: u64 = (1 << 20) + 1;

/// The files of a policy and a digest of what they held.
#[derive(Debug)]
pub(super) struct Seen {
    paths: Vec<PathBuf>,
    /// `None` before the first look, and where other files are read than were looked at.
    digest: Option<[u8; 32]>,
}

impl Seen {
    /// Starts with these files, which were not looked at yet.
    pub(super) fn new(paths: Vec<PathBuf>) -> Seen {
        Seen { paths, digest: None }
    }

    pub(super) fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Is true when the files hold other content than at the last look. They are looked at before they are read for
    /// use: what changes in between is a change at the next look, and not missed.
    pub(super) fn look(&mut self) -> bool {
        let now = digest(&self.paths);
        self.digest.replace(now) != Some(now)
    }

    /// Follows these files from now on.
    pub(super) fn follow(&mut self, paths: &[PathBuf]) {
        if self.paths != paths {
            *self = Seen::new(paths.to_vec());
        }
    }
}

fn digest(paths: &[PathBuf]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for path in paths {
        let mut bytes = Vec::new();
        let read = File::open(path).and_then(|file| file.take(FILE_BYTES_MAX).read_to_end(&mut bytes));
        // A file that cannot be read is another content than an empty one.
        hasher.update([u8::from(read.is_ok())]);
        hasher.update((bytes.len() as u64).to_le_bytes());
        hasher.update(&bytes);
    }
    hasher.finalize().into()
}
