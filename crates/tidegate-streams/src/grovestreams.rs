//! The GroveStreams dialect: its simple API below `/api/feed` and `/api/comp/`, which names things by the ids that
//! their owners chose, and of its advanced one feeds, components and cycles, which it names by uid.
//!
//! Rollups by cycle and files are not here, and logins are the host's; their paths are 404.

mod advanced_api;
mod answer;
mod batch;
mod definitions;
mod describe;
mod limits;
mod points;
mod put;
mod read;
mod refusal;
mod route;
mod select;
mod upload;

pub(crate) use describe::describe;
pub use limits::{SAMPLES_PER_GET_MAX, SAMPLES_PER_PUT_MAX, STREAMS_PER_PUT_MAX};

use crate::body::{self, FEED_BODY_BYTES_MAX};
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
use tidegate_core::platform::Platform;

/// Parameters of a feed in the query that are no streams: credentials, and what says where and when.
const PARAMETERS_RESERVED: [&str; 10] = [
    "api_key",
    "token",
    "session",
    "rsession",
    "org",
    "compId",
    "compName",
    "compTmplId",
    "time",
    "asPut",
];

/// The platform in the list of platforms.
pub(crate) const PLATFORM: Platform = Platform {
    name: "grovestreams",
    dialect: refusal::DIALECT,
    uploads: &[upload::FEED],
    resources: &[],
};

/// The parts that every answer of this dialect is made from.
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
        let query = Query::parse(head.uri.query())?;
        match (act(&head.method, &route, &query), route) {
            (Act::Put, Route::Feed) => put::answer(self, &query, read_body(head, body).await?).await,
            (Act::Get, Route::Feed) => advanced_api::read(self, select::named(self, &query).await?, &query).await,
            (Act::Delete, Route::Feed) => advanced_api::delete(self, select::named(self, &query).await?, &query).await,
            (Act::Get, Route::CompFeed(comp)) => read::component_feed(self, &comp, &query).await,
            (Act::Get, Route::CompLastValue(comp)) => read::component_last_value(self, &comp, &query).await,
            (Act::Get, Route::StreamFeed(ids)) => read::feed(self, &ids, &query).await,
            (Act::Get, Route::LastValue(ids)) => read::last_value(self, &ids, &query).await,
            (Act::Get, Route::CompProperty(comp)) => definitions::property(self, &comp).await,
            (Act::Post, Route::CompProperty(comp)) => definitions::set_property(self, &comp, &query).await,
            (act, route) => self.dispatch_advanced(act, route, head, &query, body).await,
        }
    }

    async fn dispatch_advanced<B>(
        &self,
        act: Act,
        route: Route,
        head: &Parts,
        query: &Query,
        body: B,
    ) -> Result<Response<ReplyBody>, Fault>
    where
        B: Body<Data = Bytes> + Send,
        B::Error: Display,
    {
        match (act, route) {
            (Act::Get, Route::ComponentFeed(uid)) => {
                advanced_api::read(self, select::of_component(self, &uid).await?, query).await
            }
            (Act::Delete, Route::ComponentFeed(uid)) => {
                advanced_api::delete(self, select::of_component(self, &uid).await?, query).await
            }
            (Act::Get, Route::ComponentStreamFeed { component, stream }) => {
                advanced_api::read(self, select::one(self, &component, &stream).await?, query).await
            }
            (Act::Delete, Route::ComponentStreamFeed { component, stream }) => {
                advanced_api::delete(self, select::one(self, &component, &stream).await?, query).await
            }
            (Act::Get, Route::Components) => definitions::components(self, query).await,
            (Act::Get, Route::Component(uid)) => definitions::component(self, &uid).await,
            (Act::Delete, Route::Component(uid)) => definitions::delete_component(self, &uid).await,
            (Act::Put | Act::Post, Route::Components) => {
                definitions::define_component(self, None, &read_body(head, body).await?).await
            }
            (Act::Put | Act::Post, Route::Component(uid)) => {
                definitions::define_component(self, Some(&uid), &read_body(head, body).await?).await
            }
            (Act::Get, Route::Cycles) => definitions::cycles(self).await,
            (Act::Get, Route::Cycle(uid)) => definitions::cycle(self, &uid).await,
            (Act::Put | Act::Post, Route::Cycles) => {
                definitions::define_cycle(self, &read_body(head, body).await?).await
            }
            (_, route) => Err(Fault::wrong_method(&head.method, route.methods())),
        }
    }
}

/// The action of a request, which is not always the one its method says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    Get,
    Put,
    Post,
    Delete,
    Other,
}

/// On the feed, the flag `asPut` makes any method a PUT: some devices cannot send one.
fn act(method: &Method, route: &Route, query: &Query) -> Act {
    match *method {
        _ if *route == Route::Feed && query.get("asPut").is_some() => Act::Put,
        Method::GET | Method::HEAD => Act::Get,
        Method::PUT => Act::Put,
        Method::POST => Act::Post,
        Method::DELETE => Act::Delete,
        _ => Act::Other,
    }
}

async fn read_body<B>(head: &Parts, body: B) -> Result<Bytes, Fault>
where
    B: Body<Data = Bytes>,
    B::Error: Display,
{
    Ok(body::read_decoded(&head.headers, body, FEED_BODY_BYTES_MAX).await?)
}
