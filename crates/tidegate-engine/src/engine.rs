//! The engine: admits requests under their limits, and answers staff about the counts.

use std::{collections::HashSet, net::IpAddr, sync::Arc};

use tidegate_core::{
    address,
    decide::{Outcome, Take, Verdict},
    fields::{self, RateLimitFields},
    identity::Identity,
    limit::Limit,
    limit_check::{self, Caller, LimitCheck},
    partition::{CellId, Partitioner},
    refusal::{self, OverLimit},
    time::Now,
    warning::{self, Warning},
};

use crate::{
    check_cache::CheckCache,
    clock::Clock,
    lease::{Lease, LeaseIds},
    lease_member::Member,
    meter::Tally,
    refusals::Refusals,
    snapshot::{Current, Snapshot},
    sockets::Sockets,
    stats::Stats,
    store::{
        Charge, Occupancy, Store,
        record::{Pass, Record},
    },
    ticket::Ticket,
};

/// The engine: one for a program, shared by its doors.
#[derive(Debug)]
pub struct Engine {
    /// The clock; doors read it once a request.
    pub clock: Clock,
    /// The policy and overrides in force.
    pub current: Current,
    /// The refusals remembered, by decision id.
    pub refusals: Refusals,
    /// The registry of open sockets, for listings.
    pub sockets: Arc<Sockets>,
    /// Usage that is not written to the log yet.
    pub usage: Arc<Tally>,
    /// Statistics for the operators of the gate.
    pub stats: Stats,
    pub(crate) store: Arc<Store>,
    lease_ids: LeaseIds,
    pub(crate) partitioner: Partitioner,
}

/// The answer of [`Engine::admit`].
#[derive(Debug)]
pub enum Admission {
    /// Taken from every limit.
    Admitted(Ticket),
    /// Taken from none.
    Rejected {
        /// The limits that refuse.
        over: OverLimit,
        /// The RateLimit fields of the answer.
        fields: Option<RateLimitFields>,
        /// The cells and sets that refuse, for a pardon and for [`Sockets::oldest_of`].
        cells: Vec<CellId>,
    },
    /// Taken from none: there is no room for another lease. No limit of the caller refuses, so it is a 503.
    NoCapacity,
}

tidegate_core::bounds! {
    /// Bounds of an engine.
    #[derive(Copy)]
    pub struct Bounds {
        /// Counters held in memory; past it further callers share coarser ones, and a count in use is never forgotten.
        cells_max: usize = 1_000_000 in 1_024..=1_000_000_000,
        /// Sockets open at one time; a further handshake is answered 503.
        sockets_max: usize = 10_000 in 1..=1_000_000,
        derived {
            /// Memberships of leases in sets: a socket under two limits on slots has two. A limit per address takes three
            /// of an IPv6 caller; two such and two others fit.
            leases_max: usize = sockets_max.saturating_mul(8),
        }
    }
}

impl Engine {
    /// Makes an engine with its clock, the snapshot in force, and the installation's partition key.
    pub fn new(clock: Clock, current: Current, partition_key: [u8; 16], bounds: Bounds) -> Engine {
        let start = clock.now();
        let partitioner = Partitioner::new(partition_key);
        Engine {
            clock,
            current,
            refusals: Refusals::new(start.wall_ms),
            sockets: Arc::new(Sockets::new(partitioner.clone(), start, bounds.sockets_max)),
            usage: Arc::default(),
            stats: Stats::new(start),
            store: Arc::new(Store::new(bounds.cells_max, bounds.leases_max)),
            lease_ids: LeaseIds::new(start),
            partitioner,
        }
    }

    /// Admits a request under these limits, all or nothing, in one store operation. What does not change from one request
    /// of a caller to the next is taken from `recall` where it is there, and kept there.
    pub fn admit<'p>(
        &self,
        limits: impl Iterator<Item = &'p Limit> + Clone,
        snapshot: &Arc<Snapshot>,
        caller: &Caller<'_>,
        now: Now,
        recall: Option<&CheckCache>,
    ) -> Admission {
        let mut decided = None;
        if let Some(recall) = recall
            && let Some(last) = recall.take(limits.clone(), snapshot, caller, now)
        {
            let (verdict, lease, charges) = self.take(&last.takes, now);
            let told = verdict
                .admitted
                .then(|| (last.fields(&verdict), self.warn(last.named(), &verdict)));
            recall.keep(last);
            if let Some((fields, warnings)) = told {
                return Admission::Admitted(Ticket::new(&self.store, fields, warnings, lease, charges));
            }
            decided = Some((verdict, lease, charges));
        }
        let checks = limit_check::limit_checks(
            limits.clone(),
            caller,
            &snapshot.overrides,
            &self.partitioner,
            now.wall_ms,
        );
        // The takes are the same, so that what was decided about them is not asked again.
        let (verdict, lease, charges) = decided.unwrap_or_else(|| {
            let takes: Vec<_> = checks.iter().map(|check| check.take).collect();
            self.take(&takes, now)
        });
        let fields = fields::rate_limit(&checks, &verdict);
        if let (Some(recall), true) = (recall, verdict.admitted) {
            recall.remember(limits, snapshot, caller, &checks, fields.as_ref(), now);
        }
        match refusal::over_limit(&checks, &verdict) {
            Some(over) => rejected(over, fields, &checks, &verdict),
            None if verdict.admitted => {
                let warnings = self.warn(named(&checks), &verdict);
                Admission::Admitted(Ticket::new(&self.store, fields, warnings, lease, charges))
            }
            None => Admission::NoCapacity,
        }
    }

    /// Admits a request that holds a ticket under further limits, those that count requests which the cache does not
    /// answer: all or nothing, in one store operation. If they refuse, it also gives back what the ticket's limits took
    /// (docs/semantics.md rule 7).
    pub fn admit_on_miss<'p>(
        &self,
        ticket: Ticket,
        limits: impl IntoIterator<Item = &'p Limit>,
        snapshot: &Snapshot,
        caller: &Caller<'_>,
        now: Now,
    ) -> Admission {
        let checks = limit_check::limit_checks(limits, caller, &snapshot.overrides, &self.partitioner, now.wall_ms);
        let takes: Vec<_> = checks.iter().map(|check| check.take).collect();
        let acquired = self.store.charge_over(ticket.charges(), &takes, now);
        let fields = fields::rate_limit(&checks, &acquired.verdict);
        match refusal::over_limit(&checks, &acquired.verdict) {
            Some(over) => rejected(over, fields, &checks, &acquired.verdict),
            None if acquired.verdict.admitted => {
                let warnings = self.warn(named(&checks), &acquired.verdict);
                Admission::Admitted(ticket.with(fields, warnings, acquired.charges))
            }
            None => Admission::NoCapacity,
        }
    }

    /// Returns the warnings for the caller, and counts them.
    fn warn<'a>(&self, takes: impl Iterator<Item = (&'a Arc<str>, &'a Take)>, verdict: &Verdict) -> Vec<Warning> {
        let warnings = warning::warnings(takes, verdict);
        warnings.iter().for_each(|warning| self.stats.warned(&warning.limit));
        warnings
    }

    /// Takes from the store. A lease is named only when a limit on slots applies.
    fn take(&self, takes: &[Take], now: Now) -> (Verdict, Option<Lease>, Vec<Charge>) {
        if !takes.iter().any(|take| take.quantity.is_slots()) {
            let acquired = self.store.charge(takes, now);
            return (acquired.verdict, None, acquired.charges);
        }
        let member = Member {
            id: self.lease_ids.next(),
            since_ms: now.wall_ms,
        };
        Lease::acquire(&self.store, takes, member, now)
    }

    /// Finds the standing of a caller in these limits, without taking anything.
    pub fn standings<'p>(
        &self,
        limits: impl IntoIterator<Item = &'p Limit>,
        snapshot: &Snapshot,
        caller: &Caller<'_>,
        now: Now,
    ) -> Vec<(LimitCheck<'p>, Outcome)> {
        let mut checks = limit_check::limit_checks(limits, caller, &snapshot.overrides, &self.partitioner, now.wall_ms);
        for check in &mut checks {
            check.take.cost = 0;
        }
        let takes: Vec<_> = checks.iter().map(|check| check.take).collect();
        let verdict = self.store.peek(&takes, now);
        checks.into_iter().zip(verdict.outcomes).collect()
    }

    /// Forgets what was counted of a user, in one limit or in all (a pardon): the cells that name the user, and those
    /// shared with others that refused them lately. Returns how many cells held something.
    pub fn pardon(&self, subject: &str, limit: Option<&str>, now: Now) -> usize {
        let user = self.partitioner.name(subject);
        let limit = limit.map(|name| self.partitioner.name(name));
        let refused: HashSet<CellId> = self
            .refusals
            .of_caller(caller_of(user))
            .into_iter()
            .flat_map(|known| known.cells)
            .collect();
        self.store.forget(
            |cell, tag| {
                limit.is_none_or(|limit| limit == tag.limit) && (tag.user == Some(user) || refused.contains(&cell))
            },
            now,
        )
    }

    /// Returns the caller that a refusal is remembered under: the user, or the address block of somebody unknown.
    pub fn caller(&self, identity: &Identity, client: IpAddr) -> u32 {
        match identity.known() {
            Some(known) => self.caller_named(&known.token.subject),
            None => {
                let block = address::blocks(client)
                    .next()
                    .map(|block| block.to_string())
                    .unwrap_or_default();
                // It has a prefix of its own, as a user's name may look like an address.
                (self.partitioner.cell([b"address".as_slice(), block.as_bytes()]).0 >> 96) as u32
            }
        }
    }

    /// Returns the caller that refusals of this user are remembered under.
    pub fn caller_named(&self, subject: &str) -> u32 {
        caller_of(self.partitioner.name(subject))
    }

    /// Drops cells that hold nothing any more, and records how many sockets are open. It is called periodically.
    pub fn sweep(&self, now: Now) {
        self.stats.sockets_open(self.sockets.len(), now);
        self.store.sweep(now);
    }

    /// Exports the counts that outlive a process, see [`Store::export`].
    ///
    /// # Errors
    /// The sink's first error, which ends the pass.
    pub fn export<E>(&self, pass: Pass, now: Now, sink: impl FnMut(&[Record]) -> Result<(), E>) -> Result<(), E> {
        self.store.export(pass, now, sink)
    }

    /// Imports a record of an earlier process, see [`Store::import`].
    pub fn import(&self, record: Record, now: Now) -> bool {
        self.store.import(record, now)
    }

    /// Returns true when counts were forgotten since the last whole pass, see [`Store::has_forgotten`].
    pub fn has_forgotten(&self) -> bool {
        self.store.has_forgotten()
    }

    /// Returns the numbers of cells and leases in the store.
    pub fn occupancy(&self) -> Occupancy {
        self.store.occupancy()
    }
}

/// Returns the takes with their limits' names.
fn named<'a>(checks: &'a [LimitCheck<'_>]) -> impl Iterator<Item = (&'a Arc<str>, &'a Take)> {
    checks.iter().map(|check| (&check.limit.name, &check.take))
}

/// Makes a rejection with the cells that refuse.
fn rejected(
    over: OverLimit,
    fields: Option<RateLimitFields>,
    checks: &[LimitCheck<'_>],
    verdict: &Verdict,
) -> Admission {
    let refusing = checks
        .iter()
        .zip(&verdict.outcomes)
        .filter(|(check, outcome)| !check.take.shadow && outcome.fit.wait().is_some());
    // The base cell too: where a sub-key was one too many, it is the one that refused.
    let cells = refusing
        .flat_map(|(check, _)| [Some(check.take.cell), check.take.subkey.map(|subkey| subkey.base)])
        .flatten()
        .collect();
    Admission::Rejected { over, fields, cells }
}

fn caller_of(name: u64) -> u32 {
    (name >> 32) as u32
}

#[cfg(test)]
mod tests;
