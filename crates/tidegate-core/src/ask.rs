//! From a route's limits to takes: which cells a request concerns, for whom, and how much.

mod key;

use std::net::IpAddr;

use http::HeaderMap;

use crate::{
    address::{self, Block},
    decide::{Subkey, Tag, Take},
    identity::Identity,
    limit::{Limit, Part, Who},
    overrides::{self, Effective, Origin, Overrides},
    partition::Partitioner,
};

use key::Key;
pub use key::{SHOWN_BYTES_MAX, Scope};

/// Who asks, in all that a partition key can be made of.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'r> {
    /// The identity.
    pub identity: &'r Identity,
    /// The client's address.
    pub client: IpAddr,
    /// The request's fields.
    pub headers: &'r HeaderMap,
    /// The request counts whoever asks: the path is unmatched (SEMANTICS rule 1).
    pub counts_whoever: bool,
}

/// One limit's question to the store, with what a refusal will want to say.
#[derive(Clone, Debug)]
pub struct Ask<'p> {
    /// The limit.
    pub limit: &'p Limit,
    /// The data a store takes.
    pub take: Take,
    /// Where the quota comes from.
    pub origin: Origin,
    /// Whose count it is, e.g. `user ann`.
    pub scope: Scope,
}

/// The asks of one request, one for each limit that concerns it, and for `ip` parts of IPv6 one a block.
pub fn asks<'p>(
    limits: impl IntoIterator<Item = &'p Limit>,
    asker: &Asker<'_>,
    overrides: &Overrides,
    partitioner: &Partitioner,
    wall_ms: i64,
) -> Vec<Ask<'p>> {
    let limits = limits.into_iter();
    let mut asks = Vec::with_capacity(limits.size_hint().0);
    let subject = asker
        .identity
        .known()
        .map(|known| partitioner.name(&known.token.subject));
    for limit in limits {
        if !concerns(limit, asker) {
            continue;
        }
        let effective = overrides::effective(limit, asker.identity.known(), overrides, wall_ms);
        let mut ask = |block| asks.extend(ask(limit, asker, &effective, block, partitioner, subject));
        if limit.counts_by(&Part::Ip) {
            address::blocks(asker.client).map(Some).for_each(&mut ask);
        } else {
            ask(None);
        }
    }
    asks
}

/// One limit's ask for one of the caller's address blocks; `None` where the limit does not concern the caller.
fn ask<'p>(
    limit: &'p Limit,
    asker: &Asker<'_>,
    effective: &Effective,
    block: Option<Block>,
    partitioner: &Partitioner,
    subject: Option<u64>,
) -> Option<Ask<'p>> {
    let key = Key::of(limit, &limit.per, apart(limit, &effective.origin), asker, block)?;
    let factor = block.map_or(1, |block| block.factor);
    let subkey = limit.within.as_ref().and_then(|within| {
        // The parent is capped where the caller is, also when the limit itself counts by no address.
        let parent_block = block.or_else(|| address::blocks(asker.client).next());
        let parent = Key::of(limit, &within.per, None, asker, parent_block)?;
        Some(Subkey {
            parent: parent.cell(partitioner, "parent"),
            base: parent.cell(partitioner, "base"),
            max: within.subkeys_max.saturating_mul(factor),
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
    Some(Ask {
        limit,
        take,
        origin: effective.origin.clone(),
        scope: key.into_scope(),
    })
}

/// Known callers count in limits for known callers, everybody else in those for anonymous ones (SEMANTICS rule 1).
fn concerns(limit: &Limit, asker: &Asker<'_>) -> bool {
    match limit.who {
        _ if asker.counts_whoever => true,
        Who::Everyone => true,
        Who::Known => asker.identity.known().is_some(),
        Who::Anonymous => asker.identity.known().is_none(),
    }
}

/// An override counts its user or tenant apart where the limit would count them with others (SEMANTICS rule 10).
fn apart(limit: &Limit, origin: &Origin) -> Option<&'static Part> {
    let named = |parts: &[Part]| parts.iter().any(|part| limit.counts_by(part));
    match origin {
        Origin::User(_) if !named(&[Part::User, Part::Token, Part::App]) => Some(&Part::User),
        Origin::Tenant(_) | Origin::Plan(_) if !named(&[Part::Tenant, Part::User, Part::Token, Part::App]) => {
            Some(&Part::Tenant)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests;
