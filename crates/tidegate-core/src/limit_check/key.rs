//! A partition key: a limit and the values of its parts for one caller.

use std::{
    fmt::{self, Display, Formatter},
    net::IpAddr,
    sync::Arc,
};

use http::{HeaderMap, HeaderName};

use super::Caller;
use crate::{
    address::Block,
    identity::Known,
    limit::{Limit, Part},
    partition::{CellId, Partitioner},
};

/// A partition key of one request.
pub(super) struct Key<'a> {
    limit: &'a str,
    values: Vec<(&'static str, Value)>,
    pub(super) names_user: bool,
}

/// The owner that a key names beside its parts, to count it apart.
#[derive(Clone, Copy, Debug)]
pub(super) enum Apart<'a> {
    /// A user.
    User(&'a Arc<str>),
    /// A tenant.
    Tenant(&'a Arc<str>),
}

/// The owner of a cell's count, kept as parts until somebody wants to read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope(Vec<(&'static str, Value)>);

/// A part's value. A request makes many and few are ever read, so nothing is written out here.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Value {
    Name(Arc<str>),
    Block(Block),
    Field(Vec<u8>),
}

/// Most bytes of a value that a scope shows. A caller chooses a header's value, and refusals are remembered.
pub const SHOWN_BYTES_MAX: usize = 100;

// === impl Key ===

impl<'a> Key<'a> {
    /// `None` where a part has no value for this caller, so that the limit does not concern them.
    pub(super) fn of(
        limit: &'a Limit,
        per: &[Part],
        apart: Option<Apart<'_>>,
        caller: &Caller<'_>,
        block: Option<Block>,
    ) -> Option<Key<'a>> {
        let known = caller.identity.known();
        let mut values = Vec::with_capacity(per.len() + usize::from(apart.is_some()));
        let mut names_user = false;
        for part in per {
            names_user |= matches!(part, Part::User | Part::Token);
            values.push(value(part, known, caller, block)?);
        }
        match apart {
            Some(Apart::User(name)) => {
                names_user = true;
                values.push(("user", Value::Name(name.clone())));
            }
            Some(Apart::Tenant(name)) => values.push(("tenant", Value::Name(name.clone()))),
            None => {}
        }
        Some(Key {
            limit: &limit.name,
            values,
            names_user,
        })
    }

    pub(super) fn cell(&self, partitioner: &Partitioner, purpose: &str) -> CellId {
        let mut parts = partitioner.parts();
        parts.add(purpose.as_bytes());
        parts.add(self.limit.as_bytes());
        for (name, value) in &self.values {
            parts.add(name.as_bytes());
            match value {
                Value::Name(name) => parts.add(name.as_bytes()),
                Value::Field(bytes) => parts.add(bytes),
                Value::Block(Block { base, prefix_bits, .. }) => {
                    match base {
                        IpAddr::V4(v4) => parts.add(&v4.octets()),
                        IpAddr::V6(v6) => parts.add(&v6.octets()),
                    }
                    parts.add(&[*prefix_bits]);
                }
            }
        }
        parts.cell()
    }

    pub(super) fn into_scope(self) -> Scope {
        Scope(self.values)
    }
}

fn value(
    part: &Part,
    known: Option<&Known>,
    caller: &Caller<'_>,
    block: Option<Block>,
) -> Option<(&'static str, Value)> {
    let name = |name: &Arc<str>| Value::Name(name.clone());
    Some(match part {
        Part::Ip => ("ip", Value::Block(block?)),
        Part::User => ("user", name(&known?.token.subject)),
        Part::Token => ("token", name(&known?.token.id)),
        Part::Tenant => ("tenant", name(&known?.token.tenant)),
        Part::App => ("app", name(&known?.app.as_ref()?.id)),
        Part::Header(name) => ("header", Value::Field(field(caller.headers, name))),
    })
}

/// A field's bytes as sent, not as text: device names that are no UTF-8 differ too. Several lines are one list
/// (RFC 9110 5.3).
fn field(headers: &HeaderMap, name: &HeaderName) -> Vec<u8> {
    let mut lines = headers.get_all(name).iter();
    let first = lines.next().map_or(Vec::new(), |line| line.as_bytes().to_vec());
    lines.fold(first, |mut list, line| {
        list.extend_from_slice(b", ");
        list.extend_from_slice(line.as_bytes());
        list
    })
}

// === impl Scope ===

impl Scope {
    /// A scope of one named part, for counts that are asked for without a request.
    pub fn of(name: &'static str, value: &str) -> Scope {
        Scope(vec![(name, Value::Name(value.into()))])
    }
}

impl Display for Scope {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("everyone");
        }
        for (i, (name, value)) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            match value {
                Value::Field(sent) if sent.is_empty() => write!(f, "{comma}no {name}")?,
                value => write!(f, "{comma}{name} {value}")?,
            }
        }
        Ok(())
    }
}

// === impl Value ===

impl Display for Value {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let bytes = match self {
            Value::Block(block) => return block.fmt(f),
            Value::Name(name) => name.as_bytes(),
            Value::Field(bytes) => bytes,
        };
        match bytes.get(..SHOWN_BYTES_MAX) {
            Some(start) if bytes.len() > SHOWN_BYTES_MAX => write!(f, "{}…", String::from_utf8_lossy(start)),
            _ => f.write_str(&String::from_utf8_lossy(bytes)),
        }
    }
}
