//! The shipping of usage from the log into the ledger.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context;
use tidegate_accounts::Book;
use tidegate_core::usage::Batch;
use tidegate_engine::meter::segment::{ReadSummary, Segment};

use super::Usage;

/// The progress of this run through the log. Batches that an earlier run shipped are shipped again, and entered once.
#[derive(Debug, Default)]
pub(super) struct Shipping {
    /// Bytes of each segment that the ledger has.
    read: BTreeMap<Segment, u64>,
    found: ReadSummary,
}

impl Usage {
    /// Ships what the disk has, segment by segment, and lets go of segments that need not be kept.
    pub(super) async fn ship(self: &Arc<Self>) {
        let mut shipping = self.shipping.lock().await;
        let shipped = match self.ship_all(&mut shipping).await {
            Ok(()) => self.retire(&mut shipping).await,
            Err(error) => Err(error),
        };
        self.shipped(shipped.map(|()| shipping.found.damaged_bytes));
    }

    /// Ships every segment; one that cannot be read does not keep the others.
    pub(super) async fn ship_all(self: &Arc<Self>, shipping: &mut Shipping) -> anyhow::Result<()> {
        let mut failed = Ok(());
        for segment in Segment::all(&self.folder)? {
            if let Err(error) = self.ship_segment(shipping, &segment).await {
                failed = Err(error);
            }
        }
        failed
    }

    async fn ship_segment(self: &Arc<Self>, shipping: &mut Shipping, segment: &Segment) -> anyhow::Result<()> {
        let from = shipping.read.get(segment).copied().unwrap_or(0);
        let to = self.log.lock().durable_bytes(segment)?;
        if to <= from {
            return Ok(());
        }
        let (batches, found) = self.read(segment, from, to).await?;
        self.ledger.enter(Book::Shipped, &batches).await.context("ledger.db")?;
        shipping.read.insert(segment.clone(), to);
        shipping.found.add(&found);
        let path = segment.path(&self.folder);
        if found.is_damaged() {
            let (bytes, missing) = (found.damaged_bytes, found.missing);
            tracing::error!(path = %path.display(), bytes, missing, "the usage log is damaged: its readable part is used");
        }
        if found.torn_bytes > 0 {
            let bytes = found.torn_bytes;
            tracing::warn!(path = %path.display(), bytes, "a segment of usage ends in the middle of a write, as after a crash");
        }
        Ok(())
    }

    /// Removes the oldest segments past the bound of what is kept. Each is read again before, into the second book.
    async fn retire(self: &Arc<Self>, shipping: &mut Shipping) -> anyhow::Result<()> {
        for segment in Segment::all(&self.folder)? {
            let (bytes, is_closed, log_bytes) = {
                let log = self.log.lock();
                (log.durable_bytes(&segment)?, log.is_closed(&segment), log.bytes())
            };
            let is_shipped = shipping.read.get(&segment) == Some(&bytes);
            if log_bytes <= self.kept_bytes_max || !is_closed || !is_shipped {
                return Ok(());
            }
            let (batches, _) = self.read(&segment, 0, bytes).await?;
            self.ledger.enter(Book::Retired, &batches).await.context("ledger.db")?;
            self.log.lock().remove(&segment)?;
            shipping.read.remove(&segment);
        }
        Ok(())
    }

    /// Reads a part of a segment, which is a few megabytes at most.
    pub(super) async fn read(
        &self,
        segment: &Segment,
        from: u64,
        to: u64,
    ) -> anyhow::Result<(Vec<Batch>, ReadSummary)> {
        let (segment, folder) = (segment.clone(), self.folder.clone());
        let read = tokio::task::spawn_blocking(move || {
            let mut batches = Vec::new();
            let found = segment.read(&folder, from, to, |batch| batches.push(batch));
            found
                .map(|found| (batches, found))
                .with_context(|| segment.path(&folder).display().to_string())
        });
        read.await?
    }
}
