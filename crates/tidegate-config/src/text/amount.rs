//! `rate = "100 per minute"` and `quota = "1000 per day"`.

use std::time::Duration;

use tidegate_core::limit::Period;

use crate::parts::Parts;
use crate::{finding::Fault, reader::Syntax, suggest::instead_of};

/// So many in any window of this length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateText {
    /// Units per window.
    pub quota: u32,
    /// The window.
    pub window: Duration,
    /// The window was written in months, which a rate takes as 30 days.
    pub in_months: bool,
}

/// So many in a calendar window of UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaText {
    /// Units per window.
    pub quota: u32,
    /// The window.
    pub period: Period,
}

const UNITS: &[(&str, u64)] = &[
    ("second", 1),
    ("minute", 60),
    ("hour", 3_600),
    ("day", 86_400),
    ("week", 7 * 86_400),
    ("month", 30 * 86_400),
];

const PERIODS: &[(&str, Period)] = &[
    ("minute", Period::Minute),
    ("hour", Period::Hour),
    ("day", Period::Day),
    ("week", Period::Week),
    ("month", Period::Month),
];

/// A longer window would outlive every restart and every month's bill.
const WINDOW_S_MAX: u64 = 31 * 86_400;

impl Syntax for RateText {
    const EXAMPLES: &'static [&'static str] = &["100 per minute", "12 per 2 minutes", "150 per hour"];

    fn parse(text: &str, _: &Parts) -> Result<RateText, Fault> {
        let (quota, window) = split(text, "100 per minute")?;
        let (times, unit) = match window.split_once(' ') {
            Some((times, unit)) => (
                number(times)?.ok_or_else(|| {
                    Fault::new(format!("`{times}` is no number of windows"), form("12 per 2 minutes"))
                })?,
                unit,
            ),
            None => (1, window),
        };
        if times == 0 {
            return Err(Fault::new("a window of no time", form("12 per 2 minutes")));
        }
        let unit = singular(unit.trim());
        let names: Vec<&str> = UNITS.iter().map(|(name, _)| *name).collect();
        let seconds = UNITS
            .iter()
            .find(|(name, _)| *name == unit)
            .map(|(_, seconds)| *seconds);
        let seconds =
            seconds.ok_or_else(|| Fault::new(format!("`{unit}` is no unit of time"), instead_of(unit, &names)))?;
        let window_s = times.saturating_mul(seconds);
        if window_s > WINDOW_S_MAX {
            return Err(Fault::new("a window longer than 31 days", "write a shorter one"));
        }
        Ok(RateText {
            quota: quota_of(quota)?,
            window: Duration::from_secs(window_s),
            in_months: unit == "month",
        })
    }
}

impl Syntax for QuotaText {
    const EXAMPLES: &'static [&'static str] = &["1000 per day", "250_000 per month"];

    fn parse(text: &str, _: &Parts) -> Result<QuotaText, Fault> {
        let (quota, window) = split(text, "1000 per day")?;
        let names: Vec<&str> = PERIODS.iter().map(|(name, _)| *name).collect();
        if window.split_once(' ').is_some() || singular(window) == "second" {
            let right =
                "write one of minute, hour, day, week or month, or use `rate` for windows that follow the caller";
            return Err(Fault::new(format!("`{window}` is no calendar window"), right));
        }
        let period = PERIODS
            .iter()
            .find(|(name, _)| *name == window)
            .map(|(_, period)| *period);
        let period = period
            .ok_or_else(|| Fault::new(format!("`{window}` is no calendar window"), instead_of(window, &names)))?;
        Ok(QuotaText {
            quota: quota_of(quota)?,
            period,
        })
    }
}

/// The two halves around `per`, with single spaces.
fn split<'a>(text: &'a str, example: &str) -> Result<(&'a str, &'a str), Fault> {
    let halves = text
        .split_once(" per ")
        .map(|(quota, window)| (quota.trim(), window.trim()));
    match halves {
        Some((quota, window)) if !quota.is_empty() && !window.is_empty() => Ok((quota, window)),
        _ => Err(Fault::new(
            format!("`{text}` is not so many per so long"),
            form(example),
        )),
    }
}

/// A quota as people write one: `10000`, `10_000` or `10,000`.
fn quota_of(text: &str) -> Result<u32, Fault> {
    let wrong = || {
        Fault::new(
            format!("`{text}` is no quota"),
            format!("write a whole number from 1 to {}", u32::MAX),
        )
    };
    let value = number(text)?.ok_or_else(wrong)?;
    match u32::try_from(value) {
        Ok(0) => Err(Fault::new(
            "a quota of 0 refuses everybody for ever",
            "write at least 1",
        )),
        Ok(quota) => Ok(quota),
        Err(_) => Err(Fault::new(
            format!("`{text}` is more than a count can hold"),
            format!("write at most {}", u32::MAX),
        )),
    }
}

/// `None` where it is no whole number.
fn number(text: &str) -> Result<Option<u64>, Fault> {
    let digits: String = text.chars().filter(|c| *c != '_' && *c != ',').collect();
    if digits.is_empty() || !digits.chars().all(|c| c.is_ascii_digit()) {
        return Ok(None);
    }
    match digits.parse() {
        Ok(value) => Ok(Some(value)),
        Err(_) => Err(Fault::new(
            format!("`{text}` is more than a count can hold"),
            format!("write at most {}", u32::MAX),
        )),
    }
}

fn singular(unit: &str) -> &str {
    unit.strip_suffix('s').unwrap_or(unit)
}

fn form(example: &str) -> String {
    format!("write it as `{example}`")
}

#[cfg(test)]
mod tests;
