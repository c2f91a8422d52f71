//! The chart of a caller's use of a limit over time. The line has a gap where no sample was taken.

use crate::{
    admin::limit_history::{SPACING_MS, TracePoint},
    console::chart::{HEIGHT, WIDTH},
};

/// The chart of one limit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::console) struct LimitChart {
    /// The lines, the oldest first.
    pub(in crate::console) runs: Vec<Run>,
    /// The horizontal place of the newest sample.
    pub(in crate::console) x: u32,
    /// The vertical place of the newest sample.
    pub(in crate::console) y: u32,
    /// The height of the quota.
    pub(in crate::console) quota_y: u32,
    /// The most that was used.
    pub(in crate::console) most: u64,
}

/// A run of samples without a gap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::console) struct Run {
    /// The corners of the line, in the form of SVG.
    pub(in crate::console) points: String,
    /// The corners of the area below the line, in the form of SVG.
    pub(in crate::console) area: String,
}

/// The milliseconds without a sample from which on there is a gap. One late sample makes none.
const GAP_MS: i64 = 3 * SPACING_MS;

impl LimitChart {
    /// Draws the samples of a span. Returns `None` where nothing was used in it. The quota is always within the plane.
    pub(super) fn of(points: &[TracePoint], quota: u64, from_ms: i64, to_ms: i64) -> Option<LimitChart> {
        let is_inside = |point: &&TracePoint| (from_ms..=to_ms).contains(&point.at_ms);
        let inside: Vec<TracePoint> = points.iter().filter(is_inside).copied().collect();
        let most = inside.iter().map(|point| point.used).max().filter(|most| *most > 0)?;
        // A little room above the quota keeps its line visible.
        let top = most.max(quota.saturating_add(quota / 8)).max(1);
        let x = |at_ms: i64| scaled(at_ms.abs_diff(from_ms), to_ms.abs_diff(from_ms), WIDTH);
        let y = |used: u64| HEIGHT - scaled(used, top, HEIGHT);
        // A clock that was set back also begins a new line.
        let is_next = |a: &TracePoint, b: &TracePoint| (0..=GAP_MS).contains(&(b.at_ms - a.at_ms));
        let runs = inside.chunk_by(is_next).map(|run| {
            let corners = run.iter().map(|point| (x(point.at_ms), y(point.used)));
            Run::of(&corners.collect::<Vec<_>>())
        });
        let last = inside.last()?;
        Some(LimitChart {
            runs: runs.collect(),
            x: x(last.at_ms),
            y: y(last.used),
            quota_y: y(quota),
            most,
        })
    }
}

impl Run {
    fn of(corners: &[(u32, u32)]) -> Run {
        let (first, last) = (corners.first().copied(), corners.last().copied());
        let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
        // A single sample is a dot: a line to itself with round ends.
        let corners = corners.iter().chain(corners.first().filter(|_| corners.len() == 1));
        let points: Vec<String> = corners.map(|(x, y)| format!("{x},{y}")).collect();
        let points = points.join(" ");
        Run {
            area: format!("{},{HEIGHT} {points} {},{HEIGHT}", first.0, last.0),
            points,
        }
    }
}

/// Scales `part` of `whole` to a length, and never exceeds it.
fn scaled(part: u64, whole: u64, length: u32) -> u32 {
    let scaled = u128::from(part.min(whole)) * u128::from(length) / u128::from(whole.max(1));
    u32::try_from(scaled).unwrap_or(length)
}

#[cfg(test)]
mod tests;
