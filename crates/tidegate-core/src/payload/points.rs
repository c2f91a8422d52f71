//! The points a read asks for: its range over the cycles of its streams, and what range would pass.

use std::sync::Arc;

use super::{
    Bounded,
    excess::{Excess, Of, Widest},
};
use crate::facts;

/// The places where a route's requests name the range and streams they read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RangeRule {
    /// The parameter of the start, which is included.
    pub start: Arc<str>,
    /// The parameter of the end, which is not.
    pub end: Arc<str>,
    /// Milliseconds in a unit of both.
    pub unit_ms: i64,
    /// The parameter that caps the points of each stream.
    pub limit: Option<Arc<str>>,
    /// The parameters that name streams, where the path alone does not.
    pub streams: Vec<Arc<str>>,
    /// The parameter that chooses a cycle, and its values with what they mean.
    pub cycle: Option<(Arc<str>, Vec<CycleValue>)>,
    /// The cycle of a stream of which nothing else is known, in milliseconds.
    pub cycle_default_ms: i64,
    /// The points counted for a stream that nobody knows.
    pub unknown: Unknown,
}

/// A value of a parameter, and the cycle it stands for, in milliseconds.
pub type CycleValue = (Arc<str>, i64);

/// The treatment of a read of streams that nobody knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// They count by the cycle that the request or the route gives, and are no strings.
    Count,
    /// They count nothing.
    Pass,
    /// It is refused.
    Refuse,
}

/// The cycle of a stream: how many of its intervals a range has.
pub trait Cycle: Send + Sync {
    /// The range over the cycle, rounded up; none for an empty range.
    fn count(&self, start_ms: i64, end_ms: i64) -> u64;
}

/// A cycle of always the same length, in milliseconds; at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Even(pub i64);

/// The known facts of one stream. Those of one cycle share it, so that it is reckoned once for all of them.
#[derive(Clone)]
pub struct Series {
    /// Its values are strings.
    pub strings: bool,
    /// Its cycle.
    pub cycle: Arc<dyn Cycle>,
    /// Its first sample, in Unix milliseconds; `None`: it has none.
    pub first_ms: Option<i64>,
}

/// The range and streams that a request's query asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// `None`: each stream's first sample.
    pub start_ms: Option<i64>,
    /// The end of the range; now, where nothing is said.
    pub end_ms: i64,
    /// Most points of each stream.
    pub limit: Option<u64>,
    /// The number of streams the query names; at least 1.
    pub streams: u64,
    /// The cycle of streams that nobody knows, in milliseconds.
    pub cycle_ms: i64,
}

/// Points, strings and others apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sum {
    strings: u64,
    others: u64,
}

/// Returns the excess of a read over a limit on points; `known` has the known facts of its streams.
pub fn excess(bounded: &Bounded, rule: &RangeRule, question: &Question, known: Option<&[Series]>) -> Option<Excess> {
    let allowed = u64::from(bounded.quota);
    let of = |strings, widest| Of::Points { strings, widest };
    let assumed;
    let series = match (known, rule.unknown) {
        (Some(series), _) => series,
        (None, Unknown::Pass) => return None,
        (None, Unknown::Refuse) => return Some(Excess::new(bounded, None, allowed, of(false, None))),
        // If there is no start, nobody can say where the range begins: the upstream can.
        (None, Unknown::Count) => {
            assumed = [Series {
                strings: false,
                cycle: Arc::new(Even(question.cycle_ms)),
                first_ms: None,
            }];
            &assumed
        }
    };
    let times = if known.is_some() { 1 } else { question.streams };
    let strings = bounded.limit.quota_strings(bounded.quota).map(u64::from);
    let asked = sum(series, times, question);
    let (strings_over, found, allowed) = match strings {
        Some(most) if asked.strings > most => (true, asked.strings, most),
        Some(_) if asked.others > allowed => (false, asked.others, allowed),
        None if asked.strings.saturating_add(asked.others) > allowed => {
            (false, asked.strings.saturating_add(asked.others), allowed)
        }
        _ => return None,
    };
    let fits = |sum: Sum| match strings {
        Some(most) => sum.strings <= most && sum.others <= u64::from(bounded.quota),
        None => sum.strings.saturating_add(sum.others) <= u64::from(bounded.quota),
    };
    let widest = widest(series, times, question, rule.unit_ms, fits);
    Some(Excess::new(bounded, Some(found), allowed, of(strings_over, widest)))
}

fn sum(series: &[Series], times: u64, question: &Question) -> Sum {
    let mut sum = Sum::default();
    for one in series {
        let start_ms = question.start_ms.or(one.first_ms);
        let count = start_ms.map_or(0, |start_ms| one.cycle.count(start_ms, question.end_ms));
        sum.add(one, question.limit.map_or(count, |limit| count.min(limit)), times);
    }
    sum
}

/// The longest range from the start that passes, in whole units of the parameters: found by halving, over the streams
/// that count alike at once.
fn widest(
    series: &[Series],
    times: u64,
    question: &Question,
    unit_ms: i64,
    fits: impl Fn(Sum) -> bool,
) -> Option<Widest> {
    let start_ms = question
        .start_ms
        .or(series.iter().filter_map(|one| one.first_ms).min())?;
    let mut alike: Vec<(&Series, u64)> = Vec::new();
    for one in series {
        let same =
            |(other, _): &&mut (&Series, u64)| other.strings == one.strings && Arc::ptr_eq(&other.cycle, &one.cycle);
        match alike.iter_mut().find(same) {
            Some((_, streams)) => *streams += times,
            None => alike.push((one, times)),
        }
    }
    let passes = |units: i64| {
        let end_ms = start_ms.saturating_add(units.saturating_mul(unit_ms));
        let mut sum = Sum::default();
        for (one, streams) in &alike {
            let count = one.cycle.count(start_ms, end_ms);
            sum.add(one, question.limit.map_or(count, |limit| count.min(limit)), *streams);
        }
        fits(sum)
    };
    let asked_units = question.end_ms.saturating_sub(start_ms) / unit_ms;
    let (mut most, mut too_many) = (0, asked_units.saturating_add(1));
    while too_many - most > 1 {
        let middle = most + (too_many - most) / 2;
        match passes(middle) {
            true => most = middle,
            false => too_many = middle,
        }
    }
    let range_ms = most.saturating_mul(unit_ms);
    Some(Widest {
        range_ms,
        end_ms: start_ms.saturating_add(range_ms),
    })
}

// === impl RangeRule ===

impl RangeRule {
    /// Reads a query. Of a parameter that stands several times nobody knows which one counts: the widest reading does. A
    /// value that is no time is for the upstream to refuse, and counts as missing.
    pub fn question(&self, query: Option<&str>, now_ms: i64) -> Question {
        let times = |name: &Arc<str>| -> Vec<i64> {
            let texts = facts::query_values(query, name);
            texts.filter_map(|text| self.time_ms(&text)).collect()
        };
        let caps = self.limit.iter().flat_map(|name| facts::query_values(query, name));
        // A cap that is no number caps nothing.
        let caps = caps.map(|text| text.trim().parse().unwrap_or(u64::MAX));
        let streams = self.streams.iter().flat_map(|name| facts::query_values(query, name));
        let chosen = self.cycle.iter().flat_map(|(name, cycles)| {
            let values = facts::query_values(query, name);
            values.filter_map(move |value| cycles.iter().find(|(text, _)| **text == *value.trim()))
        });
        Question {
            start_ms: times(&self.start).into_iter().min(),
            end_ms: times(&self.end).into_iter().max().unwrap_or(now_ms),
            limit: caps.max(),
            streams: streams.map(|text| named(&text)).sum::<u64>().max(1),
            cycle_ms: chosen
                .map(|(_, cycle_ms)| *cycle_ms)
                .min()
                .unwrap_or(self.cycle_default_ms),
        }
    }

    /// A number of units since 1970, or a time as RFC 3339 writes it.
    fn time_ms(&self, text: &str) -> Option<i64> {
        let text = text.trim();
        if let Ok(units) = text.parse::<i64>() {
            return Some(units.saturating_mul(self.unit_ms));
        }
        if let Ok(units) = text.parse::<f64>() {
            // Some servers read 1.7e12. Casts of floats stop at the ends of the integer's range.
            return Some((units * self.unit_ms as f64) as i64);
        }
        text.parse::<jiff::Timestamp>().ok().map(|time| time.as_millisecond())
    }
}

/// Counts the streams a value names: the objects of a JSON list, or what stands between commas, spaces and plus signs.
fn named(text: &str) -> u64 {
    if text.trim_start().starts_with('[') {
        return text.matches('{').count() as u64;
    }
    text.split([',', ' ', '+']).filter(|name| !name.is_empty()).count() as u64
}

// === impl Even ===

impl Cycle for Even {
    fn count(&self, start_ms: i64, end_ms: i64) -> u64 {
        let range_ms = end_ms.saturating_sub(start_ms).max(0) as u64;
        range_ms.div_ceil(self.0.max(1) as u64)
    }
}

// === impl Sum ===

impl Sum {
    fn add(&mut self, series: &Series, points: u64, times: u64) {
        let sum = if series.strings {
            &mut self.strings
        } else {
            &mut self.others
        };
        *sum = sum.saturating_add(points.saturating_mul(times));
    }
}

impl std::fmt::Debug for Series {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Series")
            .field("strings", &self.strings)
            .field("first_ms", &self.first_ms)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
