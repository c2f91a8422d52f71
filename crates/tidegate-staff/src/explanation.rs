//! The explanation of one refusal, as `tidegate explain` and the admin API give it for a decision id.

use serde::{Deserialize, Serialize};
use tidegate_core::{fields, refusal::Refusal};
use tidegate_engine::refusals::Remembered;

/// The explanation of one refusal.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Explanation {
    /// The decision id; null where no refusal is remembered.
    pub decision: Option<String>,
    /// The limit that refused, if one did; of several, the one with the longest wait.
    pub limit: Option<String>,
    /// The owner of the count, e.g. `user ann`.
    pub scope: Option<String>,
    /// The quota, in units per window, for this caller.
    pub quota: Option<u32>,
    /// The units that were used.
    pub used: Option<u64>,
    /// The seconds to wait from `at`, rounded up; null where waiting does not help.
    pub retry_after_s: Option<u64>,
    /// The time of the refusal, RFC 3339 in UTC.
    pub at: Option<String>,
    /// The time at which the next request would have been admitted, RFC 3339 in UTC.
    pub until: Option<String>,
    /// The reason, in a sentence or two.
    pub why: String,
    /// The status of the answer.
    pub status: Option<u16>,
    /// The user, if one was known.
    pub user: Option<String>,
    /// The client's address.
    pub client: Option<String>,
    /// The route, if one matched.
    pub route: Option<String>,
    /// The method and path.
    pub request: Option<String>,
    /// The source of the quota.
    pub from: Option<String>,
    /// All limits that refused the request.
    pub violated: Vec<String>,
    /// Earlier refusals of the same caller, newest first; only in an explanation by user.
    #[schema(no_recursion)]
    pub earlier: Vec<Explanation>,
}

impl Explanation {
    /// Explains one remembered refusal.
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

    /// Explains a user's last refusal, with the earlier ones behind it.
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

/// Formats a moment as RFC 3339 in UTC with milliseconds.
pub fn instant(unix_ms: i64) -> String {
    jiff::Timestamp::from_millisecond(unix_ms).map_or_else(|_| unix_ms.to_string(), |at| format!("{at:.3}"))
}
