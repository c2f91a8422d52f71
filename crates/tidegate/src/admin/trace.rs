//! What a caller used while somebody looks: a few minutes of samples, so that use over time can be drawn.
//!
//! No history of every caller is kept. It begins when somebody first asks for a caller, a sample is taken when they ask
//! again, and it is forgotten when they stop and others are looked at.

use std::{collections::VecDeque, num::NonZeroUsize, sync::Arc};

use axum::{Json, extract::State};
use lru::LruCache;
use parking_lot::Mutex;
use serde::Serialize;

use super::{Admin, limits, problem::Problem, read::Path};
use crate::standing::StandingRow;

/// The callers that are looked at.
#[derive(Debug)]
pub struct Traces {
    callers: Mutex<LruCache<String, VecDeque<Sample>>>,
}

/// Callers whose samples are kept; the one looked at longest ago is forgotten.
pub const CALLERS_MAX: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// Samples kept of each, the oldest first to go: a quarter of an hour, at [`SPACING_MS`].
pub const SAMPLES_MAX: usize = 180;

/// Milliseconds from one sample to the next, at least.
pub const SPACING_MS: i64 = 5_000;

/// Limits sampled of each.
pub const LIMITS_MAX: usize = 32;

#[derive(Debug)]
struct Sample {
    at_ms: i64,
    used: Vec<(String, u64)>,
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

/// What a caller used of each limit since somebody began to look, at most a quarter of an hour. Asking takes a sample.
#[utoipa::path(get, path = "/users/{name}/trace", tag = "users", params(("name" = String, Path, description = "The caller's name.")), responses(
    (status = 200, description = "One row a limit whose use is known.", body = Vec<TraceRow>),
    (status = 404, description = "There is no such user.", body = Problem),
))]
pub async fn show(State(admin): State<Arc<Admin>>, Path(name): Path<String>) -> Result<Json<Vec<TraceRow>>, Problem> {
    let Json(standings) = limits::show(State(admin.clone()), Path(name.clone())).await?;
    Ok(Json(admin.traces.look(&name, &standings, admin.now_ms())))
}

impl Default for Traces {
    fn default() -> Traces {
        Traces {
            callers: Mutex::new(LruCache::new(CALLERS_MAX)),
        }
    }
}

impl Traces {
    /// Takes a sample, unless the last was a moment ago, and gives back all there are.
    pub fn look(&self, caller: &str, standings: &[StandingRow], now_ms: i64) -> Vec<TraceRow> {
        let known = || {
            let rows = standings.iter().filter_map(|row| Some((row, row.used?)));
            rows.take(LIMITS_MAX)
        };
        let mut callers = self.callers.lock();
        let samples = callers.get_or_insert_mut(caller.to_owned(), VecDeque::new);
        // A clock that was set back would otherwise hold up the next sample for as long.
        let is_due = |last: &Sample| !(0..SPACING_MS).contains(&(now_ms - last.at_ms));
        if samples.back().is_none_or(is_due) {
            if samples.len() >= SAMPLES_MAX {
                samples.pop_front();
            }
            samples.push_back(Sample {
                at_ms: now_ms,
                used: known().map(|(row, used)| (row.limit.clone(), used)).collect(),
            });
        }
        let row = |(row, _): (&StandingRow, u64)| TraceRow {
            limit: row.limit.clone(),
            quota: row.quota,
            points: samples.iter().filter_map(|sample| sample.point(&row.limit)).collect(),
        };
        known().map(row).collect()
    }
}

// === impl Sample ===

impl Sample {
    fn point(&self, limit: &str) -> Option<TracePoint> {
        let (_, used) = self.used.iter().find(|(name, _)| name == limit)?;
        Some(TracePoint {
            at_ms: self.at_ms,
            used: *used,
        })
    }
}

#[cfg(test)]
mod tests;
