//! A ranking of callers over the last hour and day: a sketch of the running quarter of an hour, and summaries of earlier
//! ones.

use std::{collections::VecDeque, sync::Arc};

use parking_lot::Mutex;
use tidegate_core::time::Now;

use super::{
    series::Span,
    sketch::{CALLERS_MAX, Met, Sketch},
    sketch_merge::Summary,
};

/// Quarters kept for the hour, with the running one.
const QUARTERS_MAX: u64 = 4;

/// Hours kept for the day, with the running one.
const HOURS_MAX: u64 = 24;

const QUARTER_NS: u64 = 15 * 60 * 1_000_000_000;

/// One order of callers. A request costs one step in one sketch; the rest is done four times an hour.
///
/// It runs on the clock that only goes forward, so that no step of the wall clock empties it.
#[derive(Debug)]
pub(crate) struct Ranking(Mutex<Kept>);

#[derive(Debug)]
struct Kept {
    /// The running quarter.
    quarter: u64,
    live: Sketch,
    quarters: VecDeque<(u64, Summary)>,
    hours: VecDeque<(u64, Summary)>,
}

// === impl Ranking ===

impl Ranking {
    pub(crate) fn new(now: Now) -> Ranking {
        Ranking(Mutex::new(Kept {
            quarter: now.mono_ns / QUARTER_NS,
            live: Sketch::new(CALLERS_MAX),
            quarters: VecDeque::new(),
            hours: VecDeque::new(),
        }))
    }

    pub(crate) fn add(&self, met: Met<'_>, now: Now) {
        let mut kept = self.0.lock();
        kept.roll_to(now);
        kept.live.add(met);
    }

    /// Returns the summary of the last 45 to 60 minutes, or of the last 23 to 24 hours.
    pub(crate) fn over(&self, span: Span, now: Now) -> Summary {
        let mut kept = self.0.lock();
        kept.roll_to(now);
        let parts: Vec<Summary> = match span {
            Span::Hour => kept.quarters.iter().map(|(_, part)| part.clone()).collect(),
            Span::Day => kept.hours.iter().map(|(_, part)| part.clone()).collect(),
        };
        let live = Summary::of(&kept.live);
        // The merge runs without the lock, so that it holds up no request.
        drop(kept);
        Summary::merged(parts.iter().chain([&live]), CALLERS_MAX)
    }

    /// Returns the users with most requests in the running quarter, and behind them those of the one before: at most
    /// `users_max` of each, by each sketch alone. Nothing is merged, so it holds up a request only briefly.
    pub(crate) fn foremost(&self, users_max: usize, now: Now) -> Vec<Arc<str>> {
        let mut kept = self.0.lock();
        kept.roll_to(now);
        let live = kept.live.entries().filter_map(|(who, _)| who.user());
        let mut users: Vec<Arc<str>> = live.take(users_max).cloned().collect();
        if let Some((_, before)) = kept.quarters.back() {
            let before = before.entries.iter().filter_map(|(who, _)| who.user());
            users.extend(before.take(users_max).cloned());
        }
        users
    }

    /// Counts the callers in all parts together.
    #[cfg(test)]
    pub(crate) fn held(&self) -> usize {
        let kept = self.0.lock();
        let parts = kept.quarters.iter().chain(&kept.hours);
        kept.live.entries().count() + parts.map(|(_, part)| part.entries.len()).sum::<usize>()
    }
}

// === impl Kept ===

impl Kept {
    /// Stores the running quarter when another one has begun. An earlier reading of time counts in the running one.
    fn roll_to(&mut self, now: Now) {
        let quarter = now.mono_ns / QUARTER_NS;
        if quarter <= self.quarter {
            return;
        }
        let (ended, hour) = (self.quarter, self.quarter / 4);
        let part = Summary::of(&std::mem::replace(&mut self.live, Sketch::new(CALLERS_MAX)));
        match self.hours.back_mut() {
            Some((running, so_far)) if *running == hour => {
                *so_far = Summary::merged([&*so_far, &part], CALLERS_MAX);
            }
            _ => self.hours.push_back((hour, part.clone())),
        }
        self.quarters.push_back((ended, part));
        self.quarter = quarter;
        self.quarters.retain(|(kept, _)| kept + QUARTERS_MAX > quarter);
        self.hours.retain(|(kept, _)| kept + HOURS_MAX > quarter / 4);
    }
}

#[cfg(test)]
mod tests;
