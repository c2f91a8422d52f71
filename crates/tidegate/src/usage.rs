//! Usage, from memory to the ledger: written to the log every few milliseconds, shipped every second, kept until
//! it is read again, and compared on request.

mod log_to_ledger;
mod verify;

use std::{
    fs::DirBuilder,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use parking_lot::Mutex;
use tidegate_accounts::{Book, Ledger};
use tidegate_config::sections::usage::OnFailure;
use tidegate_engine::{
    engine::Engine,
    meter::{Log, LogBounds, segment::Segment},
};
use tidegate_staff::program::UsageState;

use log_to_ledger::Shipping;

/// The interval between two writes of the log. With the disk's own time for one it is what a crash may lose.
pub const WRITE_EVERY: Duration = Duration::from_millis(50);

/// The most that a crash loses, where the disk takes no longer than [`WRITE_EVERY`] for a write.
pub const LOSS_MAX: Duration = Duration::from_millis(100);

/// The interval between two shippings into the ledger.
const SHIP_EVERY: Duration = Duration::from_secs(1);

/// Shippings between two of those that callers may cause by asking for their own usage.
const CALLERS_SHIPPINGS_MAX: u32 = 5;

/// The longest wait at the end for sockets that are closing: their relays take no longer.
const END_WAIT_MAX: Duration = Duration::from_secs(6);

/// Bytes of shipped segments that are kept, to be compared with the ledger.
const KEPT_BYTES_MAX: u64 = 64 << 20;

/// The usage log, the ledger and the way between them.
#[derive(Debug)]
pub struct Usage {
    engine: Arc<Engine>,
    folder: PathBuf,
    on_failure: OnFailure,
    kept_bytes_max: u64,
    log: Mutex<Log>,
    ledger: Ledger,
    shipping: tokio::sync::Mutex<Shipping>,
    callers_shippings: AtomicU32,
    state: Mutex<UsageState>,
}

impl Usage {
    /// Opens ledger and log in `folder`. What an earlier run wrote is shipped with what comes.
    ///
    /// # Errors
    /// Fails when the folder or the ledger cannot be opened.
    pub async fn open(folder: &Path, engine: Arc<Engine>, node: u64, on_failure: OnFailure) -> anyhow::Result<Usage> {
        Usage::open_bounded(folder, engine, node, on_failure, LogBounds::default(), KEPT_BYTES_MAX).await
    }

    async fn open_bounded(
        folder: &Path,
        engine: Arc<Engine>,
        node: u64,
        on_failure: OnFailure,
        bounds: LogBounds,
        kept_bytes_max: u64,
    ) -> anyhow::Result<Usage> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .with_context(|| folder.display().to_string())?;
        let path = folder.join("ledger.db");
        let ledger = Ledger::open(&path).await.with_context(|| path.display().to_string())?;
        let entries = ledger.entries(Book::Shipped).await?;
        let folder = folder.join("log");
        let segments = Segment::all(&folder).with_context(|| folder.display().to_string())?;
        // No run has the number of an earlier one, however the clock was set meanwhile.
        let last = segments
            .last()
            .map(|segment| segment.epoch)
            .max(entries.last_epoch(node));
        let now = u64::try_from(engine.clock.now().wall_ms).unwrap_or(0);
        let epoch = now.max(last.map_or(0, |last| last.saturating_add(1)));
        let log = Log::open(&folder, node, epoch, bounds).with_context(|| folder.display().to_string())?;
        Ok(Usage {
            engine,
            folder,
            on_failure,
            kept_bytes_max,
            log: Mutex::new(log),
            ledger,
            shipping: tokio::sync::Mutex::default(),
            callers_shippings: AtomicU32::new(CALLERS_SHIPPINGS_MAX),
            state: Mutex::default(),
        })
    }

    /// Writes the log while there is something to write, until dropped.
    pub async fn keep_writing(self: Arc<Self>) {
        let mut tick = tokio::time::interval(WRITE_EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            self.write().await;
        }
    }

    /// Ships what was written, until dropped.
    pub async fn keep_shipping(self: Arc<Self>) {
        let mut tick = tokio::time::interval(SHIP_EVERY);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            self.callers_shippings.store(CALLERS_SHIPPINGS_MAX, Ordering::Release);
            self.ship().await;
        }
    }

    /// Writes and ships what was used up to now.
    pub async fn settle(self: &Arc<Self>) {
        self.write().await;
        self.ship().await;
    }

    /// Writes and ships for a caller who looks at their own usage: a few times a second, however many look.
    pub async fn settle_for_caller(self: &Arc<Self>) {
        let left = |left: u32| left.checked_sub(1);
        if self
            .callers_shippings
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, left)
            .is_ok()
        {
            self.settle().await;
        }
    }

    /// Ends the recording: all usage is in the ledger when this is done, that of sockets which are still closing too.
    pub async fn end(self: &Arc<Self>) {
        let closing = async {
            let mut tick = tokio::time::interval(WRITE_EVERY / 5);
            while self.engine.usage.open() > 0 {
                tick.tick().await;
            }
        };
        if tokio::time::timeout(END_WAIT_MAX, closing).await.is_err() {
            let open = self.engine.usage.open();
            tracing::warn!(open, "some requests did not end: their usage is not recorded");
        }
        self.settle().await;
        self.ledger.close().await;
    }

    /// The ledger.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The state of the log and of its way into the ledger.
    pub fn state(&self) -> UsageState {
        UsageState {
            log_bytes: self.log.lock().bytes(),
            ..self.state.lock().clone()
        }
    }

    async fn write(self: &Arc<Self>) {
        if self.engine.usage.is_empty() && !self.log.lock().has_pending() {
            return;
        }
        let usage = self.clone();
        if let Err(error) = tokio::task::spawn_blocking(move || usage.write_now()).await {
            tracing::error!(%error, "usage could not be written");
        }
    }

    fn write_now(&self) {
        let mut log = self.log.lock();
        let written = log.write(&self.engine.usage);
        let mut state = self.state.lock();
        match written {
            Ok(_) => {
                if state.write_failures > 0 {
                    tracing::info!(failures = state.write_failures, "usage is written again");
                }
                state.written_at_ms = Some(self.engine.clock.now().wall_ms);
                (state.write_failures, state.write_error) = (0, None);
            }
            Err(error) => {
                state.write_failures += 1;
                // At every doubling: loud at once, and no flood of lines while a disk is full.
                if state.write_failures.is_power_of_two() {
                    let then = match self.on_failure {
                        OnFailure::CountOn => {
                            "it is counted in memory, where a crash would lose it, and the write is retried"
                        }
                        OnFailure::Refuse => "requests are refused until it can be written",
                    };
                    tracing::error!(%error, failures = state.write_failures, "usage cannot be written: {then}");
                }
                state.write_error = Some(error.to_string());
            }
        }
        let refuses = self.on_failure == OnFailure::Refuse && state.write_failures > 0;
        self.engine.usage.set_refusing(refuses);
    }

    fn shipped(&self, shipped: Result<u64, anyhow::Error>) {
        let mut state = self.state.lock();
        match shipped {
            Ok(damaged_bytes) => {
                if state.ship_failures > 0 {
                    tracing::info!(failures = state.ship_failures, "usage is entered into the ledger again");
                }
                state.shipped_at_ms = Some(self.engine.clock.now().wall_ms);
                state.damaged_bytes = damaged_bytes;
                (state.ship_failures, state.ship_error) = (0, None);
            }
            Err(error) => {
                state.ship_failures += 1;
                if state.ship_failures.is_power_of_two() {
                    let error = format!("{error:#}");
                    tracing::error!(
                        error,
                        failures = state.ship_failures,
                        "usage cannot be entered into the ledger: it stays in the log"
                    );
                }
                state.ship_error = Some(format!("{error:#}"));
            }
        }
    }
}

#[cfg(test)]
mod tests;
