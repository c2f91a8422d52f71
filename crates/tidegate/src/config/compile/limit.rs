//! One limit, by itself: how much of what, for whom. What it binds to is [`super::bind`]'s.

use tidegate_core::limit::{CountsAt, Limit, OnStoreLoss, Quantity, Who};

use super::{Draft, DraftLimit, name, part};
use crate::config::{
    finding::{Fault, Report},
    place::At,
    text::{
        amount::RateText,
        defaults::DefaultsText,
        limit::{Amount, LimitText},
    },
};

/// Adds the limit, if something can be made of it.
pub fn compile(
    name: &str,
    at: &At<LimitText>,
    defaults: Option<&At<DefaultsText>>,
    draft: &mut Draft,
    report: &mut Report,
) {
    name::check(name, &at.place, report);
    let text = &at.value;
    let defaults = defaults.map(|at| &at.value);
    let who = text.who.as_ref().map_or(Who::Everyone, |at| at.value.0);
    let per = part::counted(text.per.as_ref(), who, report);
    let quantity = quantity(at, report);
    let within = text.within.as_ref().and_then(|at| part::within(at, who, report));
    let counts_at = text
        .counts_at
        .as_ref()
        .or(defaults.and_then(|text| text.counts_at.as_ref()));
    let on_store_loss = text
        .on_store_loss
        .as_ref()
        .or(defaults.and_then(|text| text.on_store_loss.as_ref()));
    let shadow = text.shadow.as_ref().or(defaults.and_then(|text| text.shadow.as_ref()));
    let hint = text.hint.as_ref().map(|at| hint(at, report));
    // A name that stands twice was reported, and a limit of two minds is none.
    let (Some(quantity), None) = (quantity, draft.limit_named(name)) else {
        return;
    };
    let limit = Limit {
        name: name.into(),
        who,
        per,
        quantity,
        within,
        counts_at: counts_at.map_or(CountsAt::Edge, |at| at.value.0),
        on_store_loss: on_store_loss.map_or(OnStoreLoss::LocalShare, |at| at.value.0),
        shadow: shadow.is_some_and(|at| at.value),
        hint: hint.map(Into::into),
        plans: Vec::new(),
    };
    draft.limits.push(DraftLimit {
        limit,
        place: Some(at.place.clone()),
    });
}

/// Exactly one of `rate` and `quota`.
fn quantity(at: &At<LimitText>, report: &mut Report) -> Option<Quantity> {
    let text = &at.value;
    if let Some(slots) = &text.slots {
        return slots_alone(slots, text, report);
    }
    match (&text.rate, &text.quota) {
        (Some(_), Some(quota)) => {
            report.error(
                &quota.place,
                Fault::new("a limit is a `rate` or a `quota`, not both", "write two limits"),
            );
            None
        }
        (Some(rate), None) => {
            let RateText {
                quota,
                window,
                in_months,
            } = rate.value.0;
            if in_months {
                let right = "write `30 days`, or use `quota` for calendar months";
                report.warn(&rate.place, Fault::new("a month of a rate is 30 days", right));
            }
            Some(Quantity::Rate {
                quota,
                burst: burst(text, quota, report),
                window,
            })
        }
        (None, Some(quota)) => {
            if let Some(burst) = &text.burst {
                let right = "leave it out: a calendar window admits its whole quota at once";
                report.error(&burst.place, Fault::new("a burst belongs to a `rate`", right));
            }
            Some(Quantity::Quota {
                quota: quota.value.0.quota,
                period: quota.value.0.period,
            })
        }
        (None, None) => {
            if !text.written.iter().any(|key| AMOUNTS.contains(&key.as_str())) {
                let right = "write `rate = \"100 per minute\"` or `quota = \"1000 per day\"`";
                report.error(&at.place, Fault::new("limits nothing: no `rate` and no `quota`", right));
            }
            None
        }
    }
}

/// A limit is of one kind; what waits for a window has no place beside what is open.
fn slots_alone(slots: &At<Amount>, text: &LimitText, report: &mut Report) -> Option<Quantity> {
    let others = [
        text.rate.as_ref().map(|at| &at.place),
        text.quota.as_ref().map(|at| &at.place),
        text.burst.as_ref().map(|at| &at.place),
    ];
    let mut alone = true;
    for place in others.into_iter().flatten() {
        report.error(
            place,
            Fault::new(
                "`slots` caps what is open at once, and stands alone",
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
    "body",
    "body_bytes",
    "body_bytes_max",
    "samples",
    "strings",
];

fn burst(text: &LimitText, quota: u32, report: &mut Report) -> u32 {
    let Some(at) = &text.burst else { return quota };
    let burst = at.value.to_u32();
    if burst < quota {
        let wrong = format!("a burst of {burst} may refuse a caller who keeps to the quota of {quota}");
        report.warn(
            &at.place,
            Fault::new(wrong, format!("write at least {quota}, or leave it out")),
        );
    }
    burst
}

/// Characters in a hint: it stands in every refusal.
const HINT_CHARS_MAX: usize = 300;

fn hint(at: &At<String>, report: &mut Report) -> String {
    if at.value.is_empty() || at.value.chars().count() > HINT_CHARS_MAX || at.value.chars().any(char::is_control) {
        report.error(
            &at.place,
            Fault::new(
                "no text for a refusal",
                format!("write one line of 1 to {HINT_CHARS_MAX} characters"),
            ),
        );
    }
    at.value.clone()
}
