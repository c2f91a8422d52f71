//! A directory that changes while sockets are open.

use crate::support::*;
use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tidegate_streams::{Device, Directory, DirectoryError, Station, StationScope, Streams};
use tokio::sync::Semaphore;

/// A town whose stations can change, whose archive can be closed, and whose clerk can be kept waiting.
pub struct Changing {
    town: Mutex<Arc<Town>>,
    pub is_closed: AtomicBool,
    /// A question about a station waits for a permit of this.
    pub desk: Semaphore,
}

impl Changing {
    fn now(&self) -> Arc<Town> {
        Arc::clone(&self.town.lock())
    }

    pub fn change(&self, change: impl FnOnce(&mut Vec<Station>)) {
        let mut stations = self.now().stations.clone();
        change(&mut stations);
        *self.town.lock() = Arc::new(Town { stations });
    }
}

impl Directory for Changing {
    fn stations<'a>(&'a self, scope: &'a StationScope) -> BoxFuture<'a, Result<Vec<Station>, DirectoryError>> {
        let town = self.now();
        Box::pin(async move { town.stations(scope).await })
    }

    fn station<'a>(&'a self, id: i64) -> BoxFuture<'a, Result<Option<Station>, DirectoryError>> {
        let town = self.now();
        Box::pin(async move {
            let _turn = self.desk.acquire().await;
            town.station(id).await
        })
    }

    fn device<'a>(&'a self, id: i64) -> BoxFuture<'a, Result<Option<Device>, DirectoryError>> {
        let town = self.now();
        Box::pin(async move {
            if self.is_closed.load(Ordering::SeqCst) {
                return Err(DirectoryError("closed".to_owned()));
            }
            town.device(id).await
        })
    }

    fn device_by_serial<'a>(&'a self, serial: &'a str) -> BoxFuture<'a, Result<Option<Device>, DirectoryError>> {
        let town = self.now();
        Box::pin(async move { town.device_by_serial(serial).await })
    }
}

pub async fn changing() -> (Arc<Changing>, Streams, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let directory = Arc::new(Changing {
        town: Mutex::new(town()),
        is_closed: AtomicBool::new(false),
        desk: Semaphore::new(1),
    });
    let path = folder.path().join("streams.db");
    let streams = Streams::open(&path, u64::MAX, Arc::clone(&directory) as Arc<dyn Directory>).await;
    (directory, streams.unwrap(), folder)
}
