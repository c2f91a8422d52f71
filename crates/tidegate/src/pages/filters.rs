//! Words that the pages' templates make of values.

use std::time::Duration;

use askama::{Result, Values, filter_fn};
use tidegate_core::refusal::span;

use crate::table;

/// `2026-11-22T12:00:05.250Z` as people read it: `2026-11-22 12:00 UTC`.
#[filter_fn]
pub fn moment(at: impl AsRef<str>, _: &dyn Values) -> Result<String> {
    let at = at.as_ref();
    Ok(match (at.get(..10), at.get(11..16)) {
        (Some(day), Some(time)) => format!("{day} {time} UTC"),
        _ => at.to_owned(),
    })
}

/// Seconds in words: `3 min 20 s`.
#[filter_fn]
pub fn seconds(value: &u64, _: &dyn Values) -> Result<String> {
    Ok(span(Duration::from_secs(*value)))
}

/// `12,345`.
#[filter_fn]
pub fn thousands(value: impl std::fmt::Display, _: &dyn Values) -> Result<String> {
    let text = value.to_string();
    Ok(text.parse().map_or(text, table::thousands))
}
