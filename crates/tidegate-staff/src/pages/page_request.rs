//! A request for one of the callers' pages, with the caller and the format of the answer.

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

use super::{accept_header, page_error::PageError, token_cookie};
use crate::browser_headers;

/// A request for one of the callers' pages, without its body.
pub struct PageRequest {
    pub head: Parts,
    pub identity: Identity,
    pub client: IpAddr,
    pub instance: Option<Arc<str>>,
    pub now: Now,
    pub snapshot: Arc<Snapshot>,
    /// True when the client prefers HTML to JSON.
    pub html: bool,
}

impl PageRequest {
    /// Splits a call into the visit and its body.
    pub fn of(call: Call) -> (PageRequest, Body) {
        let (head, body) = call.request.into_parts();
        let html = accept_header::prefers_html(&head.headers);
        let visit = PageRequest {
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

    /// Returns the path prefix of the pages, e.g. `/limits`.
    pub fn prefix(&self) -> &str {
        &self.snapshot.policy.pages_prefix
    }

    /// Returns the segments of the path below the prefix.
    pub fn below(&self) -> impl Iterator<Item = &str> {
        let path = self.head.uri.path();
        let below = path.strip_prefix(self.prefix()).unwrap_or(path);
        below.split('/').filter(|segment| !segment.is_empty())
    }

    pub fn is_read(&self) -> bool {
        matches!(self.head.method, Method::GET | Method::HEAD)
    }

    /// Returns true when a browser sends a change that another site triggered.
    pub fn is_foreign(&self) -> bool {
        !self.is_read() && browser_headers::is_foreign(&self.head.headers)
    }

    /// Returns the caller, as the limits see them.
    pub fn caller(&self) -> Caller<'_> {
        Caller {
            identity: &self.identity,
            client: self.client,
            headers: &self.head.headers,
            instance: self.instance.as_ref(),
            counts_whoever: false,
        }
    }

    /// Returns the known caller; the error says why there is none.
    pub fn known(&self) -> Result<&Known, PageError> {
        let refusal = match &self.identity {
            Identity::Known(known) => return Ok(known),
            Identity::Invalid(why) => Refusal::BadCredential(*why),
            Identity::Anonymous => Refusal::MissingCredential,
        };
        Err(PageError::new(StatusCode::UNAUTHORIZED, refusal.sentence()))
    }

    /// Returns the user of a personal token, who may change their tokens and stations. A key, an application or a
    /// vouched caller has no account here.
    pub fn owner(&self) -> Result<&str, PageError> {
        let known = self.known()?;
        match known.token.kind {
            TokenKind::Personal => Ok(&known.token.user),
            _ => Err(PageError::new(
                StatusCode::FORBIDDEN,
                "This requires a personal token; the credential sent is of another kind.",
            )),
        }
    }

    /// Returns true when a page's script refreshes the page, for the parts that change by themselves.
    pub fn is_live(&self) -> bool {
        self.head.headers.contains_key(browser_headers::LIVE_FIELD)
    }

    /// Returns true when the browser keeps a valid token for these pages, so that its forms can act.
    pub fn has_session(&self) -> bool {
        token_cookie::is_held(&self.head.headers) && self.identity.known().is_some()
    }
}
