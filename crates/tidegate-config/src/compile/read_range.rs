//! The range and streams that a route's reads name.

use std::sync::Arc;

use tidegate_core::payload::points::{RangeRule, Unknown};

use crate::{
    diagnostics::{Fault, Report},
    location::Located,
    sections::read_range::{CYCLE_S, CycleSeconds, RangeText, TimeUnit},
};

/// Compiles a route's `range`.
pub fn compile(at: &Located<RangeText>, report: &mut Report) -> Option<RangeRule> {
    let text = &at.value;
    for key in ["start", "end"] {
        if !text.written.iter().any(|written| written == key) {
            let right = "write `range = { start = \"sd\", end = \"ed\" }`";
            report.error(&at.location.below(key), Fault::new("is missing", right));
        }
    }
    if let (Some(cycles), None) = (&text.cycles_s, &text.cycle) {
        let right = "add `cycle = \"bucket\"`, or remove them";
        report.error(
            &cycles.location,
            Fault::new("`cycles_s` lists values of `cycle`, which is missing", right),
        );
    }
    let name = |at: &Option<Located<String>>| at.as_ref().map(|at| Arc::from(at.value.as_str()));
    let ms = |seconds: CycleSeconds| i64::try_from(seconds.0 * 1_000).unwrap_or(i64::MAX);
    let cycles = text.cycles_s.iter().flat_map(|cycles| &cycles.value.0);
    let cycles: Vec<(Arc<str>, i64)> = cycles
        .map(|(value, seconds)| (value.as_str().into(), ms(seconds.value)))
        .collect();
    Some(RangeRule {
        start: name(&text.start)?,
        end: name(&text.end)?,
        unit_ms: match text.unit.as_ref().map(|at| at.value.0) {
            Some(TimeUnit::Seconds) => 1_000,
            Some(TimeUnit::Milliseconds) | None => 1,
        },
        limit: name(&text.limit),
        streams: text
            .streams
            .iter()
            .flat_map(|names| &names.value.0)
            .map(|at| Arc::from(at.value.as_str()))
            .collect(),
        cycle: name(&text.cycle).map(|cycle| (cycle, cycles)),
        cycle_default_ms: text.cycle_s.as_ref().map_or(CYCLE_S as i64 * 1_000, |at| ms(at.value)),
        unknown: text.unknown.as_ref().map_or(Unknown::Count, |at| at.value.0),
    })
}
