//! The amount that a limit admits: exactly one of `rate`, `sliding`, `quota` and `slots`.

use tidegate_core::limit::{Quantity, SLIDING_QUOTA_MAX};

use crate::{
    diagnostics::{Fault, Report},
    location::{Located, Location},
    reader::Written,
    sections::{
        limit::{Amount, LimitText},
        rate_quota::{QuotaText, RateText},
    },
};

/// Returns the amount of a limit's table.
pub fn of_limit(at: &Located<LimitText>, report: &mut Report) -> Option<Quantity> {
    let text = &at.value;
    if let Some(slots) = &text.slots {
        return slots_alone(slots, text, report);
    }
    let kinds = [
        ("rate", text.rate.as_ref().map(|at| &at.location)),
        ("sliding", text.sliding.as_ref().map(|at| &at.location)),
        ("quota", text.quota.as_ref().map(|at| &at.location)),
    ];
    if is_one_too_many(&kinds, report) {
        return None;
    }
    match (&text.rate, &text.sliding, &text.quota) {
        (Some(at), ..) => Some(rate(at, text.burst.as_ref(), report)),
        (_, Some(at), _) => {
            let right = "remove it: a sliding window admits its whole quota at once";
            no_burst(text, right, report);
            sliding(at, report)
        }
        (.., Some(at)) => {
            let right = "remove it: a calendar window admits its whole quota at once";
            no_burst(text, right, report);
            Some(calendar(&at.value))
        }
        (None, None, None) => {
            if !text.written.iter().any(|key| AMOUNTS.contains(&key.as_str())) {
                let right =
                    "write `rate = \"100 per minute\"`, `sliding = \"12 per 2 minutes\"` or `quota = \"1000 per day\"`";
                let wrong = "has neither `rate` nor `sliding` nor `quota`";
                report.error(&at.location, Fault::new(wrong, right));
            }
            None
        }
    }
}

/// Returns the amount of a `rate`, with its burst.
pub fn rate(at: &Located<Written<RateText>>, burst: Option<&Located<Amount>>, report: &mut Report) -> Quantity {
    let RateText {
        quota,
        window,
        in_months,
    } = at.value.0;
    if in_months {
        let right = "write `30 days`, or use `quota` for calendar months";
        report.warn(&at.location, Fault::new("a month in `rate` is 30 days", right));
    }
    Quantity::Rate {
        quota,
        burst: burst.map_or(quota, |at| burst_of(at, quota, report)),
        window,
    }
}

/// Returns the amount of a `sliding`: each unit is remembered by itself, so there is a largest quota.
pub fn sliding(at: &Located<Written<RateText>>, report: &mut Report) -> Option<Quantity> {
    let RateText {
        quota,
        window,
        in_months,
    } = at.value.0;
    if in_months {
        let right = "write `30 days`, or use `quota` for calendar months";
        report.warn(&at.location, Fault::new("a month in `sliding` is 30 days", right));
    }
    if quota > SLIDING_QUOTA_MAX {
        let right = format!("write at most {SLIDING_QUOTA_MAX}, or use `rate`");
        report.error(&at.location, Fault::new(too_large(quota), right));
        return None;
    }
    Some(Quantity::Sliding { quota, window })
}

/// Returns the fault of a sliding quota above the largest.
pub fn too_large(quota: u32) -> String {
    format!("a sliding limit remembers each call that it admits, and {quota} is too many")
}

/// Is true when more than one of these is written, which is reported at the second.
pub fn is_one_too_many(kinds: &[(&str, Option<&Location>)], report: &mut Report) -> bool {
    let written: Vec<_> = kinds
        .iter()
        .filter_map(|(key, location)| Some((key, (*location)?)))
        .collect();
    let [(first, _), (second, location), ..] = written.as_slice() else {
        return false;
    };
    let wrong = format!("a limit cannot have both `{first}` and `{second}`");
    report.error(location, Fault::new(wrong, "write two limits"));
    true
}

fn calendar(text: &Written<QuotaText>) -> Quantity {
    Quantity::Quota {
        quota: text.0.quota,
        period: text.0.period,
    }
}

fn no_burst(text: &LimitText, right: &str, report: &mut Report) {
    if let Some(burst) = &text.burst {
        report.error(&burst.location, Fault::new("`burst` only applies to a `rate`", right));
    }
}

/// A limit is of one kind; what waits for a window has no place beside what is open.
fn slots_alone(slots: &Located<Amount>, text: &LimitText, report: &mut Report) -> Option<Quantity> {
    let others = [
        text.rate.as_ref().map(|at| &at.location),
        text.sliding.as_ref().map(|at| &at.location),
        text.quota.as_ref().map(|at| &at.location),
        text.burst.as_ref().map(|at| &at.location),
    ];
    let mut alone = true;
    for location in others.into_iter().flatten() {
        report.error(
            location,
            Fault::new(
                "`slots` limits open sockets and cannot be combined with this key",
                "write two limits",
            ),
        );
        alone = false;
    }
    alone.then(|| Quantity::Slots {
        quota: slots.value.to_u32(),
    })
}

/// Keys that say how much; one of them that was no good was reported where it stands.
const AMOUNTS: &[&str] = &[
    "rate",
    "quota",
    "sliding",
    "slots",
    "points",
    "body_bytes",
    "samples",
    "streams",
    "string_chars",
    "subsecond",
];

/// A burst, which may be smaller than the quota, though hardly anybody means that.
pub fn burst_of(at: &Located<Amount>, quota: u32, report: &mut Report) -> u32 {
    let burst = at.value.to_u32();
    if burst < quota {
        let wrong = format!("a burst of {burst} may refuse a caller who keeps to the quota of {quota}");
        report.warn(
            &at.location,
            Fault::new(wrong, format!("write at least {quota}, or remove it")),
        );
    }
    burst
}
