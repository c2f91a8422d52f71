//! One refusal explained: what `tidegate explain` and the admin API say of a decision id.

use serde::{Deserialize, Serialize};
use tidegate_core::{fields, refusal::Refusal};
use tidegate_engine::refusals::Remembered;

/// Why one request was refused.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Explanation {
    /// The decision id; null where nothing was ever refused.
    pub decision: Option<String>,
    /// The limit that refused, where one did; of several the one with the longest wait.
    pub limit: Option<String>,
    /// Whose count it is.
    pub scope: Option<String>,
    /// Units per window, for this caller.
    pub quota: Option<u32>,
    /// Units that were used.
    pub used: Option<u64>,
    /// How long to wait, in seconds from `at`, rounded up; null where waiting does not help.
    pub retry_after_s: Option<u64>,
    /// When, RFC 3339 in UTC.
    pub at: Option<String>,
    /// When the next one would have been admitted, RFC 3339 in UTC.
    pub until: Option<String>,
    /// The whole reason, in a sentence or two.
    pub why: String,
    /// The status it was answered with.
    pub status: Option<u16>,
    /// The user, where one was known.
    pub user: Option<String>,
    /// The client's address.
    pub client: Option<String>,
    /// The route, where one matched.
    pub route: Option<String>,
    /// Method and path.
    pub request: Option<String>,
    /// Where the quota comes from.
    pub from: Option<String>,
    /// All limits that refused.
    pub violated: Vec<String>,
    /// Earlier refusals of the same caller, newest first; only where one asked by user.
    #[schema(no_recursion)]
    pub earlier: Vec<Explanation>,
}

impl Explanation {
    /// Of one refusal remembered.
    pub fn of(refusal: &Remembered) -> Explanation {
        let over = match &refusal.refusal {
            Refusal::OverLimit(over) => Some(over),
            _ => None,
        };
        let excess = match &refusal.refusal {
            Refusal::TooMuch(excess) => Some(excess),
            _ => None,
        };
        let wait = refusal.refusal.exact_wait();
        Explanation {
            decision: Some(refusal.decision.to_string()),
            limit: over
                .map(|over| over.worst.limit.to_string())
                .or(excess.map(|excess| excess.limit.to_string())),
            scope: over.map(|over| over.worst.scope.clone()),
            quota: over.map(|over| over.worst.quota),
            used: over.map(|over| over.worst.used),
            retry_after_s: wait.map(fields::retry_after_secs),
            at: Some(instant(refusal.at_ms)),
            until: wait.map(|wait| {
                instant(
                    refusal
                        .at_ms
                        .saturating_add(i64::try_from(fields::retry_after_ms(wait)).unwrap_or(i64::MAX)),
                )
            }),
            why: refusal.refusal.sentence(),
            status: Some(refusal.status),
            user: refusal.user.as_deref().map(str::to_owned),
            client: Some(refusal.client.to_string()),
            route: refusal.route.as_deref().map(str::to_owned),
            request: Some(refusal.request.clone()),
            from: over
                .map(|over| over.worst.from.clone())
                .or(excess.map(|excess| excess.from.clone())),
            violated: over
                .map(|over| over.violated.iter().map(ToString::to_string).collect())
                .unwrap_or_default(),
            earlier: Vec::new(),
        }
    }

    /// Of a user: the last refusal, with the earlier ones behind it.
    pub fn of_user(user: &str, refusals: &[Remembered]) -> Explanation {
        match refusals.split_first() {
            Some((last, earlier)) => Explanation {
                earlier: earlier.iter().map(Explanation::of).collect(),
                ..Explanation::of(last)
            },
            None => Explanation::none(user),
        }
    }

    fn none(user: &str) -> Explanation {
        Explanation {
            decision: None,
            limit: None,
            scope: None,
            quota: None,
            used: None,
            retry_after_s: None,
            at: None,
            until: None,
            why: format!("No refusal of {user} is remembered."),
            status: None,
            user: Some(user.to_owned()),
            client: None,
            route: None,
            request: None,
            from: None,
            violated: Vec::new(),
            earlier: Vec::new(),
        }
    }
}

/// A moment, as RFC 3339 in UTC with milliseconds.
pub fn instant(unix_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(unix_ms).map_or_else(|_| unix_ms.to_string(), |at| format!("{at:.3}"))
}
