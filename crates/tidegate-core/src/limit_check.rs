//! Turns a route's limits into takes: the cells a request concerns, their owners, and the amounts.

mod key;

use std::{net::IpAddr, sync::Arc};

use http::HeaderMap;

use crate::{
    address::{self, Block},
    decide::{Subkey, Tag, Take},
    identity::{Identity, TokenKind},
    limit::{Limit, Part, Who},
    overrides::{self, Effective, Origin, Overrides},
    partition::Partitioner,
};

use key::{Apart, Key};
pub use key::{SHOWN_BYTES_MAX, Scope};

/// The caller, in all that a partition key can be made of.
#[derive(Clone, Copy, Debug)]
pub struct Caller<'r> {
    /// The identity.
    pub identity: &'r Identity,
    /// The client's address.
    pub client: IpAddr,
    /// The request's fields.
    pub headers: &'r HeaderMap,
    /// The tenant whose leased instance was asked, by the Host field.
    pub instance: Option<&'r Arc<str>>,
    /// The request counts whoever asks: the path is unmatched (docs/semantics.md rule 1).
    pub counts_whoever: bool,
}

/// One limit's question to the store, with the details that a refusal shows.
#[derive(Clone, Debug)]
pub struct LimitCheck<'p> {
    /// The limit.
    pub limit: &'p Limit,
    /// The data a store takes.
    pub take: Take,
    /// The origin of the quota.
    pub origin: Origin,
    /// The owner of the count, e.g. `user ann`.
    pub scope: Scope,
    /// The time at which the quota ends by itself, in Unix milliseconds.
    pub until_ms: Option<i64>,
}

/// The checks of one request, one for each limit that concerns it, and for `ip` parts of IPv6 one a block.
pub fn limit_checks<'p>(
    limits: impl IntoIterator<Item = &'p Limit>,
    caller: &Caller<'_>,
    overrides: &Overrides,
    partitioner: &Partitioner,
    wall_ms: i64,
) -> Vec<LimitCheck<'p>> {
    let limits = limits.into_iter();
    let mut checks = Vec::with_capacity(limits.size_hint().0);
    let subject = caller
        .identity
        .known()
        .map(|known| partitioner.name(&known.token.subject));
    for limit in limits {
        if !concerns(limit, caller) {
            continue;
        }
        let effective = overrides::effective(limit, caller.identity.known(), caller.instance, overrides, wall_ms);
        let mut add = |block| checks.extend(check(limit, caller, &effective, block, partitioner, subject));
        if limit.counts_by(&Part::Ip) {
            address::blocks(caller.client).map(Some).for_each(&mut add);
        } else {
            add(None);
        }
    }
    checks
}

/// One limit's check for one of the caller's address blocks; `None` where the limit does not concern the caller.
fn check<'p>(
    limit: &'p Limit,
    caller: &Caller<'_>,
    effective: &Effective,
    block: Option<Block>,
    partitioner: &Partitioner,
    subject: Option<u64>,
) -> Option<LimitCheck<'p>> {
    let key = Key::of(limit, &limit.per, apart(&limit.per, effective, caller), caller, block)?;
    let factor = block.map_or(1, |block| block.factor);
    let subkey = limit.within.as_ref().and_then(|within| {
        // The parent is capped where the caller is, also when the limit itself counts by no address.
        let parent_block = block.or_else(|| address::blocks(caller.client).next());
        let parent = Key::of(
            limit,
            &within.per,
            apart(&within.per, effective, caller),
            caller,
            parent_block,
        )?;
        let max = effective.subkeys_max.unwrap_or(within.subkeys_max);
        Some(Subkey {
            parent: parent.cell(partitioner, "parent"),
            base: parent.cell(partitioner, "base"),
            max: max.saturating_mul(factor),
        })
    });
    let take = Take {
        cell: key.cell(partitioner, "cell"),
        tag: Tag {
            limit: partitioner.name(&limit.name),
            user: subject.filter(|_| key.names_user),
        },
        quantity: effective.quantity.times(factor),
        cost: 1,
        shadow: limit.shadow,
        subkey,
    };
    Some(LimitCheck {
        limit,
        take,
        origin: effective.origin.clone(),
        scope: key.into_scope(),
        until_ms: effective.until_ms,
    })
}

/// Known callers count in limits for known callers, everybody else in those for anonymous ones
/// (docs/semantics.md rule 1).
fn concerns(limit: &Limit, caller: &Caller<'_>) -> bool {
    match limit.who {
        _ if caller.counts_whoever => true,
        Who::Everyone => true,
        Who::Known => caller.identity.known().is_some(),
        Who::Anonymous => caller.identity.known().is_none(),
    }
}

/// Finds the owner that counts apart where these parts would count it with others: whoever has a quota that the others
/// have not (docs/semantics.md rule 10), and everybody at a leased instance.
fn apart<'a>(per: &[Part], effective: &Effective, caller: &Caller<'a>) -> Option<Apart<'a>> {
    let named = |parts: &[Part]| parts.iter().any(|part| per.contains(part));
    let known = caller.identity.known();
    // Somebody with an account is one person wherever they ask; an opaque credential is whoever the host says.
    let account = known.filter(|known| known.token.kind != TokenKind::Opaque);
    match &effective.origin {
        Origin::User(_) if named(&[Part::User, Part::Token, Part::App]) => None,
        Origin::User(_) => known.map(|known| Apart::User(&known.token.subject)),
        _ if account.is_some() && named(&[Part::Tenant, Part::User, Part::Token, Part::App]) => None,
        origin => match (caller.instance, origin) {
            // A limit that divides nothing is one over all callers of all hosts, unless the tenant has its own.
            (Some(_), Origin::Limit) if per.is_empty() => None,
            (Some(instance), _) => Some(Apart::Tenant(instance)),
            (None, Origin::Limit) if effective.subkeys_max.is_none() => None,
            (None, _) => known.map(|known| Apart::Tenant(&known.token.tenant)),
        },
    }
}

#[cfg(test)]
mod tests;
