//! Charts of numbers over time, as coordinates of an SVG that a template draws.

/// The width of a chart's plane, in its own units.
pub(crate) const WIDTH: u32 = 320;

/// The height of a chart's plane.
pub(crate) const HEIGHT: u32 = 72;

/// One line over time, with the area below it and a level to compare it with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// The corners of the line, in the form of SVG.
    pub(crate) points: String,
    /// The corners of the area below the line, in the form of SVG.
    pub(crate) area: String,
    /// The horizontal place of the newest sample.
    pub(crate) x: u32,
    /// The vertical place of the newest sample.
    pub(crate) y: u32,
    /// The height of the level.
    pub(crate) level_y: u32,
    /// The value at the top of the plane.
    pub(crate) top: u64,
}

/// Draws samples of (time, value) from one time to another. The level is always within the plane, and samples outside
/// the span are left out. Returns `None` without a sample.
pub(crate) fn line(samples: &[(i64, u64)], level: u64, from_ms: i64, to_ms: i64) -> Option<Line> {
    let inside: Vec<_> = samples
        .iter()
        .filter(|(at_ms, _)| (from_ms..=to_ms).contains(at_ms))
        .collect();
    let highest = inside.iter().map(|(_, value)| *value).max()?;
    // A little room above the level keeps its line visible.
    let top = highest.max(level.saturating_add(level / 8)).max(1);
    let span = to_ms.saturating_sub(from_ms).max(1);
    let x = |at_ms: i64| scaled(at_ms.saturating_sub(from_ms).unsigned_abs(), span.unsigned_abs(), WIDTH);
    let y = |value: u64| HEIGHT - scaled(value, top, HEIGHT);
    let corners: Vec<(u32, u32)> = inside.iter().map(|(at_ms, value)| (x(*at_ms), y(*value))).collect();
    let (first, last) = (corners.first()?, corners.last()?);
    let points = corners
        .iter()
        .map(|(x, y)| format!("{x},{y}"))
        .collect::<Vec<_>>()
        .join(" ");
    Some(Line {
        area: format!("{},{HEIGHT} {points} {},{HEIGHT}", first.0, last.0),
        points,
        x: last.0,
        y: last.1,
        level_y: y(level),
        top,
    })
}

/// The height of a plane of bars.
pub(crate) const BARS_HEIGHT: u32 = 100;

/// The distance from the beginning of one bar to that of the next.
const BAR_STEP: u32 = 10;

/// Bars side by side, each a whole with a part of it on top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bars {
    pub(crate) bars: Vec<Bar>,
    /// The width of the plane.
    pub(crate) width: u32,
    /// The highest whole.
    pub(crate) top: u64,
}

/// One bar: the rest of the whole below, and the part above it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bar {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) height: u32,
    pub(crate) part_y: u32,
    pub(crate) part_height: u32,
}

/// Draws one bar for each whole and its part.
pub(crate) fn bars(wholes: &[u64], parts: &[u64]) -> Bars {
    let top = wholes.iter().copied().max().unwrap_or_default();
    let parts = parts.iter().copied().chain(std::iter::repeat(0));
    let bars = wholes.iter().zip(parts).zip(0..).map(|((whole, part), n)| {
        let whole_height = scaled(*whole, top, BARS_HEIGHT);
        let part_height = scaled(part.min(*whole), top, BARS_HEIGHT);
        Bar {
            x: n * BAR_STEP + 1,
            y: BARS_HEIGHT - (whole_height - part_height),
            height: whole_height - part_height,
            part_y: BARS_HEIGHT - whole_height,
            part_height,
        }
    });
    let bars: Vec<Bar> = bars.collect();
    Bars {
        width: u32::try_from(bars.len())
            .unwrap_or(u32::MAX)
            .saturating_mul(BAR_STEP)
            .max(BAR_STEP),
        bars,
        top,
    }
}

/// The used share of a whole in percent, and its look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gauge {
    /// 0 to 100.
    pub(crate) percent: u32,
    /// `calm`, `high` from four fifths, or `full`.
    pub(crate) state: &'static str,
}

impl Gauge {
    /// Draws `used` of a whole of at least one.
    pub(crate) fn of(used: u64, whole: u64) -> Gauge {
        let percent = scaled(used, whole.max(1), 100);
        let state = match percent {
            100 => "full",
            80.. => "high",
            _ => "calm",
        };
        Gauge { percent, state }
    }

    /// Draws a value without a bound, in proportion to the largest one.
    pub(crate) fn beside(part: u64, most: u64) -> Gauge {
        Gauge {
            percent: scaled(part, most.max(1), 100),
            state: "calm",
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
