//! The usage of a month: the payer of a request, its billed amounts (docs/semantics.md rule 23), and records of them
//! that are entered once.

mod day;
mod month;
mod seqs;

use std::sync::Arc;

pub use day::Day;
pub use month::{Month, NotAMonth};
pub use seqs::{NotSeqs, Seqs};

use crate::identity::{Identity, TokenKind};

/// The owner of usage. Unknown parts stay out: all who are nobody count together.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Payer {
    /// The organisation: of the token, or whose leased instance was asked.
    pub tenant: Option<Arc<str>>,
    /// The account; a key's owner too.
    pub user: Option<Arc<str>>,
    /// The named route, where one matched.
    pub route: Option<Arc<str>>,
}

/// The source of a request's answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Answer {
    /// Nothing yet, and nothing ever where it ends so: the caller left before an answer, or it was cut off.
    #[default]
    None,
    /// The gate itself: a refusal, or an error of its own.
    Own {
        /// The status.
        status: u16,
    },
    /// The cache: a hit, a stale one, or the answer that another request fetched.
    Cached,
    /// An upstream, elsewhere or inside. A socket was answered with 101.
    Upstream {
        /// The status.
        status: u16,
    },
}

/// The end of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The caller was given all of the answer.
    Complete,
    /// The answer broke off on the upstream's side.
    Failed,
    /// The caller left, or the gate ended it.
    Cancelled,
}

/// The amounts that passed while it lasted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Amounts {
    /// Bytes of the request's body; of a socket, of the client's frames.
    pub bytes_in: u64,
    /// Bytes of the answer's body; of a socket, of the upstream's frames.
    pub bytes_out: u64,
    /// Samples that were written or read, where somebody counts them.
    pub samples: u64,
}

/// Sums of usage. Every request that ends is in exactly one of `transactions`, `cached`, `refused` and `unbilled`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Requests and sockets that are billed.
    pub transactions: u64,
    /// Requests that the cache answered.
    pub cached: u64,
    /// Requests that the gate refused.
    pub refused: u64,
    /// Requests without an answer that counts: an upstream's 404 or 5xx, one that broke off, an error of the gate, a
    /// caller who left before any answer.
    pub unbilled: u64,
    /// Bytes that came with what is billed.
    pub bytes_in: u64,
    /// Bytes that went with what is billed.
    pub bytes_out: u64,
    /// Samples of what is billed.
    pub samples: u64,
    /// Bytes of cached answers.
    pub cached_bytes_out: u64,
    /// Samples of cached answers.
    pub cached_samples: u64,
}

/// The time at which something ended, as a record says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// The day.
    Day(Day),
    /// The month alone: the record is of a version that told no days apart.
    Month(Month),
}

/// The usage of one payer in one day, since the last record of theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The owner.
    pub payer: Payer,
    /// The time at which it ended.
    pub when: When,
    /// The amount.
    pub sums: Sums,
}

/// Names a batch for ever: no two have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BatchId {
    /// The node that wrote it.
    pub node: u64,
    /// The run of that node.
    pub epoch: u64,
    /// Its number in that run, from 1.
    pub seq: u64,
}

/// Entries that are entered together, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its name.
    pub id: BatchId,
    /// The entries it carries.
    pub entries: Vec<Entry>,
}

/// Is true when an upstream's answer is billed: one below 500, other than 404 (docs/semantics.md rule 23).
pub fn is_billed(status: u16) -> bool {
    status < 500 && status != 404
}

/// Returns the sums that one request adds (docs/semantics.md rule 23).
pub fn charge(answer: Answer, end: End, amounts: Amounts) -> Sums {
    let Amounts {
        bytes_in,
        bytes_out,
        samples,
    } = amounts;
    match answer {
        Answer::Upstream { status } if is_billed(status) && end != End::Failed => Sums {
            transactions: 1,
            bytes_in,
            bytes_out,
            samples,
            ..Sums::default()
        },
        Answer::Cached => Sums {
            cached: 1,
            cached_bytes_out: bytes_out,
            cached_samples: samples,
            ..Sums::default()
        },
        // 503 says that there is no room for the request: it is refused. Other errors mean that it went wrong.
        Answer::Own { status } if status < 500 || status == 503 => Sums {
            refused: 1,
            ..Sums::default()
        },
        Answer::Own { .. } | Answer::Upstream { .. } | Answer::None => Sums {
            unbilled: 1,
            ..Sums::default()
        },
    }
}

// === impl When ===

impl When {
    /// The month.
    pub fn month(self) -> Month {
        match self {
            When::Day(day) => day.month(),
            When::Month(month) => month,
        }
    }

    /// The day, where it is known.
    pub fn day(self) -> Option<Day> {
        match self {
            When::Day(day) => Some(day),
            When::Month(_) => None,
        }
    }
}

// === impl Payer ===

impl Payer {
    /// The payer of a request, as far as is known who asks.
    pub fn of(identity: &Identity, instance: Option<&Arc<str>>, route: Option<&Arc<str>>) -> Payer {
        let token = identity.known().map(|known| &known.token);
        // Somebody with an account is their tenant's wherever they ask; an opaque credential is whoever's the host is.
        let account = token.filter(|token| token.kind != TokenKind::Opaque);
        let tenant = account.map(|token| &token.tenant).or(instance);
        Payer {
            tenant: tenant.or(token.map(|token| &token.tenant)).cloned(),
            user: token.map(|token| token.user.clone()),
            route: route.cloned(),
        }
    }

    /// Returns the payer with less told apart, for where there is no room: the tenant alone, then nobody.
    pub fn coarser(&self) -> Payer {
        let is_tenant_alone = self.user.is_none() && self.route.is_none();
        Payer {
            tenant: self.tenant.clone().filter(|_| !is_tenant_alone),
            ..Payer::default()
        }
    }
}

// === impl Sums ===

impl Sums {
    /// The names of the sums, in the order of [`Sums::values`].
    pub const NAMES: [&'static str; 9] = [
        "transactions",
        "cached",
        "refused",
        "unbilled",
        "bytes_in",
        "bytes_out",
        "samples",
        "cached_bytes_out",
        "cached_samples",
    ];

    /// The sums, in the order of [`Sums::NAMES`].
    pub fn values(&self) -> [u64; 9] {
        [
            self.transactions,
            self.cached,
            self.refused,
            self.unbilled,
            self.bytes_in,
            self.bytes_out,
            self.samples,
            self.cached_bytes_out,
            self.cached_samples,
        ]
    }

    /// The sums from their values.
    pub fn from_values(values: [u64; 9]) -> Sums {
        let [
            transactions,
            cached,
            refused,
            unbilled,
            bytes_in,
            bytes_out,
            samples,
            cached_bytes_out,
            cached_samples,
        ] = values;
        Sums {
            transactions,
            cached,
            refused,
            unbilled,
            bytes_in,
            bytes_out,
            samples,
            cached_bytes_out,
            cached_samples,
        }
    }

    /// Adds others to these. A sum that would pass its type stays at its end.
    pub fn add(&mut self, other: &Sums) {
        let mut values = self.values();
        for (value, more) in values.iter_mut().zip(other.values()) {
            *value = value.saturating_add(more);
        }
        *self = Sums::from_values(values);
    }

    /// Returns the number of requests and sockets that ended.
    pub fn ended(&self) -> u64 {
        [self.cached, self.refused, self.unbilled]
            .into_iter()
            .fold(self.transactions, u64::saturating_add)
    }
}

#[cfg(test)]
mod tests;
