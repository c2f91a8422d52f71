//! Limits on attempts at the password of a name. Nobody can guess for long, and nobody who guesses locks out the one who
//! knows the password.
//!
//! They are counted like requests, in cells of the store: bounded as those are, kept over a restart, forgotten by a
//! pardon. An attempt is taken before anything is looked up, so that attempts at one time do not get round the limits.

use std::{net::IpAddr, sync::Arc, time::Duration};

use tidegate_core::{
    address::{self, Block},
    decide::{Tag, Take},
    limit::Quantity,
    partition::Partitioner,
    time::Now,
};

use crate::{
    engine::Engine,
    store::{Charge, Store},
};

/// Quota of wrong attempts at one name from one address, in any window; of IPv6 from one /64, and 4 and 16 times as many from its /56
/// and /48.
pub const PER_ADDRESS: Quantity = Quantity::Sliding {
    quota: 10,
    window: Duration::from_secs(600),
};

/// Quota of wrong attempts at one name from all addresses together, except those from which somebody knew the password lately.
pub const PER_NAME: Quantity = Quantity::Rate {
    quota: 100,
    burst: 100,
    window: Duration::from_secs(3_600),
};

/// Time for which an address counts as known after a right password. Attempts from elsewhere do not hold it up.
pub const KNOWN_ADDRESS: Duration = Duration::from_secs(30 * 86_400);

/// One attempt that may be made. It counts as wrong unless it is reported as right or is given back.
#[derive(Debug)]
#[must_use = "dropped, it counts as wrong"]
pub struct Attempt {
    store: Arc<Store>,
    charges: Vec<Charge>,
    known: Take,
}

impl Engine {
    /// Takes an attempt at a name's password, even when there is no such name.
    ///
    /// # Errors
    /// The time to wait, when there were too many; nothing is taken then.
    pub fn attempt(&self, name: &str, client: IpAddr, now: Now) -> Result<Attempt, Duration> {
        let tries = Tries {
            partitioner: &self.partitioner,
            name,
        };
        let known = tries.known(client);
        let mut takes: Vec<Take> = address::blocks(client).map(|block| tries.from(block)).collect();
        if !self.is_known(known, now) {
            takes.push(tries.of_name());
        }
        let acquired = self.store.charge(&takes, now);
        if acquired.verdict.admitted {
            return Ok(Attempt {
                store: self.store.clone(),
                charges: acquired.charges,
                known,
            });
        }
        // One try always fits some time.
        Err(acquired.verdict.retry_after(&takes).unwrap_or_default())
    }

    fn is_known(&self, known: Take, now: Now) -> bool {
        let standing = self.store.peek(&[Take { cost: 0, ..known }], now);
        standing.outcomes.iter().any(|outcome| outcome.standing.used > 0)
    }
}

// === impl Attempt ===

impl Attempt {
    /// Reports that the password was right: the attempt counts nothing, and the address is a known one for a while.
    pub fn was_right(self, now: Now) {
        self.store.give_back(&self.charges);
        self.store.charge(&[self.known], now);
    }

    /// Reports that the password was not checked: the attempt counts nothing.
    pub fn give_back(self) {
        self.store.give_back(&self.charges);
    }
}

/// The cells in which attempts at one name count.
struct Tries<'a> {
    partitioner: &'a Partitioner,
    name: &'a str,
}

impl Tries<'_> {
    fn from(&self, block: Block) -> Take {
        let quantity = PER_ADDRESS.times(block.factor);
        self.take("attempts-per-name-and-ip", &block.to_string(), quantity, false)
    }

    fn of_name(&self) -> Take {
        self.take("attempts-per-name", "", PER_NAME, false)
    }

    /// Returns the mark of a known address: it refuses nothing, and an address that has one needs no second.
    fn known(&self, client: IpAddr) -> Take {
        let mark = Quantity::Sliding {
            quota: 1,
            window: KNOWN_ADDRESS,
        };
        let block = address::blocks(client).next().map(|block| block.to_string());
        self.take("known-addresses-of-name", &block.unwrap_or_default(), mark, true)
    }

    fn take(&self, what: &str, block: &str, quantity: Quantity, shadow: bool) -> Take {
        let parts = ["attempt", what, self.name, block].map(str::as_bytes);
        Take {
            cell: self.partitioner.cell(parts),
            tag: Tag {
                limit: self.partitioner.name(what),
                user: Some(self.partitioner.name(self.name)),
            },
            quantity,
            cost: 1,
            shadow,
            subkey: None,
        }
    }
}

#[cfg(test)]
mod tests;
