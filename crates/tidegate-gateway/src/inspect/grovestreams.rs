//! Feeds as GroveStreams takes them: a list of samples, the document of the advanced API, or a query.

mod names;
mod query;
mod role;
mod sink;

use tidegate_core::payload::upload::Upload;

use super::{
    json::Json,
    reader::{Reader, Stop},
};
pub use query::{RESERVED, read_query};
use sink::{Found, Telling};

/// Most bytes of an id or uid: 512 characters of four bytes, as the platform takes them. A longer one is malformed.
pub const ID_BYTES_MAX: usize = 2_048;

/// A reader of one body.
pub struct GroveStreams {
    json: Json,
    found: Found,
}

impl GroveStreams {
    /// At the beginning of a body. Samples without a time are of `now_ms`.
    pub fn new(now_ms: i64) -> GroveStreams {
        GroveStreams {
            json: Json::new(),
            found: Found::new(now_ms),
        }
    }
}

impl Reader for GroveStreams {
    fn read(&mut self, bytes: &[u8], upload: &mut Upload) -> Result<(), Stop> {
        let GroveStreams { json, found } = self;
        json.read(bytes, &mut Telling { found, upload })?;
        // The stream's name may come behind its sample: what these bytes say of it was read, and they go no further.
        self.found.long_string(upload)
    }

    fn end(&mut self, upload: &mut Upload) -> Result<(), Stop> {
        let GroveStreams { json, found } = self;
        json.end(&mut Telling { found, upload })
    }
}

#[cfg(test)]
mod tests;
