//! One visit of a caller's page: who asks for what, and in which form they read the answer.

use std::{net::IpAddr, sync::Arc};

use http::{Method, StatusCode, request::Parts};
use tidegate_core::{
    identity::{Identity, Known, TokenKind},
    limit_check::Caller,
    refusal::Refusal,
    time::Now,
};
use tidegate_engine::snapshot::Snapshot;
use tidegate_gateway::{Body, Call};

use super::{accept, session, unfit::Unfit};
use crate::browser;

/// A request for one of the callers' pages, without its body.
pub struct Visit {
    pub head: Parts,
    pub identity: Identity,
    pub client: IpAddr,
    pub instance: Option<Arc<str>>,
    pub now: Now,
    pub snapshot: Arc<Snapshot>,
    /// A person reads it.
    pub html: bool,
}

impl Visit {
    /// Of a call, and its body.
    pub fn of(call: Call) -> (Visit, Body) {
        let (head, body) = call.request.into_parts();
        let html = accept::prefers_html(&head.headers);
        let visit = Visit {
            head,
            identity: call.identity,
            client: call.client,
            instance: call.instance,
            now: call.now,
            snapshot: call.snapshot,
            html,
        };
        (visit, body)
    }

    /// Where the pages stand, e.g. `/limits`.
    pub fn prefix(&self) -> &str {
        &self.snapshot.policy.pages_prefix
    }

    /// The segments of the path below the prefix.
    pub fn below(&self) -> impl Iterator<Item = &str> {
        let path = self.head.uri.path();
        let below = path.strip_prefix(self.prefix()).unwrap_or(path);
        below.split('/').filter(|segment| !segment.is_empty())
    }

    pub fn is_read(&self) -> bool {
        matches!(self.head.method, Method::GET | Method::HEAD)
    }

    /// A browser sends a change that another site asked it for.
    pub fn is_foreign(&self) -> bool {
        !self.is_read() && browser::is_foreign(&self.head.headers)
    }

    /// The caller, as the limits see them.
    pub fn caller(&self) -> Caller<'_> {
        Caller {
            identity: &self.identity,
            client: self.client,
            headers: &self.head.headers,
            instance: self.instance.as_ref(),
            counts_whoever: false,
        }
    }

    /// Who asks, or why that is nobody.
    pub fn known(&self) -> Result<&Known, Unfit> {
        let refusal = match &self.identity {
            Identity::Known(known) => return Ok(known),
            Identity::Invalid(why) => Refusal::BadCredential(*why),
            Identity::Anonymous => Refusal::MissingCredential,
        };
        Err(Unfit::new(StatusCode::UNAUTHORIZED, refusal.sentence()))
    }

    /// The account of somebody who asks with a personal token: tokens and stations are theirs to change. A key, an
    /// application or somebody of whom others speak has none here.
    pub fn owner(&self) -> Result<&str, Unfit> {
        let known = self.known()?;
        match known.token.kind {
            TokenKind::Personal => Ok(&known.token.user),
            _ => Err(Unfit::new(
                StatusCode::FORBIDDEN,
                "This requires a personal token; the credential sent is of another kind.",
            )),
        }
    }

    /// The script of a page reads it again, for the parts that change by themselves.
    pub fn is_live(&self) -> bool {
        self.head.headers.contains_key(browser::LIVE_FIELD)
    }

    /// A browser that keeps a token for these pages, so that its forms can act.
    pub fn has_session(&self) -> bool {
        session::is_held(&self.head.headers) && self.identity.known().is_some()
    }
}
