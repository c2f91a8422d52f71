//! A limit: the rule an operator wrote. It counts nothing itself.

use std::{collections::HashMap, sync::Arc, time::Duration};

use http::HeaderName;

use crate::tenant::{Own, Terms};

/// One limit, compiled from its table in the limits file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// The table's name, as in `tidegate limits`; also what its cells are found by, so a reload resets no count.
    pub name: Arc<str>,
    /// The callers whose requests count.
    pub who: Who,
    /// The parts that divide the count; empty: one count for everybody.
    pub per: Vec<Part>,
    /// The amount.
    pub quantity: Quantity,
    /// A cap on how many live sub-keys one parent may have.
    pub within: Option<Within>,
    /// The point in a request's way where it counts.
    pub counts_at: CountsAt,
    /// The behaviour when a shared store is gone.
    pub on_store_loss: OnStoreLoss,
    /// Decide and count, never refuse.
    pub shadow: bool,
    /// Advice on avoiding the refusal, in the operator's words.
    pub hint: Option<Arc<str>>,
    /// Quotas of plans that differ.
    pub plans: Vec<(Arc<str>, u32)>,
    /// The quotas that tenants have instead, by the tenant's name.
    pub tenants: HashMap<Arc<str>, Own>,
}

/// The callers whose requests count in a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Everyone's.
    Everyone,
    /// Those without a valid credential.
    Anonymous,
    /// Those with one.
    Known,
}

/// One part of a partition key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The client's address; IPv6 in three blocks.
    Ip,
    /// The token's user; for enterprise and development keys the key itself.
    User,
    /// The token.
    Token,
    /// The organisation.
    Tenant,
    /// The app key, where one was shown.
    App,
    /// A header field as sent; an absent one counts as empty.
    Header(HeaderName),
}

/// The amount that a limit admits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// A bucket: `burst` from idle, refilled with `quota` per `window`.
    Rate {
        /// Units refilled per window; at least 1.
        quota: u32,
        /// Units from idle; at least 1.
        burst: u32,
        /// The window of the rate.
        window: Duration,
    },
    /// Never more than `quota` in any window, and all of them at once from idle.
    Sliding {
        /// Units in any window; 1 to [`SLIDING_QUOTA_MAX`], times the factor of a wide address block.
        quota: u32,
        /// The window.
        window: Duration,
    },
    /// A calendar window in UTC.
    Quota {
        /// Units per calendar window; at least 1.
        quota: u32,
        /// The calendar window.
        period: Period,
    },
    /// A cap on how much is open at once: the size of a set of leases, never a number that goes up and down.
    Slots {
        /// Most leases; at least 1.
        quota: u32,
    },
}

/// Most units in the window of a `sliding` limit: each is remembered by itself, for as long as it counts.
pub const SLIDING_QUOTA_MAX: u32 = 64;

/// A calendar window, in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Period {
    /// From minute to minute.
    Minute,
    /// From hour to hour.
    Hour,
    /// From midnight to midnight.
    Day,
    /// From Monday to Monday (ISO 8601).
    Week,
    /// From the first to the first.
    Month,
}

/// Sub-keys chosen by callers stand within a parent; past the cap they share the parent's base cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Within {
    /// The parent's parts.
    pub per: Vec<Part>,
    /// The most live sub-keys one parent may have.
    pub subkeys_max: u32,
    /// The parent's own limit, where it has one: all of its sub-keys together.
    pub limit: Option<Arc<str>>,
}

/// The point where a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CountsAt {
    /// The limit counts on every request.
    Edge,
    /// The limit counts only on requests that the cache did not answer.
    Miss,
}

/// The behaviour when a shared store is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnStoreLoss {
    /// Admit.
    Allow,
    /// Refuse.
    Deny,
    /// Each node enforces its share.
    LocalShare,
}

// === impl Limit ===

impl Limit {
    /// Returns the terms that may give it another quota.
    pub fn terms(&self) -> Terms<'_> {
        Terms {
            limit: &self.name,
            plans: &self.plans,
            tenants: &self.tenants,
        }
    }

    /// Is true when this part divides the count.
    pub fn counts_by(&self, part: &Part) -> bool {
        self.per.contains(part)
    }
}

// === impl Quantity ===

impl Quantity {
    /// Units per window; of slots how many at once.
    pub fn quota(self) -> u32 {
        match self {
            Quantity::Rate { quota, .. }
            | Quantity::Sliding { quota, .. }
            | Quantity::Quota { quota, .. }
            | Quantity::Slots { quota } => quota,
        }
    }

    /// Units from idle.
    pub fn burst(self) -> u32 {
        match self {
            Quantity::Rate { burst, .. } => burst,
            Quantity::Sliding { quota, .. } | Quantity::Quota { quota, .. } | Quantity::Slots { quota } => quota,
        }
    }

    /// The largest quota a limit of this kind may have.
    pub fn quota_max(self) -> u32 {
        match self {
            Quantity::Sliding { .. } => SLIDING_QUOTA_MAX,
            Quantity::Rate { .. } | Quantity::Quota { .. } | Quantity::Slots { .. } => u32::MAX,
        }
    }

    /// Is true when this caps what is open at once, so that a lease is taken.
    pub fn is_slots(self) -> bool {
        matches!(self, Quantity::Slots { .. })
    }

    /// Returns the quantity with another quota, within what its kind may have; the burst scales with it
    /// (docs/semantics.md rule 10).
    pub fn with_quota(self, new: u32) -> Quantity {
        let new = new.clamp(1, self.quota_max());
        match self {
            Quantity::Rate { quota, burst, window } => {
                let scaled = u64::from(burst) * u64::from(new) / u64::from(quota.max(1));
                Quantity::Rate {
                    quota: new,
                    burst: u32::try_from(scaled).unwrap_or(u32::MAX).max(1),
                    window,
                }
            }
            Quantity::Sliding { window, .. } => Quantity::Sliding { quota: new, window },
            Quantity::Quota { period, .. } => Quantity::Quota { quota: new, period },
            Quantity::Slots { .. } => Quantity::Slots { quota: new },
        }
    }

    /// Returns the quantity with another burst, at least 1; kinds without one stay as they are.
    pub fn with_burst(self, burst: u32) -> Quantity {
        match self {
            Quantity::Rate { quota, window, .. } => Quantity::Rate {
                quota,
                burst: burst.max(1),
                window,
            },
            Quantity::Sliding { .. } | Quantity::Quota { .. } | Quantity::Slots { .. } => self,
        }
    }

    /// Quota and burst times a factor, for wider address blocks.
    pub fn times(self, factor: u32) -> Quantity {
        match self {
            Quantity::Rate { quota, burst, window } => Quantity::Rate {
                quota: quota.saturating_mul(factor),
                burst: burst.saturating_mul(factor),
                window,
            },
            Quantity::Sliding { quota, window } => Quantity::Sliding {
                quota: quota.saturating_mul(factor),
                window,
            },
            Quantity::Quota { quota, period } => Quantity::Quota {
                quota: quota.saturating_mul(factor),
                period,
            },
            Quantity::Slots { quota } => Quantity::Slots {
                quota: quota.saturating_mul(factor),
            },
        }
    }

    /// The most that is ever admitted within any span as long as the window (docs/semantics.md rule 5); of slots at any
    /// moment.
    pub fn bound(self) -> u64 {
        match self {
            Quantity::Rate { quota, burst, .. } => u64::from(quota) + u64::from(burst),
            // 31 days that begin in January touch February and March too.
            Quantity::Quota {
                quota,
                period: Period::Month,
            } => 3 * u64::from(quota),
            Quantity::Quota { quota, .. } => 2 * u64::from(quota),
            Quantity::Sliding { quota, .. } | Quantity::Slots { quota } => u64::from(quota),
        }
    }

    /// The window's length, of a month its longest; slots have none.
    pub fn window(self) -> Option<Duration> {
        match self {
            Quantity::Rate { window, .. } | Quantity::Sliding { window, .. } => Some(window),
            Quantity::Quota { period, .. } => Some(period.longest()),
            Quantity::Slots { .. } => None,
        }
    }
}

// === impl Period ===

impl Period {
    /// The longest the period can be.
    pub fn longest(self) -> Duration {
        Duration::from_secs(match self {
            Period::Minute => 60,
            Period::Hour => 3_600,
            Period::Day => 86_400,
            Period::Week => 7 * 86_400,
            Period::Month => 31 * 86_400,
        })
    }

    /// The word of the limits file.
    pub fn as_str(self) -> &'static str {
        match self {
            Period::Minute => "minute",
            Period::Hour => "hour",
            Period::Day => "day",
            Period::Week => "week",
            Period::Month => "month",
        }
    }
}

// === impl words ===

impl Who {
    /// The word of the limits file.
    pub fn as_str(self) -> &'static str {
        match self {
            Who::Everyone => "everyone",
            Who::Anonymous => "anonymous",
            Who::Known => "known",
        }
    }
}

impl Part {
    /// The word of the limits file.
    pub fn name(&self) -> String {
        match self {
            Part::Ip => "ip".into(),
            Part::User => "user".into(),
            Part::Token => "token".into(),
            Part::Tenant => "tenant".into(),
            Part::App => "app".into(),
            Part::Header(name) => format!("header:{name}"),
        }
    }
}

impl CountsAt {
    /// The word of the limits file.
    pub fn as_str(self) -> &'static str {
        match self {
            CountsAt::Edge => "edge",
            CountsAt::Miss => "miss",
        }
    }
}

impl OnStoreLoss {
    /// The word of the limits file.
    pub fn as_str(self) -> &'static str {
        match self {
            OnStoreLoss::Allow => "allow",
            OnStoreLoss::Deny => "deny",
            OnStoreLoss::LocalShare => "local share",
        }
    }
}

#[cfg(test)]
mod tests;
