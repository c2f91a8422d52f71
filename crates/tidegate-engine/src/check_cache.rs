//! The limit check of a connection's last request, for a next request that needs an equal one.
//!
//! A caller that keeps its connection checks the same limits against the same cells again and again. The cells follow
//! from the snapshot, the limits and the caller alone, so they are worked out once. Their counts are read each time.

use std::{
    net::IpAddr,
    ptr,
    sync::{Arc, Weak},
};

use parking_lot::Mutex;
use tidegate_core::{
    decide::{Take, Verdict},
    fields::{self, RateLimitFields},
    identity::{Known, Token},
    limit::{Limit, Part},
    limit_check::{Caller, LimitCheck},
    time::Now,
};

use crate::snapshot::Snapshot;

/// The check of the last admitted request of one connection. It holds one at most, which has the size of a route's limits.
#[derive(Debug, Default)]
pub struct CheckCache(Mutex<Option<Box<LastCheck>>>);

/// A check, with the caller it was made for.
#[derive(Debug)]
pub(crate) struct LastCheck {
    /// A weak reference, so that an idle connection keeps no policy of the past.
    snapshot: Weak<Snapshot>,
    /// The addresses of the limits in that snapshot's policy. Nothing else can stand there while the reference is held.
    limits: Vec<usize>,
    known: Option<Known>,
    client: IpAddr,
    instance: Option<Arc<str>>,
    counts_whoever: bool,
    from_ms: i64,
    until_ms: Option<i64>,
    names: Vec<Arc<str>>,
    fields: Option<RateLimitFields>,
    pub(crate) takes: Vec<Take>,
}

// === impl CheckCache ===

impl CheckCache {
    /// Takes out the last check, if this request needs an equal one.
    pub(crate) fn take<'p>(
        &self,
        limits: impl Iterator<Item = &'p Limit>,
        snapshot: &Arc<Snapshot>,
        caller: &Caller<'_>,
        now: Now,
    ) -> Option<Box<LastCheck>> {
        let last = self.0.lock().take()?;
        last.fits(limits, snapshot, caller, now).then_some(last)
    }

    /// Puts a check back.
    pub(crate) fn keep(&self, last: Box<LastCheck>) {
        *self.0.lock() = Some(last);
    }

    /// Keeps a check. If a field of the request is a part of a key, nothing is kept and every request is checked anew.
    pub(crate) fn remember<'p>(
        &self,
        limits: impl Iterator<Item = &'p Limit> + Clone,
        snapshot: &Arc<Snapshot>,
        caller: &Caller<'_>,
        checks: &[LimitCheck<'_>],
        fields: Option<&RateLimitFields>,
        now: Now,
    ) {
        if limits.clone().any(reads_fields) {
            return;
        }
        self.keep(Box::new(LastCheck {
            snapshot: Arc::downgrade(snapshot),
            limits: limits.map(place).collect(),
            known: caller.identity.known().cloned(),
            client: caller.client,
            instance: caller.instance.cloned(),
            counts_whoever: caller.counts_whoever,
            from_ms: now.wall_ms,
            until_ms: checks.iter().filter_map(|check| check.until_ms).min(),
            names: checks.iter().map(|check| check.limit.name.clone()).collect(),
            fields: fields.cloned(),
            takes: checks.iter().map(|check| check.take).collect(),
        }));
    }
}

fn reads_fields(limit: &Limit) -> bool {
    let within = limit.within.iter().flat_map(|within| &within.per);
    limit
        .per
        .iter()
        .chain(within)
        .any(|part| matches!(part, Part::Header(_)))
}

fn place(limit: &Limit) -> usize {
    ptr::from_ref(limit).addr()
}

// === impl LastCheck ===

impl LastCheck {
    fn fits<'p>(
        &self,
        limits: impl Iterator<Item = &'p Limit>,
        snapshot: &Arc<Snapshot>,
        caller: &Caller<'_>,
        now: Now,
    ) -> bool {
        // A clock that was set back brings quotas back that had ended.
        let in_time = self.from_ms <= now.wall_ms && self.until_ms.is_none_or(|until| now.wall_ms < until);
        in_time
            && ptr::eq(self.snapshot.as_ptr(), Arc::as_ptr(snapshot))
            && self.client == caller.client
            && self.counts_whoever == caller.counts_whoever
            && self.instance.as_ref() == caller.instance
            && is_same(self.known.as_ref(), caller.identity.known())
            && limits.map(place).eq(self.limits.iter().copied())
    }

    /// Returns the takes with their limits' names.
    pub(crate) fn named(&self) -> impl Iterator<Item = (&Arc<str>, &Take)> {
        self.names.iter().zip(&self.takes)
    }

    /// Returns the RateLimit fields of a verdict about these takes.
    pub(crate) fn fields(&self, verdict: &Verdict) -> Option<RateLimitFields> {
        let policy = self.fields.as_ref().map(|fields| &fields.policy);
        let named = self.named().map(|(name, take)| (&**name, take));
        fields::rate_limit_again(named, verdict, policy)
    }
}

fn is_same(one: Option<&Known>, other: Option<&Known>) -> bool {
    let token = |one: &Arc<Token>, other: &Arc<Token>| Arc::ptr_eq(one, other) || one == other;
    match (one, other) {
        (Some(one), Some(other)) => {
            let app = match (&one.app, &other.app) {
                (Some(one), Some(other)) => token(one, other),
                (None, None) => true,
                _ => false,
            };
            app && token(&one.token, &other.token)
        }
        (None, None) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
