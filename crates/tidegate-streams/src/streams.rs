//! The handle the host holds.

use crate::caller::Caller;
use crate::directory::Directory;
use crate::grovestreams::{self, GroveStreams};
use crate::reply::{self, ReplyBody};
use crate::store::{ComponentName, OpenError, Store, StreamName, StreamShape};
use crate::tempest::{self, Accepted, BroadcastError, CallerSource, SocketBounds, SocketEnd, SocketObserver, Tempest};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use serde_json::json;
use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::mpsc;

/// The embedded API: a store, its writer, and the dialects in front of them. Cheap to clone.
#[derive(Clone)]
pub struct Streams {
    inside: Arc<Inside>,
}

struct Inside {
    store: Store,
    directory: Arc<dyn Directory>,
}

impl Streams {
    /// Opens the store's file, creating it when it is missing (SQLite, WAL, every commit synced), and starts
    /// its writer. With `bytes_max` bytes in use it is full: writes are answered 507 until something is deleted, and reads go
    /// on. Must be called within a Tokio runtime.
    pub async fn open(path: &Path, bytes_max: u64, directory: Arc<dyn Directory>) -> Result<Streams, OpenError> {
        let store = Store::open(path, bytes_max).await?;
        Ok(Streams {
            inside: Arc::new(Inside { store, directory }),
        })
    }

    /// Commits what is queued and closes the file. Writes that come later are answered 503.
    pub async fn close(&self) {
        self.inside.store.close().await;
    }

    /// Answers one request. The path is the one the caller used (`/swd/rest/...`, `/api/...`); credentials in
    /// the query are passed over. Every outcome is an answer in the shape of the path's dialect.
    pub async fn call<B>(&self, request: Request<B>, caller: &Caller, now_ms: i64) -> Response<ReplyBody>
    where
        B: Body<Data = Bytes> + Send,
        B::Error: Display,
    {
        let (head, body) = request.into_parts();
        let store = &self.inside.store;
        let path = head.uri.path();
        if path.starts_with("/swd/") {
            let directory = &*self.inside.directory;
            let tempest = Tempest {
                store,
                directory,
                caller,
                now_ms,
            };
            return tempest.answer(&head, body).await;
        }
        if path.starts_with("/api/") {
            let grove = GroveStreams { store, caller, now_ms };
            return grove.answer(&head, body).await;
        }
        let document = json!({"status": 404, "title": "Not Found", "detail": "no API at this path"});
        reply::json(StatusCode::NOT_FOUND, &document)
    }

    /// Takes one UDP datagram of a hub (JSON) and answers once it is committed and told to those who
    /// listen. Types of no use here (hub_status, those of later firmware) are `Ignored`.
    pub async fn hub_broadcast(&self, datagram: &[u8], now_ms: i64) -> Result<Accepted, BroadcastError> {
        let Inside { store, directory } = &*self.inside;
        tempest::hub_broadcast(store, &**directory, datagram, now_ms).await
    }

    /// Holds the conversation of one Tempest socket (`/swd/data`) until it ends: `incoming` are the caller's text
    /// messages, `outgoing` those to the caller, the first of which is `connection_opened`.
    ///
    /// It ends when the host drops its end of a channel (of `outgoing` at once, even when that is full), or when
    /// a bound of abuse is crossed; dropping the future ends it as well. A channel to the caller that is full
    /// delays nobody else: the newest messages of each device are kept, and the caller is told how many were not.
    /// After `caller` changes, devices that are no longer allowed are told to nobody.
    pub async fn tempest_socket(
        &self,
        caller: CallerSource,
        incoming: mpsc::Receiver<String>,
        outgoing: mpsc::Sender<String>,
        bounds: SocketBounds,
        clock: impl Fn() -> i64 + Send + Sync,
        observer: Arc<dyn SocketObserver>,
    ) -> SocketEnd {
        let Inside { store, directory } = &*self.inside;
        let around = tempest::Surroundings {
            store,
            directory: &**directory,
            caller,
            clock,
            observer,
        };
        tempest::run_socket(around, incoming, outgoing, bounds).await
    }

    /// Returns the facts that a host needs to reckon the cost of reading a tenant's stream; `None` when there is no
    /// such stream. An error is a failure of the store.
    pub async fn describe(&self, tenant: &str, stream: StreamName<'_>) -> Result<Option<StreamShape>, sqlx::Error> {
        let store = &self.inside.store;
        let Some(stream) = store.stream(tenant, stream).await? else {
            return Ok(None);
        };
        let first_ms = store.first_sample_ms(&stream).await?;
        Ok(Some(stream.into_shape(first_ms)))
    }

    /// Describes all streams that a GET would read, by its path and query; with the time of each one's first sample
    /// where `firsts` is wanted. `None` where it reads no range of streams, or will be answered with a fault.
    pub async fn describe_read(
        &self,
        caller: &Caller,
        path: &str,
        query: Option<&str>,
        firsts: bool,
    ) -> Option<Vec<StreamShape>> {
        let store = &self.inside.store;
        let grove = GroveStreams {
            store,
            caller,
            now_ms: 0,
        };
        grovestreams::describe(&grove, path, query, firsts).await.ok()
    }

    /// Describes all streams of a component, at most [`crate::STREAMS_PER_COMPONENT_MAX`]; none when there is no such
    /// component.
    pub async fn describe_component(
        &self,
        tenant: &str,
        component: ComponentName<'_>,
    ) -> Result<Vec<StreamShape>, sqlx::Error> {
        let store = &self.inside.store;
        let Some(component) = store.component(tenant, component).await? else {
            return Ok(Vec::new());
        };
        let firsts = store.first_samples_ms(component.id).await?;
        let streams = store.streams_of(component.id).await?.into_iter();
        // Streams are in the order they were made in both: one that came in between has no sample yet.
        let firsts = firsts.into_iter().chain(std::iter::repeat(None));
        Ok(streams
            .zip(firsts)
            .map(|(stream, first_ms)| stream.into_shape(first_ms))
            .collect())
    }
}
