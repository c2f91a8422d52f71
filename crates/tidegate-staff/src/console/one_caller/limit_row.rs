//! A limit of a caller with its chart and gauge, as the caller's page shows it.

use super::limit_chart::LimitChart;
use crate::{admin::limit_history::TraceRow, console::chart::Gauge, limit_standing::StandingRow};

/// A limit with its chart and gauge.
pub(in crate::console) struct LimitRow {
    pub(in crate::console) row: StandingRow,
    pub(in crate::console) gauge: Option<Gauge>,
    pub(in crate::console) trace: Option<LimitChart>,
}

/// The time span of the charts. It is whole minutes, so that a chart does not creep.
pub(super) struct ChartSpan {
    from_ms: i64,
    to_ms: i64,
    /// The length in minutes.
    pub(super) minutes: u64,
}

/// The shortest span, in milliseconds, for a first sample taken a moment ago.
const SPAN_MS_MIN: i64 = 2 * 60 * 1_000;

impl LimitRow {
    pub(super) fn new(row: StandingRow, traces: &[TraceRow], drawn: &ChartSpan) -> LimitRow {
        let trace = traces.iter().find(|trace| trace.limit == row.limit);
        let trace =
            trace.and_then(|trace| LimitChart::of(&trace.points, u64::from(trace.quota), drawn.from_ms, drawn.to_ms));
        LimitRow {
            gauge: row.used.map(|used| match row.remaining {
                // A burst may be more or less than the quota, so a gauge is full when no further request would be
                // admitted.
                Some(0) => Gauge::of(1, 1),
                _ => Gauge::of(used, u64::from(row.quota.max(row.burst))),
            }),
            trace,
            row,
        }
    }

    /// Returns what each count is for, where use is not known: `each ip`, `each request`.
    pub(in crate::console) fn applies_to(&self) -> String {
        match self.row.scope.strip_prefix("each ") {
            Some(_) => self.row.scope.clone(),
            None => format!("each {}", self.row.scope),
        }
    }
}

impl ChartSpan {
    /// Returns the span from the first sample to now, an hour at most.
    pub(super) fn of(traces: &[TraceRow], now_ms: i64) -> ChartSpan {
        let began_ms = traces
            .iter()
            .filter_map(|trace| trace.points.first())
            .map(|point| point.at_ms)
            .min();
        let since_ms = began_ms.map_or(0, |began_ms| now_ms.saturating_sub(began_ms));
        let span_ms = since_ms.clamp(SPAN_MS_MIN, crate::admin::limit_history::SPAN_MS);
        let minutes = span_ms.unsigned_abs().div_ceil(60_000);
        ChartSpan {
            from_ms: now_ms.saturating_sub_unsigned(minutes * 60_000),
            to_ms: now_ms,
            minutes,
        }
    }
}
