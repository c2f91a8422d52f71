//! The GroveStreams dialect, its simple feed: `/api/feed` and `/api/comp/{comp}/stream/{stream}/...`.
//!
//! Cycles, rollups, sessions, `asPut` and the advanced reads are not here; their paths are 404.

mod answer;
mod batch;
mod limits;
mod put;
mod read;
mod route;

pub use limits::{SAMPLES_PER_GET_MAX, SAMPLES_PER_PUT_MAX, STREAMS_PER_PUT_MAX};

use crate::caller::Caller;
use crate::fault::Fault;
use crate::query::Query;
use crate::reply::ReplyBody;
use crate::store::Store;
use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response};
use http_body::Body;
use route::Route;
use std::fmt::Display;

/// What every answer of this dialect is made from.
pub(crate) struct GroveStreams<'a> {
    pub(crate) store: &'a Store,
    pub(crate) caller: &'a Caller,
    pub(crate) now_ms: i64,
}

impl GroveStreams<'_> {
    /// Answers one request below `/api/`.
    pub(crate) async fn answer<B>(&self, head: &Parts, body: B) -> Response<ReplyBody>
    where
        B: Body<Data = Bytes> + Send,
        B::Error: Display,
    {
        match self.dispatch(head, body).await {
            Ok(response) => response,
            Err(fault) => answer::fault(&fault),
        }
    }

    async fn dispatch<B>(&self, head: &Parts, body: B) -> Result<Response<ReplyBody>, Fault>
    where
        B: Body<Data = Bytes> + Send,
        B::Error: Display,
    {
        let route = route::route(head.uri.path())?;
        let reads = head.method == Method::GET || head.method == Method::HEAD;
        let query = Query::parse(head.uri.query());
        match route {
            Route::Feed if head.method == Method::PUT => put::answer(self, &query?, body).await,
            Route::StreamFeed(name) if reads => read::feed(self, &name, &query?).await,
            Route::LastValue(name) if reads => read::last_value(self, &name, &query?).await,
            Route::Feed => Err(Fault::wrong_method(&head.method, "PUT")),
            Route::StreamFeed(_) | Route::LastValue(_) => Err(Fault::wrong_method(&head.method, "GET, HEAD")),
        }
    }
}
