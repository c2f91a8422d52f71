//! Maps a limit and its caller to a cell by a keyed hash: no string is kept, and nobody can choose a collision.

use std::hash::{BuildHasherDefault, Hasher};

use siphasher::sip128::{Hasher128, SipHasher13};

/// Names a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellId(pub u128);

/// Hashes partition keys under the installation's secret.
#[derive(Clone)]
pub struct Partitioner {
    key: [u8; 16],
}

/// The parts of one partition key, hashed as they come.
pub struct Parts(SipHasher13);

/// Hashes a [`CellId`] for a map in memory: half of it, as it is a keyed hash already and nobody can choose one.
pub type ByCell = BuildHasherDefault<CellHasher>;

/// See [`ByCell`].
#[derive(Clone, Debug, Default)]
pub struct CellHasher(u64);

impl Hasher for CellHasher {
    fn write_u128(&mut self, id: u128) {
        // The lower half; the upper bits say in which map the cell is.
        self.0 = id as u64;
    }

    /// Nothing but ids comes here.
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Partitioner {
    /// Makes a partitioner with the installation's key; the same key finds the same cells after a restart
    /// (docs/semantics.md rule 14).
    pub fn new(key: [u8; 16]) -> Partitioner {
        Partitioner { key }
    }

    /// Begins a list of parts, for callers that have no list yet.
    pub fn parts(&self) -> Parts {
        Parts(SipHasher13::new_with_key(&self.key))
    }

    /// The cell of these parts. Each part is length-prefixed, so that no two lists of parts read alike.
    pub fn cell<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> CellId {
        CellId(self.hash(parts))
    }

    /// A name of a user or a limit, as tags of cells and decision ids carry it.
    pub fn name(&self, name: &str) -> u64 {
        // The lower half of a keyed hash is a keyed hash.
        (self.hash([b"name".as_slice(), name.as_bytes()]) & u128::from(u64::MAX)) as u64
    }

    fn hash<'a>(&self, parts: impl IntoIterator<Item = &'a [u8]>) -> u128 {
        let mut list = self.parts();
        parts.into_iter().for_each(|part| list.add(part));
        list.cell().0
    }
}

impl Parts {
    /// One more part, prefixed with its length, so that no two lists of parts read alike.
    pub fn add(&mut self, part: &[u8]) {
        self.0.write_u64(part.len() as u64);
        self.0.write(part);
    }

    /// The cell of the parts so far.
    pub fn cell(self) -> CellId {
        CellId(self.0.finish128().as_u128())
    }
}

impl std::fmt::Debug for Partitioner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Partitioner(key redacted)")
    }
}
