//! `[cache]`: which routes' answers are kept, and for how long.

use std::time::Duration;

use http::HeaderName;

use super::macros::keyed_table;
use crate::{
    finding::Fault,
    parts::Parts,
    reader::{OneOrMany, Syntax, Written},
};

keyed_table! {
    /// Which answers of the page are kept for a short while and given again. No route's are without it.
    pub struct CacheText {
        /// The routes of this page whose answers are kept.
        on: OneOrMany<String>,
        /// For how long an answer is fresh whose upstream says nothing of it: `10 s`, from `0 s` to `24 h`. What the upstream says counts first.
        fresh_for: Written<SpanText> = "0 s",
        /// Fields of answers that speak to this cache, the most particular one first, such as `CDN-Cache-Control` (RFC 9213); at most 4. The first one that an answer has counts instead of `Cache-Control` and `Expires`.
        targets: OneOrMany<Written<TargetText>>,
    }
}

/// A span of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpanText(pub Duration);

/// The name of a field that says to some caches what `Cache-Control` says to all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TargetText(pub HeaderName);

const UNITS: &[(&str, u64)] = &[("ms", 1), ("s", 1_000), ("min", 60_000), ("h", 3_600_000)];

/// The longest span.
const MS_MAX: u64 = 24 * 3_600_000;

impl Syntax for TargetText {
    const EXAMPLES: &'static [&'static str] = &["CDN-Cache-Control"];

    fn parse(text: &str, _: &Parts) -> Result<TargetText, Fault> {
        let name = HeaderName::from_bytes(text.as_bytes()).ok();
        // All of them are named so (RFC 9213 2.3); another field's words would mean something else.
        let name = name.filter(|name| name.as_str().ends_with("-cache-control"));
        name.map(TargetText).ok_or_else(|| {
            let right = "write a name that ends in `-Cache-Control`, as `CDN-Cache-Control`";
            Fault::new(format!("`{text}` is no field that speaks to some caches"), right)
        })
    }
}

impl Syntax for SpanText {
    const EXAMPLES: &'static [&'static str] = &["10 s", "500 ms", "1 min", "1 h"];

    fn parse(text: &str, _: &Parts) -> Result<SpanText, Fault> {
        let read = || {
            let (number, unit) = text.split_once(' ')?;
            let unit_ms = UNITS.iter().find(|(name, _)| *name == unit)?.1;
            if !number.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            number.parse::<u64>().ok()?.checked_mul(unit_ms)
        };
        let ms = read().ok_or_else(|| {
            let right = "write a number and `ms`, `s`, `min` or `h`, with a space between: `10 s`";
            Fault::new(format!("`{text}` is no span of time"), right)
        })?;
        if ms > MS_MAX {
            return Err(Fault::new(
                format!("`{text}` is longer than a day"),
                "write at most `24 h`",
            ));
        }
        Ok(SpanText(Duration::from_millis(ms)))
    }
}
