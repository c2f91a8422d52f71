//! The names of components and streams, as far as they are kept.

use std::hash::{BuildHasher, RandomState};

use tidegate_core::payload::upload::LABEL_BYTES_MAX;

/// The names of one thing. The id counts before the uid, as the platform takes it.
#[derive(Clone, Copy, Default)]
pub struct Names {
    pub id: Option<Name>,
    pub uid: Option<Name>,
}

/// Held in place: most names are met many times, and few are shown.
#[derive(Clone, Copy)]
pub struct Name {
    hash: u64,
    label: [u8; LABEL_BYTES_MAX],
    label_bytes: usize,
}

/// The first bytes of a name, whole characters of it.
pub fn clipped(text: &str) -> Box<str> {
    text[..text.floor_char_boundary(LABEL_BYTES_MAX)].into()
}

// === impl Names ===

impl Name {
    /// Of a name that was read to its end.
    pub fn of(hashes: &RandomState, text: &[u8]) -> Name {
        let mut label = [0; LABEL_BYTES_MAX];
        let label_bytes = text.len().min(LABEL_BYTES_MAX);
        label[..label_bytes].copy_from_slice(&text[..label_bytes]);
        Name {
            hash: hashes.hash_one(text),
            label,
            label_bytes,
        }
    }

    /// Whole characters of it.
    pub fn label(&self) -> Box<str> {
        let bytes = &self.label[..self.label_bytes];
        let whole = std::str::from_utf8(bytes).map_or_else(|error| error.valid_up_to(), str::len);
        String::from_utf8_lossy(&bytes[..whole]).into()
    }
}

impl Names {
    pub fn first(&self) -> Option<&Name> {
        self.id.as_ref().or(self.uid.as_ref())
    }

    pub fn hash(&self) -> u64 {
        self.first().map_or(0, |name| name.hash)
    }
}
