//! Views of the statistics, for people and metrics.

use std::{ops::Range, sync::Arc, sync::atomic::Ordering};

use tidegate_core::time::Now;

use super::{CLASSES, CacheOutcome, DurationCounts, RefusalKind, Series, Span, Stats, sketch_merge::Summary};

/// The statistics of the last hour or day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpanView {
    /// Requests answered, the oldest point first.
    pub requests: Vec<u64>,
    /// Requests among them that were refused: answered 4xx by the gate itself.
    pub refused: Vec<u64>,
    /// Most sockets that were open at once.
    pub sockets: Vec<u64>,
    /// Requests that the cache spared the upstream.
    pub cached: Vec<u64>,
    /// Requests that were answered 5xx, by an upstream or the gate.
    pub failed: Vec<u64>,
    /// Refusals of each limit, sorted by name.
    pub by_limit: Vec<LimitSeries>,
    /// Requests of each route, sorted by name.
    pub by_route: Vec<RouteTotals>,
}

/// The refusals of one limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitSeries {
    /// The limit's name.
    pub limit: Arc<str>,
    /// Refusals in each point.
    pub points: Vec<u64>,
}

/// The requests of one route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteTotals {
    /// The route's name.
    pub route: Arc<str>,
    /// Requests answered.
    pub requests: u64,
    /// Requests among them that were refused.
    pub refused: u64,
}

/// The order in which callers are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TopOrder {
    /// Most requests first.
    Requests,
    /// Most refused first.
    Refused,
}

/// A caller among those with most requests or refusals.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopRow {
    /// The user, or `ip` and the address block of somebody unknown.
    pub subject: String,
    /// The user's tenant.
    pub tenant: Option<Arc<str>>,
    /// Number of requests; never less than the true number.
    pub requests: u64,
    /// Number of refused requests; never less than the true number in a list ordered by it.
    pub refused: u64,
    /// The limit that refused last.
    pub limit: Option<Arc<str>>,
    /// Part of the number the list is ordered by that may be other callers'.
    pub over_by_max: u64,
}

/// The refusals and warnings of one limit since the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitTotals {
    /// The limit's name.
    pub limit: Arc<str>,
    /// Refusals because it was used up.
    pub over: u64,
    /// Refusals because the cost can never fit.
    pub never: u64,
    /// Callers told that little is left.
    pub warned: u64,
}

/// Counts since the start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Totals {
    /// Answers by route and class of status, 1xx to 5xx.
    pub requests: Vec<(Arc<str>, [u64; CLASSES])>,
    /// Refusals by limit.
    pub by_limit: Vec<LimitTotals>,
    /// Refusals by no limit, by kind.
    pub by_kind: Vec<(RefusalKind, u64)>,
    /// Requests by outcome of the cache.
    pub cache: Vec<(CacheOutcome, u64)>,
    /// Times that answers took, by page.
    pub durations: Vec<(Arc<str>, DurationCounts)>,
    /// Sockets opened.
    pub sockets_opened: u64,
}

impl Stats {
    /// Returns the statistics of the last hour or day.
    pub fn over(&self, span: Span, now: Now) -> SpanView {
        let routes = self.routes.all();
        let steps: Vec<Range<u32>> = span.steps(now).collect();
        let sum = |of: &dyn Fn(Range<u32>) -> u64| steps.iter().cloned().map(of).collect::<Vec<_>>();
        let points = |series: &Series| sum(&|minutes| series.sum(minutes));
        SpanView {
            requests: sum(&|minutes| {
                routes
                    .iter()
                    .map(|(_, route)| route.requests.sum(minutes.clone()))
                    .sum()
            }),
            refused: sum(&|minutes| routes.iter().map(|(_, route)| route.refused.sum(minutes.clone())).sum()),
            sockets: sum(&|minutes| self.sockets.highest(minutes)),
            cached: points(&self.cached),
            failed: points(&self.failed),
            by_limit: self
                .limits
                .all()
                .into_iter()
                .map(|(limit, counts)| LimitSeries {
                    limit,
                    points: points(&counts.refused),
                })
                .collect(),
            by_route: routes
                .iter()
                .map(|(name, route)| RouteTotals {
                    route: name.clone(),
                    requests: route.requests.sum(span.minutes(now)),
                    refused: route.refused.sum(span.minutes(now)),
                })
                .collect(),
        }
    }

    /// Returns the callers with most requests or most refusals: at most `rows_max`.
    pub fn top(&self, by: TopOrder, span: Span, rows_max: usize, now: Now) -> Vec<TopRow> {
        let used = self.most_used.over(span, now);
        let refused = self.most_refused.over(span, now);
        let listed = match by {
            TopOrder::Requests => &used,
            TopOrder::Refused => &refused,
        };
        let count = |summary: &Summary, who| summary.get(who).map_or(0, |entry| entry.count);
        let rows = listed.entries.iter().take(rows_max).map(|(who, entry)| {
            let (requests, refusals) = match by {
                TopOrder::Requests => (entry.count, count(&refused, who).min(entry.count)),
                TopOrder::Refused => (count(&used, who).max(entry.count), entry.count),
            };
            TopRow {
                subject: who.to_string(),
                tenant: entry.tenant.clone(),
                requests,
                refused: refusals,
                limit: refused.get(who).and_then(|entry| entry.limit.clone()),
                over_by_max: entry.over,
            }
        });
        rows.collect()
    }

    /// Returns the users with most requests in this quarter of an hour, and those of the one before: at most `users_max` of
    /// each. A user may be listed twice.
    pub fn foremost(&self, users_max: usize, now: Now) -> Vec<Arc<str>> {
        self.most_used.foremost(users_max, now)
    }

    /// Returns the counts since the start. Their number depends on the limits files alone.
    pub fn totals(&self) -> Totals {
        let load = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        let has_none = |kind: &RefusalKind| !matches!(kind, RefusalKind::OverLimit | RefusalKind::NeverFits);
        Totals {
            requests: self
                .routes
                .all()
                .into_iter()
                .map(|(name, route)| (name, std::array::from_fn(|class| load(&route.classes[class]))))
                .collect(),
            by_limit: self
                .limits
                .all()
                .into_iter()
                .map(|(limit, counts)| LimitTotals {
                    limit,
                    over: load(&counts.over),
                    never: load(&counts.never),
                    warned: load(&counts.warned),
                })
                .collect(),
            by_kind: RefusalKind::ALL
                .into_iter()
                .filter(has_none)
                .map(|kind| (kind, load(&self.refusals[kind as usize])))
                .collect(),
            cache: CacheOutcome::ALL
                .map(|outcome| (outcome, load(&self.cache[outcome as usize])))
                .into(),
            durations: self
                .pages
                .all()
                .into_iter()
                .map(|(page, durations)| (page, durations.counts()))
                .collect(),
            sockets_opened: load(&self.sockets_opened),
        }
    }
}

// === impl By ===

impl TopOrder {
    /// Returns the order's word.
    pub fn as_str(self) -> &'static str {
        match self {
            TopOrder::Requests => "requests",
            TopOrder::Refused => "refused",
        }
    }
}
