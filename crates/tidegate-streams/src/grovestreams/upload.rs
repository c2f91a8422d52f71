//! Feeds as uploads, read while they stream and told sample by sample to whoever limits them: a list of samples, the
//! document of the advanced API, or a query.

mod names;
mod query;
mod role;
mod sink;

use tidegate_core::payload::upload::{Reader, Stop, Upload, UploadFormat};

use super::limits::ID_CHARS_MAX;
use crate::json::Json;
use query::read_query;
use sink::{Feed, Telling};

/// The format of feeds.
pub(crate) const FEED: &UploadFormat = &UploadFormat {
    name: "grovestreams",
    reader: |now_ms| Box::new(FeedReader::new(now_ms)),
    read_query,
};

/// Most bytes of an id or uid, whose characters have four at most. A longer one is malformed.
const ID_BYTES_MAX: usize = 4 * ID_CHARS_MAX;

/// A reader of one body.
struct FeedReader {
    json: Json,
    feed: Feed,
}

impl FeedReader {
    /// Makes a reader at the beginning of a body. Samples without a time are of `now_ms`.
    fn new(now_ms: i64) -> FeedReader {
        FeedReader {
            json: Json::new(),
            feed: Feed::new(now_ms),
        }
    }
}

impl Reader for FeedReader {
    fn read(&mut self, bytes: &[u8], upload: &mut Upload) -> Result<(), Stop> {
        let FeedReader { json, feed } = self;
        json.read(bytes, &mut Telling { feed, upload })?;
        // The stream's name may come behind its sample: what these bytes say of it was read, and they go no further.
        self.feed.long_string(upload)
    }

    fn end(&mut self, upload: &mut Upload) -> Result<(), Stop> {
        let FeedReader { json, feed } = self;
        json.end(&mut Telling { feed, upload })
    }
}

#[cfg(test)]
mod tests;
