//! Cache keys: keyed hashes, from which nothing of a request can be read.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    sync::Arc,
};

use http::{
    HeaderMap, HeaderName,
    header::{AUTHORIZATION, COOKIE, HOST, ORIGIN},
    request::Parts,
};
use tidegate_core::{
    identity::{Identity, TokenKind},
    partition::{CellId, Partitioner, Parts as List},
};
use tidegate_gate::RequestContext;

use crate::net::OverTls;

/// Hashes under a key of this process, which nobody keeps.
#[derive(Debug)]
pub(super) struct Keys(Partitioner);

/// The route and the tenant that a change concerns, or an answer is made from.
#[derive(Clone, Copy, Debug)]
pub(super) struct TenantRoute<'a> {
    pub(super) route: &'a str,
    /// Empty where nobody's organisation is known.
    pub(super) tenant: &'a str,
}

/// Fields by which a server may tell callers apart or read a request otherwise, whatever it says in `Vary`: keyed, so
/// that what one caller writes there changes no other's answer (fault 74). Others are left to `Vary`.
const KEYED: [HeaderName; 3] = [AUTHORIZATION, COOKIE, ORIGIN];
const KEYED_PREFIXES: [&str; 9] = [
    "x-forwarded",
    "x-original",
    "x-rewrite",
    "x-http-method",
    "x-method",
    "x-host",
    "x-real",
    "x-api-key",
    "x-auth",
];

impl Keys {
    pub(super) fn new() -> Keys {
        // Each state is keyed afresh from the system's randomness.
        let half = || RandomState::new().build_hasher().finish().to_ne_bytes();
        let mut key = [0; 16];
        key[..8].copy_from_slice(&half());
        key[8..].copy_from_slice(&half());
        Keys(Partitioner::new(key))
    }

    /// The key of a request's answer: scheme, authority, path, query, and who asks. Two tokens of one user are two: what
    /// they may read differs.
    pub(super) fn answer(&self, head: &Parts, context: &RequestContext) -> CellId {
        let mut list = self.list("answer");
        list.add(&[u8::from(head.extensions.get::<OverTls>().is_some())]);
        list.add(authority(&head.headers).as_bytes());
        list.add(head.uri.path().as_bytes());
        match head.uri.query() {
            Some(query) => list.add(query.as_bytes()),
            // A query is never this long, so none and an empty one differ.
            None => list.add(&[0]),
        }
        match &context.identity {
            Identity::Known(known) => {
                for token in [Some(&known.token), known.app.as_ref()] {
                    let Some(token) = token else { continue };
                    list.add(token.kind.as_str().as_bytes());
                    list.add(token.tenant.as_bytes());
                    list.add(token.user.as_bytes());
                    list.add(token.id.as_bytes());
                }
            }
            Identity::Anonymous | Identity::Invalid(_) => list.add(b"anonymous"),
        }
        let mut keyed: Vec<_> = head.headers.iter().filter(|(name, _)| is_keyed(name)).collect();
        keyed.sort_by(|(a, _), (b, _)| a.as_str().cmp(b.as_str()));
        for (name, value) in keyed {
            list.add(name.as_str().as_bytes());
            list.add(value.as_bytes());
        }
        list.cell()
    }

    /// An answer's key with the values of the fields that select among several.
    pub(super) fn flight(&self, answer: CellId, selecting: impl Iterator<Item = CellId>) -> CellId {
        let mut list = self.list("flight");
        list.add(&answer.0.to_ne_bytes());
        selecting.for_each(|value| list.add(&value.0.to_ne_bytes()));
        list.cell()
    }

    /// Returns the key of a request's value of a field.
    pub(super) fn field(&self, name: &HeaderName, headers: &HeaderMap) -> CellId {
        let mut list = self.list("field");
        headers.get_all(name).iter().for_each(|line| list.add(line.as_bytes()));
        list.cell()
    }

    /// All that is kept of a path at a host, whatever its query and whoever asked.
    pub(super) fn path(&self, authority: &str, path: &str) -> CellId {
        let mut list = self.list("path");
        list.add(authority.to_ascii_lowercase().as_bytes());
        // The digits of an escape stand for one byte in either case; no letter of a path is escaped (see `Facts`).
        let mut digits = 0_u8;
        let normal = path.bytes().map(|byte| {
            let is_digit = digits > 0;
            digits = if byte == b'%' { 2 } else { digits.saturating_sub(1) };
            if is_digit { byte.to_ascii_uppercase() } else { byte }
        });
        list.add(&normal.collect::<Vec<u8>>());
        list.cell()
    }

    /// All that is kept of a route.
    pub(super) fn route(&self, route: &str) -> CellId {
        let mut list = self.list("route");
        list.add(route.as_bytes());
        list.cell()
    }

    /// All that is kept of a route for a tenant.
    pub(super) fn tenant(&self, of: TenantRoute<'_>) -> CellId {
        self.of("tenant", of, "")
    }

    /// Returns the tag that changes with anything named of a route and tenant.
    pub(super) fn touched(&self, of: TenantRoute<'_>) -> CellId {
        self.of("touched", of, "")
    }

    /// Returns the tag of answers of a route and tenant that are not known to be of a name.
    pub(super) fn unnamed(&self, of: TenantRoute<'_>) -> CellId {
        self.of("unnamed", of, "")
    }

    /// Returns the tag of answers of a route and tenant that are of a name.
    pub(super) fn named(&self, of: TenantRoute<'_>, name: &str) -> CellId {
        self.of("named", of, name)
    }

    fn of(&self, purpose: &str, of: TenantRoute<'_>, name: &str) -> CellId {
        let mut list = self.list(purpose);
        list.add(of.route.as_bytes());
        list.add(of.tenant.as_bytes());
        list.add(name.as_bytes());
        list.cell()
    }

    fn list(&self, purpose: &str) -> List {
        let mut list = self.0.parts();
        list.add(purpose.as_bytes());
        list
    }
}

/// Returns the host that was asked; the facts hold that there is exactly one.
pub(super) fn authority(headers: &HeaderMap) -> String {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    host.unwrap_or_default().to_ascii_lowercase()
}

/// The organisation whose request it is. Whose an opaque credential is nobody here knows.
pub(super) fn tenant(identity: &Identity) -> Option<Arc<str>> {
    let known = identity.known()?;
    (known.token.kind != TokenKind::Opaque).then(|| known.token.tenant.clone())
}

fn is_keyed(name: &HeaderName) -> bool {
    KEYED.contains(name) || KEYED_PREFIXES.iter().any(|prefix| name.as_str().starts_with(prefix))
}
