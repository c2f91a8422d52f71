//! From a route's limits to takes: which cells a request concerns, for whom, and how much.

use std::{borrow::Cow, net::IpAddr, sync::Arc};

use http::{HeaderMap, HeaderName};

use crate::{
    address::{self, Block},
    decide::{Subkey, Tag, Take},
    identity::{Identity, Known},
    limit::{Limit, Part, Who},
    overrides::{self, Origin, Overrides},
    partition::{CellId, Partitioner},
};

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

/// Whose count a cell is, kept as parts until somebody wants to read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope(Vec<(&'static str, Arc<str>)>);

/// The asks of one request, one for each limit that concerns it, and for `ip` parts of IPv6 one a block.
pub fn asks<'p>(
    limits: impl IntoIterator<Item = &'p Limit>,
    asker: &Asker<'_>,
    overrides: &Overrides,
    partitioner: &Partitioner,
    wall_ms: i64,
) -> Vec<Ask<'p>> {
    let mut asks = Vec::new();
    for limit in limits {
        if !concerns(limit, asker) {
            continue;
        }
        let effective = overrides::effective(limit, asker.identity.known(), overrides, wall_ms);
        let extra = apart(limit, &effective.origin);
        let blocks: Vec<Option<Block>> = if limit.counts_by(&Part::Ip) {
            address::blocks(asker.client).map(Some).collect()
        } else {
            vec![None]
        };
        for block in blocks {
            let Some(key) = Key::of(limit, &limit.per, extra, asker, block) else {
                continue;
            };
            let factor = block.map_or(1, |block| block.factor);
            let quantity = effective.quantity.times(factor);
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
            let user = asker
                .identity
                .known()
                .filter(|_| key.names_user)
                .map(|known| partitioner.name(&known.token.subject));
            let tag = Tag {
                limit: partitioner.name(&limit.name),
                user,
            };
            let take = Take {
                cell: key.cell(partitioner, "cell"),
                tag,
                quantity,
                cost: 1,
                shadow: limit.shadow,
                subkey,
            };
            asks.push(Ask {
                limit,
                take,
                origin: effective.origin.clone(),
                scope: key.scope(),
            });
        }
    }
    asks
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

/// A partition key of one request: the limit and the values of its parts.
struct Key<'a> {
    limit: &'a str,
    values: Vec<(&'static str, Cow<'a, [u8]>)>,
    names_user: bool,
}

impl<'a> Key<'a> {
    /// `None` where a part has no value for this caller, so that the limit does not concern them.
    fn of(
        limit: &'a Limit,
        per: &'a [Part],
        extra: Option<&'a Part>,
        asker: &'a Asker<'_>,
        block: Option<Block>,
    ) -> Option<Key<'a>> {
        let known = asker.identity.known();
        let mut values = Vec::with_capacity(per.len() + 1);
        for part in per.iter().chain(extra) {
            values.push(value(part, known, asker, block)?);
        }
        let names_user = per
            .iter()
            .chain(extra)
            .any(|part| matches!(part, Part::User | Part::Token));
        Some(Key {
            limit: &limit.name,
            values,
            names_user,
        })
    }

    fn cell(&self, partitioner: &Partitioner, purpose: &str) -> CellId {
        let head = [purpose.as_bytes(), self.limit.as_bytes()];
        let parts = self.values.iter().flat_map(|(name, value)| [name.as_bytes(), &**value]);
        partitioner.cell(head.into_iter().chain(parts))
    }

    fn scope(&self) -> Scope {
        Scope(self.values.iter().map(|(name, value)| (*name, shown(value))).collect())
    }
}

fn value<'a>(
    part: &Part,
    known: Option<&'a Known>,
    asker: &'a Asker<'_>,
    block: Option<Block>,
) -> Option<(&'static str, Cow<'a, [u8]>)> {
    let text = |text: &'a str| Cow::Borrowed(text.as_bytes());
    Some(match part {
        Part::Ip => ("ip", Cow::Owned(block?.to_string().into_bytes())),
        Part::User => ("user", text(&known?.token.subject)),
        Part::Token => ("token", text(&known?.token.id)),
        Part::Tenant => ("tenant", text(&known?.token.tenant)),
        Part::App => ("app", text(&known?.app.as_ref()?.id)),
        Part::Header(name) => ("header", field(asker.headers, name)),
    })
}

/// A field's bytes as sent, not as text: device names that are no UTF-8 differ too. Several lines are one list
/// (RFC 9110 5.3).
fn field<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Cow<'a, [u8]> {
    let mut lines = headers.get_all(name).iter();
    let first = lines.next().map_or(&b""[..], |line| line.as_bytes());
    lines.fold(Cow::Borrowed(first), |list, line| {
        Cow::Owned([&*list, b", ", line.as_bytes()].concat())
    })
}

/// Most bytes of a value that a scope shows. A caller chooses a header's value, and refusals are remembered.
pub const SHOWN_BYTES_MAX: usize = 100;

fn shown(value: &[u8]) -> Arc<str> {
    match value.get(..SHOWN_BYTES_MAX) {
        Some(start) if value.len() > SHOWN_BYTES_MAX => format!("{}…", String::from_utf8_lossy(start)).into(),
        _ => String::from_utf8_lossy(value).into(),
    }
}

// === impl Scope ===

impl Scope {
    /// A scope of one named part, for counts that are asked for without a request.
    pub fn of(name: &'static str, value: &str) -> Scope {
        Scope(vec![(name, value.into())])
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            return f.write_str("everyone");
        }
        for (i, (name, value)) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            match &**value {
                // A header field that was not sent.
                "" => write!(f, "{comma}no {name}")?,
                value => write!(f, "{comma}{name} {value}")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
