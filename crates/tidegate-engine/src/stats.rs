//! Statistics for the operators of a gate: counts, series by the minute and rankings of callers, in bounded memory.
//!
//! ```text
//! an answer ─► counts since the start, by names of the policy ─► metrics
//!           ─► series of the last day, a slot a minute        ─► stats
//!           ─► rankings of callers over hour and day          ─► top
//! ```
//!
//! Names of counts and series come from the limits file and from this code, never from a caller. Only the rankings
//! know callers, and they keep [`CALLERS_MAX`] of them. Nothing here has to be read or cleaned to stay as small as it is.

mod answered_request;
mod durations;
mod log_rate;
mod per_name;
mod ranking;
mod refusal_kind;
mod series;
mod sketch;
mod sketch_merge;
mod view;

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, Ordering},
};

use tidegate_core::{policy::Policy, time::Now};

pub use answered_request::{Answered, CacheOutcome};
pub use durations::{DurationCounts, STEPS_US};
pub use log_rate::LogRate;
pub use per_name::OTHERS;
pub use refusal_kind::RefusalKind;
pub use series::Span;
pub use sketch::CALLERS_MAX;
pub use view::{LimitSeries, LimitTotals, RouteTotals, SpanView, TopOrder, TopRow, Totals};

use durations::Durations;
use per_name::PerName;
use ranking::Ranking;
use series::{Minute, Series};

/// Most names of routes, and of limits, that are counted by themselves, over all limits files since the start. Later
/// names count as [`OTHERS`].
pub const NAMES_MAX: usize = 512;

/// Most names of pages.
pub const PAGES_MAX: usize = 64;

/// The name under which answers count that belong to no route.
pub const NO_ROUTE: &str = "(none)";

/// Most lines a second that the log takes about refusals.
const REFUSAL_LINES_PER_S_MAX: u32 = 10;

/// Classes of status: 1xx to 5xx.
const CLASSES: usize = 5;

/// The statistics of one program.
#[derive(Debug)]
pub struct Stats {
    routes: PerName<RouteCounts>,
    no_route: Arc<str>,
    limits: PerName<LimitCounts>,
    pages: PerName<Durations>,
    /// Counts of refusals by no limit, in the order of [`RefusalKind::ALL`].
    refusals: [AtomicU64; RefusalKind::ALL.len()],
    /// Counts of cache outcomes, in the order of [`CacheOutcome::ALL`].
    cache: [AtomicU64; CacheOutcome::ALL.len()],
    sockets_opened: AtomicU64,
    cached: Series,
    failed: Series,
    sockets: Series,
    most_used: Ranking,
    most_refused: Ranking,
    /// Room in the log for lines about refusals.
    pub refusal_lines: LogRate,
}

#[derive(Debug)]
struct RouteCounts {
    classes: [AtomicU64; CLASSES],
    requests: Series,
    refused: Series,
    /// The page it was first asked on, so that most answers need no second look-up. Two pages may call a route alike.
    page: OnceLock<(Arc<str>, Arc<Durations>)>,
}

#[derive(Debug)]
struct LimitCounts {
    over: AtomicU64,
    never: AtomicU64,
    warned: AtomicU64,
    refused: Series,
}

// === impl Stats ===

impl Stats {
    /// Makes empty statistics.
    pub fn new(now: Now) -> Stats {
        Stats {
            routes: PerName::new(NAMES_MAX),
            no_route: NO_ROUTE.into(),
            limits: PerName::new(NAMES_MAX),
            pages: PerName::new(PAGES_MAX),
            refusals: Default::default(),
            cache: Default::default(),
            sockets_opened: AtomicU64::new(0),
            cached: Series::new(),
            failed: Series::new(),
            sockets: Series::new(),
            most_used: Ranking::new(now),
            most_refused: Ranking::new(now),
            refusal_lines: LogRate::new(REFUSAL_LINES_PER_S_MAX),
        }
    }

    /// Learns the names of a policy, so that they are shown before anything was counted of them. Names of earlier
    /// policies stay.
    pub fn learn(&self, policy: &Policy) {
        policy
            .routes
            .iter()
            .for_each(|route| drop(self.routes.add(&route.name)));
        policy
            .limits
            .iter()
            .for_each(|limit| drop(self.limits.add(&limit.name)));
        policy
            .payload_limits
            .iter()
            .for_each(|limit| drop(self.limits.add(&limit.name)));
        policy.pages.iter().for_each(|page| drop(self.pages.add(&page.name)));
        self.routes.add(&policy.pages_prefix);
        self.pages.add(&policy.pages_prefix);
        self.routes.add(&self.no_route);
    }

    /// Counts an answered request; `now` is its reading of the clock. It is called once for each request.
    pub fn answered(&self, answered: &Answered<'_>, now: Now) {
        let minute = Minute::of(now);
        let is_refused = answered.is_refused();
        let name = answered.route.or(answered.page).unwrap_or(&self.no_route);
        self.routes.with(name, |route| {
            let class = usize::from(answered.status / 100).clamp(1, CLASSES) - 1;
            route.classes[class].fetch_add(1, Ordering::Relaxed);
            route.requests.add(minute);
            if is_refused {
                route.refused.add(minute);
            }
            if let Some(page) = answered.page {
                let (first, durations) = route.page.get_or_init(|| (page.clone(), self.pages.add(page)));
                if first == page {
                    durations.add(answered.took_ns);
                } else {
                    self.pages.with(page, |durations| durations.add(answered.took_ns));
                }
            }
        });
        if let Some(outcome) = answered.cache {
            self.cache[outcome as usize].fetch_add(1, Ordering::Relaxed);
            if outcome.is_cached() {
                self.cached.add(minute);
            }
        }
        if answered.status >= 500 {
            self.failed.add(minute);
        }
        if let Some(refusal) = answered.refusal {
            self.refused(refusal.into(), answered, minute);
        }
        if let Some(met) = answered.met() {
            self.most_used.add(met, now);
            if is_refused {
                self.most_refused.add(met, now);
            }
        }
    }

    /// Counts a socket that opened; `open` sockets are open now.
    pub fn socket_opened(&self, open: usize, now: Now) {
        self.sockets_opened.fetch_add(1, Ordering::Relaxed);
        self.sockets_open(open, now);
    }

    /// Records that `open` sockets are open now. It is called again and again: the most of each minute is kept.
    pub fn sockets_open(&self, open: usize, now: Now) {
        let open = u32::try_from(open).unwrap_or(u32::MAX);
        self.sockets.raise(Minute::of(now), open);
    }

    /// Counts a caller who was told that little is left of a limit.
    pub fn warned(&self, limit: &Arc<str>) {
        self.limits
            .with(limit, |limit| _ = limit.warned.fetch_add(1, Ordering::Relaxed));
    }

    fn refused(&self, kind: RefusalKind, answered: &Answered<'_>, minute: Minute) {
        let Some(limit) = answered.limit() else {
            self.refusals[kind as usize].fetch_add(1, Ordering::Relaxed);
            return;
        };
        self.limits.with(limit, |limit| {
            let counter = match kind {
                RefusalKind::NeverFits => &limit.never,
                _ => &limit.over,
            };
            counter.fetch_add(1, Ordering::Relaxed);
            limit.refused.add(minute);
        });
    }
}

impl Default for RouteCounts {
    fn default() -> RouteCounts {
        RouteCounts {
            classes: Default::default(),
            requests: Series::new(),
            refused: Series::new(),
            page: OnceLock::new(),
        }
    }
}

impl Default for LimitCounts {
    fn default() -> LimitCounts {
        LimitCounts {
            over: AtomicU64::new(0),
            never: AtomicU64::new(0),
            warned: AtomicU64::new(0),
            refused: Series::new(),
        }
    }
}

#[cfg(test)]
mod tests;
