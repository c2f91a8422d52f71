//! Limits on what one request asks and carries. They count nothing: no window, nothing used, nothing to wait for.

pub mod excess;
pub mod points;
pub mod upload;

use std::{collections::HashMap, sync::Arc};

use crate::{
    identity::Identity,
    limit::Who,
    overrides::{self, Origin, Overrides},
    tenant::{Own, Terms},
};

/// One limit on what a request asks or carries, compiled from its table in the limits file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayloadLimit {
    /// The table's name, as in `tidegate limits`.
    pub name: Arc<str>,
    /// The callers whose requests are looked at.
    pub who: Who,
    /// The part of a request that is looked at.
    pub kind: PayloadKind,
    /// The most that one request may ask or carry; at least 1.
    pub quota: u32,
    /// Decide, never refuse.
    pub shadow: bool,
    /// Advice on avoiding the refusal, in the operator's words.
    pub hint: Option<Arc<str>>,
    /// Quotas of plans that differ.
    pub plans: Vec<(Arc<str>, u32)>,
    /// The quotas that tenants have instead, by the tenant's name.
    pub tenants: HashMap<Arc<str>, Own>,
}

/// The part of a request that a limit looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadKind {
    /// Points that a read asks for, before it runs. The strings among them are summed apart where they have a quota.
    Points {
        /// Most points of streams of strings; it scales with the quota.
        quota_strings: Option<u32>,
    },
    /// Bytes of a body, as it came and as it is decoded.
    BodyBytes,
    /// Samples of an upload.
    Samples,
    /// Streams of an upload.
    Streams,
    /// Characters (Unicode scalar values) of a sample that is a string.
    StringChars,
    /// Samples a second, on average, of one stream of an upload.
    Subsecond,
}

/// A limit as it is for one caller.
#[derive(Clone, Debug)]
pub struct Bounded {
    /// The limit.
    pub limit: Arc<PayloadLimit>,
    /// The amount for this caller.
    pub quota: u32,
    /// The origin of that quota.
    pub origin: Origin,
}

/// The limits of these that concern a caller, each with the quota in force.
pub fn bounded<'p>(
    limits: impl IntoIterator<Item = &'p Arc<PayloadLimit>>,
    identity: &Identity,
    instance: Option<&Arc<str>>,
    overrides: &Overrides,
    wall_ms: i64,
) -> Vec<Bounded> {
    let known = identity.known();
    let concerns = |limit: &&Arc<PayloadLimit>| match limit.who {
        Who::Everyone => true,
        Who::Known => known.is_some(),
        Who::Anonymous => known.is_none(),
    };
    let token = known.map(|known| &*known.token);
    let limits = limits.into_iter().filter(concerns);
    limits
        .map(|limit| {
            let given = overrides::given(&limit.terms(), token, instance, overrides, wall_ms);
            let (quota, origin) =
                given.map_or((limit.quota, Origin::Limit), |given| (given.amount.quota, given.origin));
            Bounded {
                limit: limit.clone(),
                quota,
                origin,
            }
        })
        .collect()
}

// === impl PayloadLimit ===

impl PayloadLimit {
    /// Returns the terms that may give it another quota.
    pub fn terms(&self) -> Terms<'_> {
        Terms {
            limit: &self.name,
            plans: &self.plans,
            tenants: &self.tenants,
        }
    }

    /// The quota of strings that goes with a quota: it scales with it, as a burst does (docs/semantics.md rule 10).
    pub fn quota_strings(&self, quota: u32) -> Option<u32> {
        let PayloadKind::Points { quota_strings } = self.kind else {
            return None;
        };
        quota_strings.map(|strings| {
            let scaled = u64::from(strings) * u64::from(quota) / u64::from(self.quota.max(1));
            u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
        })
    }
}

// === impl PayloadKind ===

impl PayloadKind {
    /// The key of the limits file.
    pub fn as_str(self) -> &'static str {
        match self {
            PayloadKind::Points { .. } => "points",
            PayloadKind::BodyBytes => "body_bytes",
            PayloadKind::Samples => "samples",
            PayloadKind::Streams => "streams",
            PayloadKind::StringChars => "string_chars",
            PayloadKind::Subsecond => "subsecond",
        }
    }

    /// Returns the thing that the quota is for.
    pub fn scope(self) -> &'static str {
        match self {
            PayloadKind::Points { .. } | PayloadKind::BodyBytes | PayloadKind::Samples | PayloadKind::Streams => {
                "request"
            }
            PayloadKind::StringChars => "sample",
            PayloadKind::Subsecond => "stream of a request",
        }
    }

    /// Is true when a body is read for it, sample by sample.
    pub fn reads_samples(self) -> bool {
        match self {
            PayloadKind::Samples | PayloadKind::Streams | PayloadKind::StringChars | PayloadKind::Subsecond => true,
            PayloadKind::Points { .. } | PayloadKind::BodyBytes => false,
        }
    }
}

#[cfg(test)]
mod tests;
