//! Samples of what callers used over the last hour, for charts of usage over time. They are kept for the few callers
//! with the most requests, those refused recently, and those whom staff look at.
//!
//! There is no history of every caller. A sample of those few is taken every ten seconds from the counts, outside the
//! path of requests.

use std::{
    collections::{HashSet, VecDeque},
    num::NonZeroUsize,
    sync::Arc,
    time::Duration,
};

use axum::{Json, extract::State};
use lru::LruCache;
use parking_lot::Mutex;
use serde::Serialize;

use super::{Admin, extract::Path, limits, problem::Problem};
use crate::limit_standing::StandingRow;

/// The samples of callers.
#[derive(Debug)]
pub struct LimitHistory {
    callers: Mutex<LruCache<String, Vec<LimitSamples>>>,
}

/// The most callers whose samples are kept; past it, the one sampled longest ago is dropped. With all their limits at
/// their bounds they take 18 MB.
pub const CALLERS_MAX: NonZeroUsize = NonZeroUsize::new(192).unwrap();

/// The most callers of each kind that are sampled in the background: those with the most requests in this quarter of an
/// hour, those with the most in the one before, and those refused last.
pub const FOREMOST_MAX: usize = 32;

/// The most samples of each limit of each caller: an hour at [`SPACING_MS`]. The oldest goes first.
pub const SAMPLES_MAX: usize = 360;

/// The least milliseconds from one sample to the next.
pub const SPACING_MS: i64 = 10_000;

/// The most limits sampled of each caller.
pub const LIMITS_MAX: usize = 32;

/// The age up to which samples are kept, in milliseconds.
pub const SPAN_MS: i64 = SPACING_MS * SAMPLES_MAX as i64;

/// One limit of a caller over time.
#[derive(Debug)]
struct LimitSamples {
    limit: String,
    samples: VecDeque<Sample>,
}

/// One sample: eight bytes, since there are many.
#[derive(Clone, Copy, Debug)]
struct Sample {
    at_s: u32,
    /// Units used, capped at the most that fits.
    used: u32,
}

/// One limit's samples.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TraceRow {
    /// The limit.
    pub limit: String,
    /// The quota now, in units per window, for this caller.
    pub quota: u32,
    /// The samples, oldest first.
    pub points: Vec<TracePoint>,
}

/// The use at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TracePoint {
    /// The time, in Unix milliseconds.
    pub at_ms: i64,
    /// The units used at that time.
    pub used: u64,
}

/// Shows what a caller used of each limit over the last hour, as far as it was sampled. Callers with the most requests,
/// callers refused last and callers asked for here are sampled every ten seconds. This request takes a sample.
#[utoipa::path(get, path = "/users/{name}/trace", tag = "users", params(("name" = String, Path, description = "The caller's name.")), responses(
    (status = 200, description = "One row for each limit whose use is known.", body = Vec<TraceRow>),
    (status = 404, description = "There is no such user.", body = Problem),
))]
pub async fn show(State(admin): State<Arc<Admin>>, Path(name): Path<String>) -> Result<Json<Vec<TraceRow>>, Problem> {
    let Json(standings) = limits::show(State(admin.clone()), Path(name.clone())).await?;
    let now_ms = admin.now_ms();
    admin.traces.sample(&name, &standings, now_ms);
    Ok(Json(admin.traces.rows(&name, &standings)))
}

/// Samples the foremost callers periodically, until dropped.
pub async fn keep_sampling(admin: Arc<Admin>) {
    let mut tick = tokio::time::interval(Duration::from_millis(SPACING_MS.unsigned_abs()));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        sample_foremost(&admin).await;
    }
}

/// Takes a sample of each caller with the most requests or the last refusals: at most three times [`FOREMOST_MAX`].
pub async fn sample_foremost(admin: &Arc<Admin>) {
    let now = admin.engine.clock.now();
    let most = admin.engine.stats.foremost(FOREMOST_MAX, now);
    let refused = admin.engine.refusals.refused_last(FOREMOST_MAX);
    let mut seen = HashSet::new();
    for name in most.iter().chain(&refused) {
        if !seen.insert(name) {
            continue;
        }
        // A caller without an account any more, or vouched for too long ago, has no limits.
        if let Ok(Json(standings)) = limits::show(State(admin.clone()), Path(name.to_string())).await {
            admin.traces.sample(name, &standings, admin.now_ms());
        }
    }
}

impl Default for LimitHistory {
    fn default() -> LimitHistory {
        LimitHistory {
            callers: Mutex::new(LruCache::new(CALLERS_MAX)),
        }
    }
}

impl LimitHistory {
    /// Takes a sample of each limit whose use is known, unless the last was a moment ago.
    pub fn sample(&self, caller: &str, standings: &[StandingRow], now_ms: i64) {
        let mut callers = self.callers.lock();
        let lines = match callers.get_mut(caller) {
            Some(lines) => lines,
            None => callers.get_or_insert_mut(caller.to_owned(), Vec::new),
        };
        for (row, used) in known(standings) {
            let line = match lines.iter().position(|line| line.limit == row.limit) {
                Some(at) => &mut lines[at],
                None => {
                    lines.push(LimitSamples::new(&row.limit));
                    let last = lines.len() - 1;
                    &mut lines[last]
                }
            };
            line.add(used, now_ms);
        }
        // A limit that is no longer in the file goes with its last sample.
        lines.retain_mut(|line| line.is_kept(now_ms));
        lines.truncate(LIMITS_MAX);
    }

    /// Returns all samples of those limits, with the quotas of now.
    pub fn rows(&self, caller: &str, standings: &[StandingRow]) -> Vec<TraceRow> {
        let callers = self.callers.lock();
        let lines = callers.peek(caller).map(Vec::as_slice).unwrap_or_default();
        let row = |(row, _): (&StandingRow, u64)| {
            let line = lines.iter().find(|line| line.limit == row.limit)?;
            Some(TraceRow {
                limit: row.limit.clone(),
                quota: row.quota,
                points: line.samples.iter().map(Sample::point).collect(),
            })
        };
        known(standings).filter_map(row).collect()
    }
}

/// Returns the rows whose use does not depend on the request.
fn known(standings: &[StandingRow]) -> impl Iterator<Item = (&StandingRow, u64)> {
    let known = standings.iter().filter_map(|row| Some((row, row.used?)));
    known.take(LIMITS_MAX)
}

// === impl LimitSamples ===

impl LimitSamples {
    fn new(limit: &str) -> LimitSamples {
        LimitSamples {
            limit: limit.to_owned(),
            samples: VecDeque::new(),
        }
    }

    fn add(&mut self, used: u64, now_ms: i64) {
        let last_ms = self.samples.back().map(|last| last.point().at_ms);
        // Without the lower bound, a clock that was set back would delay the next sample by as much.
        if last_ms.is_some_and(|last_ms| (0..SPACING_MS).contains(&(now_ms - last_ms))) {
            return;
        }
        if self.samples.len() >= SAMPLES_MAX {
            self.samples.pop_front();
        }
        self.samples.push_back(Sample {
            at_s: u32::try_from(now_ms / 1_000).unwrap_or(0),
            used: u32::try_from(used).unwrap_or(u32::MAX),
        });
    }

    /// Drops samples older than the span, and returns true when any is left.
    fn is_kept(&mut self, now_ms: i64) -> bool {
        while let Some(first) = self.samples.front() {
            if now_ms - first.point().at_ms <= SPAN_MS {
                break;
            }
            self.samples.pop_front();
        }
        !self.samples.is_empty()
    }
}

// === impl Sample ===

impl Sample {
    fn point(&self) -> TracePoint {
        TracePoint {
            at_ms: i64::from(self.at_s) * 1_000,
            used: u64::from(self.used),
        }
    }
}

#[cfg(test)]
mod tests;
