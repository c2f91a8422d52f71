//! A refusal as a value: what, whose, how much, until when, how to avoid it. Dialects and status lines are the door's.

use std::{sync::Arc, time::Duration};

use crate::{
    ask::Ask,
    cell::{Fit, Standing},
    decide::Verdict,
    facts::Ambiguous,
    identity::{Invalid, Resource, Role},
};

/// Why the gate itself answers, with everything an answer may say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The request has two readings: 400, before any limit.
    Ambiguous(Ambiguous),
    /// One or more limits are used up: 429; or the cost can never fit: 422.
    OverLimit(OverLimit),
    /// Two different credentials of one role: 400.
    TwoCredentials(Role),
    /// No credential: 401.
    MissingCredential,
    /// A credential that names nobody: 401.
    BadCredential(Invalid),
    /// Somebody else's station or device: 403.
    NotYours(Resource),
    /// A station or device that does not exist: 404.
    NoSuch(Resource),
    /// No route: 404.
    NoRoute,
    /// The body is larger than the gate lets through: 413.
    BodyTooLarge {
        /// Most bytes a body may have.
        allowed_bytes: u64,
    },
    /// The gate or the upstream's connections are used up: 503.
    NoCapacity {
        /// When to come back.
        retry_after: Duration,
    },
    /// The upstream could not be reached or broke off: 502.
    UpstreamFailed(Arc<str>),
    /// The upstream did not answer in time: 504.
    UpstreamSilent {
        /// How long it was waited for.
        waited: Duration,
    },
    /// A part of Tidegate itself failed: 500. The text is for the log, not for callers.
    Internal(Arc<str>),
    /// The caller sent its body too slowly or broke it off: 408.
    BodyStalled,
}

/// The limits that refuse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OverLimit {
    /// The one with the longest wait; the text names it.
    pub worst: Violation,
    /// All that refuse, by name, the worst among them.
    pub violated: Vec<Arc<str>>,
}

/// One limit that refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The limit's name.
    pub limit: Arc<str>,
    /// Whose count, e.g. `user ann`.
    pub scope: String,
    /// Units per window, for this caller.
    pub quota: u32,
    /// The quota's window in words, e.g. `minute`.
    pub window: Duration,
    /// Units from idle.
    pub burst: u32,
    /// Units used.
    pub used: u64,
    /// What was asked.
    pub cost: u32,
    /// The exact wait; `None` where waiting never helps.
    pub retry_after: Option<Duration>,
    /// How to avoid it, in the operator's words.
    pub hint: Option<Arc<str>>,
    /// Where the quota comes from.
    pub from: String,
}

/// The refusal of a verdict that did not admit.
pub fn over_limit(asks: &[Ask<'_>], verdict: &Verdict) -> OverLimit {
    let refusing: Vec<Violation> = asks
        .iter()
        .zip(&verdict.outcomes)
        .filter(|(ask, outcome)| !ask.take.shadow && outcome.fit != Fit::Now)
        .map(|(ask, outcome)| violation(ask, outcome.standing, outcome.fit))
        .collect();
    let mut violated: Vec<Arc<str>> = Vec::new();
    for found in &refusing {
        if !violated.contains(&found.limit) {
            violated.push(found.limit.clone());
        }
    }
    // `None`, a wait that never helps, outranks every wait.
    let worst = refusing.into_iter().max_by_key(|found| found.retry_after.unwrap_or(Duration::MAX));
    OverLimit { worst: worst.unwrap_or_else(unreachable_violation), violated }
}

/// A verdict that refuses has a take that refuses; asked without one, the answer says so instead of panicking.
fn unreachable_violation() -> Violation {
    let window = Duration::from_secs(1);
    Violation { limit: "none".into(), scope: String::new(), quota: 0, window, burst: 0, used: 0, cost: 0, retry_after: None, hint: None, from: String::new() }
}

fn violation(ask: &Ask<'_>, standing: Standing, fit: Fit) -> Violation {
    Violation {
        limit: ask.limit.name.clone(),
        scope: ask.scope.to_string(),
        quota: ask.take.quantity.quota(),
        window: ask.take.quantity.window(),
        burst: ask.take.quantity.burst(),
        used: standing.used,
        cost: ask.take.cost,
        retry_after: match fit {
            Fit::After(wait) => Some(wait),
            Fit::Now | Fit::Never => None,
        },
        hint: ask.limit.hint.clone(),
        from: ask.origin.to_string(),
    }
}

// === impl Refusal ===

impl Refusal {
    /// The wait a caller should keep, where waiting helps.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Refusal::OverLimit(over) => over.worst.retry_after,
            Refusal::NoCapacity { retry_after } => Some(*retry_after),
            _ => None,
        }
    }

    /// One sentence or two that a person can act on.
    pub fn sentence(&self) -> String {
        match self {
            Refusal::Ambiguous(why) => format!("This request was not read: {why}."),
            Refusal::OverLimit(over) => over.sentence(),
            Refusal::TwoCredentials(role) => {
                let role = if *role == Role::User { "user" } else { "application" };
                format!("Two different {role} credentials were shown; send one.")
            }
            Refusal::MissingCredential => "No credential was shown. Send your token as `Authorization: Bearer …`, or in the parameter this API names.".into(),
            Refusal::BadCredential(why) => bad_credential(*why).into(),
            Refusal::NotYours(resource) => format!("{} is not yours: neither your own nor shared with you. Ask its owner to share it.", capital(resource)),
            Refusal::NoSuch(resource) => format!("{} does not exist.", capital(resource)),
            Refusal::NoRoute => "No operation of this API has this method and path.".into(),
            Refusal::BodyTooLarge { allowed_bytes } => format!("The body is larger than the {allowed_bytes} bytes allowed. Split it into several requests."),
            Refusal::NoCapacity { retry_after } => {
                format!("We are short of capacity, and this is not about your limits. Try again in {}.", span(*retry_after))
            }
            Refusal::UpstreamFailed(what) => format!("The API behind this gateway did not answer: {what}."),
            Refusal::UpstreamSilent { waited } => format!("The API behind this gateway did not answer within {}.", span(*waited)),
            Refusal::Internal(_) => "The gateway itself failed on this request. The fault is ours; nothing was billed.".into(),
            Refusal::BodyStalled => "The body arrived too slowly or broke off.".into(),
        }
    }
}

impl OverLimit {
    fn sentence(&self) -> String {
        let v = &self.worst;
        let mut text = format!("The limit `{}` allows {} {} for {}", v.limit, v.quota, per(v.window), v.scope);
        match v.retry_after {
            Some(wait) => text.push_str(&format!("; {} of {} are used. Try again in {}.", v.used, v.burst, span(wait))),
            None => text.push_str(&format!("; this request asks for {}, which will never fit.", v.cost)),
        }
        if let [_, _, ..] = self.violated.as_slice() {
            text.push_str(&format!(" Also over its limit: {}.", others(&self.violated, &v.limit)));
        }
        if let Some(hint) = &v.hint {
            text.push(' ');
            text.push_str(hint);
        }
        text
    }
}

fn others(violated: &[Arc<str>], worst: &str) -> String {
    violated.iter().filter(|name| &***name != worst).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn bad_credential(why: Invalid) -> &'static str {
    match why {
        Invalid::Malformed => "The credential shown is not in the form of a token of this API: a character is missing or wrong.",
        Invalid::Unknown => "The credential shown was never issued here.",
        Invalid::Expired => "The credential shown has expired. Make a new one.",
        Invalid::Revoked => "The credential shown was revoked. Make a new one.",
        Invalid::AppAlone => "An app key names the application and reads nothing by itself: send a user's token beside it.",
        Invalid::TwoOfOneRole(_) => "Two different credentials of one role were shown; send one.",
    }
}

fn capital(resource: &Resource) -> String {
    match resource {
        Resource::Station(id) => format!("Station {id}"),
        Resource::Device(id) => format!("Device {id}"),
    }
}

/// `per minute`, `per 2 minutes`: a window in the words of a limits page.
pub fn per(window: Duration) -> String {
    let secs = window.as_secs();
    let units = [(86_400 * 31, "month"), (86_400 * 30, "30 days"), (86_400 * 7, "week"), (86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    for (unit_secs, name) in units {
        if secs == unit_secs {
            return format!("per {name}");
        }
        if secs > unit_secs && secs.is_multiple_of(unit_secs) && unit_secs < 86_400 * 30 {
            return format!("per {} {name}s", secs / unit_secs);
        }
    }
    format!("per {} ms", window.as_millis())
}

/// A wait in words, rounded up: `0.6 s`, `42 s`, `3 min 20 s`, `2 h 5 min`, `12 d 3 h`.
pub fn span(wait: Duration) -> String {
    let ms = u64::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
    let secs = ms.div_ceil(1000);
    match secs {
        _ if ms < 1000 => format!("{ms} ms"),
        _ if secs < 120 => format!("{secs} s"),
        _ if secs < 7_200 => two(secs / 60, "min", secs % 60, "s"),
        _ if secs < 172_800 => two(secs / 3_600, "h", secs % 3_600 / 60, "min"),
        _ => two(secs / 86_400, "d", secs % 86_400 / 3_600, "h"),
    }
}

fn two(whole: u64, unit: &str, rest: u64, rest_unit: &str) -> String {
    if rest == 0 { format!("{whole} {unit}") } else { format!("{whole} {unit} {rest} {rest_unit}") }
}

#[cfg(test)]
mod tests;
