//! The handle the host holds.

use crate::caller::Caller;
use crate::directory::Directory;
use crate::grovestreams::GroveStreams;
use crate::reply::{self, ReplyBody};
use crate::store::{OpenError, Store, StreamShape};
use crate::tempest::{self, Accepted, BroadcastError, Tempest};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::Body;
use serde_json::json;
use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;

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
    /// its writer. Must be called within a Tokio runtime.
    pub async fn open(path: &Path, directory: Arc<dyn Directory>) -> Result<Streams, OpenError> {
        let store = Store::open(path).await?;
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

    /// Takes one UDP datagram of a hub (JSON) and answers once it is committed. Types that are not kept
    /// (rapid_wind, hub_status, those of later firmware) are `Ignored`.
    pub async fn hub_broadcast(&self, datagram: &[u8], now_ms: i64) -> Result<Accepted, BroadcastError> {
        let Inside { store, directory } = &*self.inside;
        tempest::hub_broadcast(store, &**directory, datagram, now_ms).await
    }

    /// What a host needs to reckon the cost of reading a tenant's stream; `None` when there is no such
    /// stream. An error is a failure of the store.
    pub async fn describe(
        &self,
        tenant: &str,
        comp_id: &str,
        stream_id: &str,
    ) -> Result<Option<StreamShape>, sqlx::Error> {
        let store = &self.inside.store;
        let Some(stream) = store.stream(tenant, comp_id, stream_id).await? else {
            return Ok(None);
        };
        Ok(Some(StreamShape {
            kind: stream.kind,
            first_ms: store.first_sample_ms(stream).await?,
        }))
    }
}
