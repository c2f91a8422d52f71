//! Parts for unit tests, which link no program.

use tidegate_core::{bounds::Declared, resource::ResourceKind};

use crate::{
    parts::{Parts, UnusableTls},
    vocabulary::Vocabulary,
};

tidegate_core::bounds! {
    /// Bounds of a part that the tests make up, and one that limits on bodies are held against.
    pub struct Bounds {
        /// Counters held in memory.
        cells_max: usize = 1_000_000 in 1_024..=1_000_000_000,
        /// Milliseconds a request waits.
        cache_wait: std::time::Duration = 5_000 in 0..=60_000 as cache_wait_ms,
        /// Bytes of a request's body.
        body_bytes_max: u64 = 200_000_000 in 0..=1_000_000_000_000,
    }
}

/// Parts that find no file good.
pub const PARTS: Parts = Parts {
    bounds: &[Bounds::BOUNDS],
    vocabulary: Vocabulary {
        platforms: tidegate_streams::PLATFORMS,
        kinds: &[
            ResourceKind::new("station", "Station", "No such station or device"),
            ResourceKind::new("device", "Device", "No such station or device"),
        ],
    },
    pages_cookie: "tidegate_token",
    roots: |_| Err("no certificate stands in it".to_owned()),
    usable_keys: |_| Ok(0),
    check_tls: |files| {
        Err(UnusableTls {
            path: files.cert.clone(),
            why: "no certificate stands in it".to_owned(),
            is_pair: false,
        })
    },
};
