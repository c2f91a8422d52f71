//! A refusal as a value: what, whose, how much, until when, how to avoid it. Dialects and status lines are the door's.

use std::{sync::Arc, time::Duration};

use crate::{
    cell::{Fit, Standing},
    decide::Verdict,
    facts::Ambiguous,
    identity::{Invalid, Role},
    limit_check::LimitCheck,
    payload::excess::Excess,
    resource::Resource,
    wait::{SLOT_RETRY_HINT, Wait},
};

/// The reason why the gate itself answers, with everything an answer may say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The request has two readings: 400, before any limit.
    Ambiguous(Ambiguous),
    /// The head is larger than the gate reads: 431, or 414 where its first line alone is; before any limit.
    HeadTooLarge(HeadBound),
    /// One or more limits are used up: 429; or the cost can never fit: 422.
    OverLimit(OverLimit),
    /// Two different credentials of one role: 400.
    TwoCredentials(Role),
    /// A handshake that is none (RFC 6455): 400, or 426 where another version would be right. Nothing is taken.
    BadHandshake {
        /// The mistake in it.
        why: Arc<str>,
        /// Another version of the protocol would be right.
        upgrade_required: bool,
    },
    /// No credential: 401.
    MissingCredential,
    /// A credential that names nobody: 401.
    BadCredential(Invalid),
    /// A resource that is somebody else's: 403.
    NotYours(Resource),
    /// A credential of another tenant than the one whose leased instance was asked: 403.
    NotOfInstance,
    /// A token of an issuer that was not given for what this API asks: 403 (RFC 6750 3.1).
    InsufficientScope,
    /// A resource that does not exist: 404.
    NoSuch(Resource),
    /// No route: 404.
    NoRoute,
    /// The body is larger than the gate lets through: 413.
    BodyTooLarge {
        /// The number of bytes it has, where it says so beforehand.
        asked_bytes: Option<u64>,
        /// Most bytes a body may have.
        allowed_bytes: u64,
    },
    /// One request asks or carries too much: 422, or 413 where its body is too large.
    TooMuch(Box<Excess>),
    /// A body in a coding that cannot be read, where limits read it: 415.
    UnknownCoding(Arc<str>),
    /// A body that limits read is not what it says it is: 400.
    Unreadable(Arc<str>),
    /// The gate or the upstream's connections are used up: 503.
    NoCapacity {
        /// The time after which to come back.
        retry_after: Duration,
    },
    /// The upstream could not be reached or broke off: 502.
    UpstreamFailed(Arc<str>),
    /// The upstream did not answer in time: 504.
    UpstreamSilent {
        /// The time it was waited for.
        waited: Duration,
    },
    /// A part of Tidegate itself failed: 500. The text is for the log, not for callers.
    Internal(Arc<str>),
    /// The caller sent its body too slowly or broke it off: 408.
    BodyStalled,
}

/// The bound that a head is past.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadBound {
    /// Most bytes of the target.
    Target(usize),
    /// Most bytes of the whole head.
    Bytes(usize),
    /// Most header fields.
    Fields(usize),
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
    /// The owner of the count, e.g. `user ann`.
    pub scope: String,
    /// Units per window, or at once, for this caller.
    pub quota: u32,
    /// The quota's window; slots have none.
    pub window: Option<Duration>,
    /// Units from idle.
    pub burst: u32,
    /// Units used; of slots how many are open, more than the quota where that was lowered.
    pub used: u64,
    /// The units that were asked for.
    pub cost: u32,
    /// The time to wait. A hint where any refusing limit is of slots: nobody knows when one is let go, so no promise
    /// can be made for the request, however exactly the others are known.
    pub wait: Wait,
    /// Advice on avoiding it, in the operator's words.
    pub hint: Option<Arc<str>>,
    /// The origin of the quota.
    pub from: String,
}

/// The refusal of a verdict; `None` where every enforced limit admits. Where [`Verdict::admitted`] is false all the same,
/// the store has no room for another lease, and no limit of the caller is to blame.
pub fn over_limit(checks: &[LimitCheck<'_>], verdict: &Verdict) -> Option<OverLimit> {
    let mut violated: Vec<Arc<str>> = Vec::new();
    let mut worst: Option<Violation> = None;
    let mut is_full = false;
    for (check, outcome) in checks
        .iter()
        .zip(&verdict.outcomes)
        .filter(|(check, _)| !check.take.shadow)
    {
        let Some(wait) = outcome.fit.wait() else {
            continue;
        };
        if !violated.contains(&check.limit.name) {
            violated.push(check.limit.name.clone());
        }
        is_full |= outcome.fit == Fit::Full;
        let found = violation(check, outcome.standing, wait);
        if worst.as_ref().is_none_or(|worst| worst.rank() < found.rank()) {
            worst = Some(found);
        }
    }
    let mut worst = worst?;
    if is_full {
        worst.wait = worst.wait.as_hint();
    }
    Some(OverLimit { worst, violated })
}

fn violation(check: &LimitCheck<'_>, standing: Standing, wait: Wait) -> Violation {
    Violation {
        limit: check.limit.name.clone(),
        scope: check.scope.to_string(),
        quota: check.take.quantity.quota(),
        window: check.take.quantity.window(),
        burst: check.take.quantity.burst(),
        used: standing.used,
        cost: check.take.cost,
        wait,
        hint: check.limit.hint.clone(),
        from: check.origin.to_string(),
    }
}

// === impl Violation ===

impl Violation {
    /// Returns a key for comparing: a wait that never helps outranks every wait.
    fn rank(&self) -> Duration {
        self.wait.retry_after().unwrap_or(Duration::MAX)
    }

    fn of_window(&self, window: Duration) -> String {
        let head = format!(
            "The limit `{}` allows {} {} for {};",
            self.limit,
            self.quota,
            per(window),
            self.scope
        );
        match self.wait.retry_after() {
            Some(wait) => format!(
                "{head} {} of {} are used. Try again in {}.",
                self.used,
                self.burst,
                span(wait)
            ),
            None => format!("{head} this request asks for {}, which will never fit.", self.cost),
        }
    }

    /// Advice on avoiding it comes before what to do now: whoever reads on has understood why they need no other
    /// socket.
    fn of_slots(&self, hint: &str) -> String {
        let (limit, quota, scope, used) = (&self.limit, self.quota, &self.scope, self.used);
        let are = if used == 1 { "is" } else { "are" };
        let wait = self.wait.retry_after().unwrap_or(SLOT_RETRY_HINT);
        format!(
            "The limit `{limit}` allows {quota} open at once for {scope}; {used} {are} open.{hint} Close one, or try again in {}.",
            span(wait)
        )
    }
}

// === impl Refusal ===

impl From<Ambiguous> for Refusal {
    fn from(why: Ambiguous) -> Refusal {
        Refusal::Ambiguous(why)
    }
}

impl Refusal {
    /// The wait a caller should keep, where waiting helps: what `Retry-After` says.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Refusal::OverLimit(over) => over.worst.wait.retry_after(),
            Refusal::NoCapacity { retry_after } => Some(*retry_after),
            _ => None,
        }
    }

    /// Returns the wait where it is a promise and no mere hint: the `retry_after_s` of an explanation.
    pub fn exact_wait(&self) -> Option<Duration> {
        match self {
            Refusal::OverLimit(over) => over.worst.wait.exact(),
            _ => self.retry_after(),
        }
    }

    /// One sentence or two that a person can act on.
    pub fn sentence(&self) -> String {
        match self {
            Refusal::Ambiguous(why) => format!("This request was not read: {why}."),
            Refusal::HeadTooLarge(HeadBound::Target(max)) => {
                format!("The address is longer than the {max} bytes allowed. Send what is long in a body.")
            }
            Refusal::HeadTooLarge(HeadBound::Bytes(max)) => {
                format!("The head is larger than the {max} bytes allowed. Send fewer or shorter header fields.")
            }
            Refusal::HeadTooLarge(HeadBound::Fields(max)) => {
                format!("The head has more than the {max} header fields allowed. Send fewer.")
            }
            Refusal::OverLimit(over) => over.sentence(),
            Refusal::TwoCredentials(role) => two_credentials(*role).into(),
            Refusal::BadHandshake { why, .. } => format!("No socket was opened: {why}."),
            Refusal::MissingCredential => "No credential was shown. Send your token as `Authorization: Bearer …`, or in the parameter this API names.".into(),
            Refusal::BadCredential(why) => bad_credential(*why).into(),
            Refusal::NotYours(resource) => format!("{resource} is not yours: neither your own nor shared with you. Ask its owner to share it."),
            Refusal::NotOfInstance => bad_credential(Invalid::OtherTenant).into(),
            Refusal::InsufficientScope => bad_credential(Invalid::InsufficientScope).into(),
            Refusal::NoSuch(resource) => format!("{resource} does not exist."),
            Refusal::NoRoute => "No operation of this API has this method and path.".into(),
            Refusal::BodyTooLarge { allowed_bytes, .. } => {
                format!("The body is larger than the {allowed_bytes} bytes allowed. Split it into several requests.")
            }
            Refusal::TooMuch(excess) => excess.sentence(),
            Refusal::UnknownCoding(coding) => {
                format!("The body is coded as `{coding}`, which is not read here. Send it as it is, or as gzip, br or zstd.")
            }
            Refusal::Unreadable(why) => format!("The body was not read to its end: {why}."),
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
        let hint = v.hint.as_ref().map(|hint| format!(" {hint}")).unwrap_or_default();
        let also = match self.violated.as_slice() {
            [_, _, ..] => format!(" Also over its limit: {}.", others(&self.violated, &v.limit)),
            _ => String::new(),
        };
        match v.window {
            Some(window) => v.of_window(window) + &also + &hint,
            None => v.of_slots(&hint) + &also,
        }
    }
}

fn others(violated: &[Arc<str>], worst: &str) -> String {
    violated
        .iter()
        .filter(|name| &***name != worst)
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

fn bad_credential(why: Invalid) -> &'static str {
    match why {
        Invalid::Malformed => {
            "The credential shown is not in the form of a token of this API: a character is missing or wrong."
        }
        Invalid::Unknown => "The credential shown was never issued here.",
        Invalid::Expired => "The credential shown has expired. Make a new one.",
        Invalid::Revoked => "The credential shown was revoked. Make a new one.",
        Invalid::Unverified => {
            "The token shown is not accepted here: its signature, issuer, audience, type or beginning is not the one \
             this API asks for."
        }
        Invalid::AppAlone => {
            "An app key names the application and reads nothing by itself: send a user's token beside it."
        }
        Invalid::InsufficientScope => {
            "The token shown is good, but was not given for this: its `scope` does not name what this API asks for. Ask for a token that does."
        }
        Invalid::OtherTenant => {
            "The credential shown is good, but not here: this host is another organisation's own. Use the host your organisation was given, or a token of this one."
        }
        Invalid::TwoOfOneRole(role) => two_credentials(role),
    }
}

fn two_credentials(role: Role) -> &'static str {
    match role {
        Role::User => "Two different user credentials were shown; send one.",
        Role::App => "Two different application credentials were shown; send one.",
    }
}

/// `per minute`, `per 2 minutes`: a window in the words of a limits page.
pub fn per(window: Duration) -> String {
    if window.subsec_nanos() > 0 {
        return format!("per {} ms", window.as_nanos().div_ceil(1_000_000));
    }
    let secs = window.as_secs();
    match secs {
        MONTH_S => return "per month".into(),
        THIRTY_DAYS_S => return "per 30 days".into(),
        _ => {}
    }
    for (unit_s, name) in [(7 * DAY_S, "week"), (DAY_S, "day"), (3_600, "hour"), (60, "minute")] {
        if secs == unit_s {
            return format!("per {name}");
        }
        if secs > unit_s && secs.is_multiple_of(unit_s) {
            return format!("per {} {name}s", secs / unit_s);
        }
    }
    if secs == 1 {
        "per second".into()
    } else {
        format!("per {secs} seconds")
    }
}

const DAY_S: u64 = 86_400;
const MONTH_S: u64 = 31 * DAY_S;
const THIRTY_DAYS_S: u64 = 30 * DAY_S;

/// A wait in words, rounded up, so that nobody who keeps to it is early: `600 ms`, `42 s`, `3 min 20 s`, `2 h 5 min`,
/// `12 d 3 h`.
pub fn span(wait: Duration) -> String {
    let ms = u64::try_from(wait.as_nanos().div_ceil(1_000_000)).unwrap_or(u64::MAX);
    let secs = ms.div_ceil(1000);
    let (minutes, hours) = (secs.div_ceil(60), secs.div_ceil(3_600));
    match secs {
        _ if ms < 1000 => format!("{ms} ms"),
        _ if secs < 120 => format!("{secs} s"),
        _ if minutes < 120 => two(secs / 60, "min", secs % 60, "s"),
        _ if minutes < 48 * 60 => two(minutes / 60, "h", minutes % 60, "min"),
        _ => two(hours / 24, "d", hours % 24, "h"),
    }
}

fn two(whole: u64, unit: &str, rest: u64, rest_unit: &str) -> String {
    if rest == 0 {
        format!("{whole} {unit}")
    } else {
        format!("{whole} {unit} {rest} {rest_unit}")
    }
}

#[cfg(test)]
mod tests;
