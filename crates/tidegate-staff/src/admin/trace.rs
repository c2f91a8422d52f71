//! What callers used over the last hour, so that use over time can be drawn: of the few who come most, who were refused
//! lately, or who are looked at.
//!
//! No history of every caller is kept. A sample of those few is taken every ten seconds from the counts as they are then,
//! beside the requests and not in their way.

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

use super::{Admin, limits, problem::Problem, read::Path};
use crate::standing::StandingRow;

/// The callers whose samples are kept.
#[derive(Debug)]
pub struct Traces {
    callers: Mutex<LruCache<String, Vec<Line>>>,
}

/// Callers whose samples are kept; the one sampled longest ago is forgotten. With all their limits at their bounds they
/// take 18 MB.
pub const CALLERS_MAX: NonZeroUsize = NonZeroUsize::new(192).unwrap();

/// Callers sampled without being looked at, of each kind: those who come most in this quarter of an hour, those who did in
/// the one before, and those refused last.
pub const FOREMOST_MAX: usize = 32;

/// Samples kept of each limit of each caller, the oldest first to go: an hour, at [`SPACING_MS`].
pub const SAMPLES_MAX: usize = 360;

/// Milliseconds from one sample to the next, at least.
pub const SPACING_MS: i64 = 10_000;

/// Limits sampled of each caller.
pub const LIMITS_MAX: usize = 32;

/// How far back samples are kept, in milliseconds.
pub const SPAN_MS: i64 = SPACING_MS * SAMPLES_MAX as i64;

/// One limit of a caller over time.
#[derive(Debug)]
struct Line {
    limit: String,
    samples: VecDeque<Sample>,
}

/// What was used at a time: eight bytes, since there are many.
#[derive(Clone, Copy, Debug)]
struct Sample {
    at_s: u32,
    /// Where more is used than this can say, it is the most that it can.
    used: u32,
}

/// One limit's samples.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TraceRow {
    /// The limit.
    pub limit: String,
    /// Units per window, for this caller, now.
    pub quota: u32,
    /// The samples, oldest first.
    pub points: Vec<TracePoint>,
}

/// What was used at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TracePoint {
    /// When, Unix milliseconds.
    pub at_ms: i64,
    /// Units used then.
    pub used: u64,
}

/// What a caller used of each limit over the last hour, as far as it was sampled: every ten seconds while they are among
/// those who come most, were refused last, or are asked for here. Asking takes a sample.
#[utoipa::path(get, path = "/users/{name}/trace", tag = "users", params(("name" = String, Path, description = "The caller's name.")), responses(
    (status = 200, description = "One row a limit whose use is known.", body = Vec<TraceRow>),
    (status = 404, description = "There is no such user.", body = Problem),
))]
pub async fn show(State(admin): State<Arc<Admin>>, Path(name): Path<String>) -> Result<Json<Vec<TraceRow>>, Problem> {
    let Json(standings) = limits::show(State(admin.clone()), Path(name.clone())).await?;
    let now_ms = admin.now_ms();
    admin.traces.sample(&name, &standings, now_ms);
    Ok(Json(admin.traces.rows(&name, &standings)))
}

/// Samples the foremost callers again and again, until dropped.
pub async fn keep_sampling(admin: Arc<Admin>) {
    let mut tick = tokio::time::interval(Duration::from_millis(SPACING_MS.unsigned_abs()));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        sample_foremost(&admin).await;
    }
}

/// Takes a sample of each caller who comes most or was refused last: at most three times [`FOREMOST_MAX`].
pub async fn sample_foremost(admin: &Arc<Admin>) {
    let now = admin.engine.clock.now();
    let most = admin.engine.stats.foremost(FOREMOST_MAX, now);
    let refused = admin.engine.refusals.refused_last(FOREMOST_MAX);
    let mut seen = HashSet::new();
    for name in most.iter().chain(&refused) {
        if !seen.insert(name) {
            continue;
        }
        // Whoever has no account any more, or was vouched for too long ago, has no limits to stand in.
        if let Ok(Json(standings)) = limits::show(State(admin.clone()), Path(name.to_string())).await {
            admin.traces.sample(name, &standings, admin.now_ms());
        }
    }
}

impl Default for Traces {
    fn default() -> Traces {
        Traces {
            callers: Mutex::new(LruCache::new(CALLERS_MAX)),
        }
    }
}

impl Traces {
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
                    lines.push(Line::new(&row.limit));
                    let last = lines.len() - 1;
                    &mut lines[last]
                }
            };
            line.add(used, now_ms);
        }
        // A limit that is gone from the file leaves with its last sample.
        lines.retain_mut(|line| line.is_kept(now_ms));
        lines.truncate(LIMITS_MAX);
    }

    /// All samples there are of those limits, with their quotas as they are now.
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

/// The rows whose use does not depend on the request.
fn known(standings: &[StandingRow]) -> impl Iterator<Item = (&StandingRow, u64)> {
    let known = standings.iter().filter_map(|row| Some((row, row.used?)));
    known.take(LIMITS_MAX)
}

// === impl Line ===

impl Line {
    fn new(limit: &str) -> Line {
        Line {
            limit: limit.to_owned(),
            samples: VecDeque::new(),
        }
    }

    fn add(&mut self, used: u64, now_ms: i64) {
        let last_ms = self.samples.back().map(|last| last.point().at_ms);
        // A clock that was set back would otherwise hold up the next sample for as long.
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

    /// Lets go of what is older than the span, and says whether anything is left.
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
