//! The count of frames that carry nothing, of one connection.

use std::sync::Arc;

use parking_lot::Mutex;
use tidegate_engine::engine::Engine;
use tokio::sync::Notify;

use crate::bounds::HTTP2_FLOOD_WINDOW;

/// The count that the socket keeps and the connection waits on.
pub(super) struct Flood {
    frames_max: u32,
    engine: Arc<Engine>,
    count: Mutex<Count>,
    risen: Notify,
}

#[derive(Debug, Default)]
struct Count {
    since_ns: u64,
    frames: u32,
}

impl Flood {
    pub(super) fn new(frames_max: u32, engine: Arc<Engine>) -> Flood {
        Flood {
            frames_max,
            engine,
            count: Mutex::default(),
            risen: Notify::new(),
        }
    }

    /// Counts frames that came. Whether they are too many; then nothing more is to be read.
    pub(super) fn count(&self, frames: u32) -> bool {
        if frames == 0 {
            return false;
        }
        let now_ns = self.engine.clock.now().mono_ns;
        let mut count = self.count.lock();
        if u128::from(now_ns.saturating_sub(count.since_ns)) >= HTTP2_FLOOD_WINDOW.as_nanos() {
            *count = Count {
                since_ns: now_ns,
                frames: 0,
            };
        }
        count.frames = count.frames.saturating_add(frames);
        let is_flood = count.frames > self.frames_max;
        if is_flood {
            self.risen.notify_one();
        }
        is_flood
    }

    /// Resolves when there are too many.
    pub(super) async fn rises(&self) {
        self.risen.notified().await;
    }
}
