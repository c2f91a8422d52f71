//! The stream catalog: answers what is known of the streams that a read asks for, so that its points can be counted
//! before it runs.

use futures_util::future::BoxFuture;
use tidegate_core::{identity::Identity, payload::points::Series};

/// Knows the streams of the API inside. The program joins it to the streams.
pub trait StreamCatalog: Send + Sync + 'static {
    /// Describes the streams that a request would read; `None` where it reads none that is known here. It is asked
    /// before the request runs, so it costs less than the answer.
    fn describe<'a>(&'a self, question: StreamQuestion<'a>) -> BoxFuture<'a, Option<Vec<Series>>> {
        let _ = question;
        Box::pin(std::future::ready(None))
    }
}

/// A catalog that knows no stream.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoStreams;

impl StreamCatalog for NoStreams {}

/// A question about streams.
#[derive(Clone, Copy, Debug)]
pub struct StreamQuestion<'a> {
    /// The caller.
    pub identity: &'a Identity,
    /// The path and the query, which name the streams.
    pub uri: &'a http::Uri,
    /// The request says where its range begins, so that nobody has to look for first samples.
    pub has_start: bool,
}
