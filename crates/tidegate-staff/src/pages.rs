//! The callers' own pages: the published limits, the caller's standing, and what is theirs to change. They count only
//! against a guard of their own.

mod accept_header;
mod connections;
mod me;
mod page_error;
mod page_request;
mod published_limits;
mod refusals;
mod response;
mod stations;
mod token_cookie;
mod tokens;
mod usage;
mod year_chart;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::{Method, Response, StatusCode};
use tidegate_accounts::Accounts;
use tidegate_engine::{engine::Engine, ticket::Ticket};
use tidegate_gateway::{Body, Call, EmbeddedUpstream};

use crate::{filters, program::Program};
use page_error::PageError;
use page_request::PageRequest;

pub use token_cookie::COOKIE;

/// The pages at `/limits` and below.
pub struct Pages {
    engine: Arc<Engine>,
    accounts: Accounts,
    program: Arc<dyn Program>,
    /// True when the pages are served over TLS, so that browsers send the cookie over TLS only.
    is_secure: bool,
}

impl Pages {
    /// Creates the pages over the accounts and the engine that also enforces, so that a page cannot drift from the
    /// limits in force.
    pub fn new(engine: Arc<Engine>, accounts: Accounts, program: Arc<dyn Program>, is_secure: bool) -> Pages {
        Pages {
            engine,
            accounts,
            program,
            is_secure,
        }
    }

    async fn answer(&self, call: Call) -> Response<Body> {
        let (visit, body) = PageRequest::of(call);
        let answered = if visit.is_read() {
            self.read(&visit).await
        } else if visit.is_foreign() {
            let detail = "This request came from another site, so nothing was changed.";
            Err(PageError::new(StatusCode::FORBIDDEN, detail))
        } else {
            self.change(&visit, body).await
        };
        answered.unwrap_or_else(|why| response::problem(&visit, &why))
    }

    async fn read(&self, visit: &PageRequest) -> Result<Response<Body>, PageError> {
        let below: Vec<&str> = visit.below().collect();
        match below.as_slice() {
            [] => Ok(published_limits::show(visit)),
            ["me"] => me::show(self, visit).await,
            ["me", "connections"] => connections::list(self, visit),
            ["me", "decisions"] => Ok(refusals::list(self, visit)),
            ["me", "usage"] => usage::show(self, visit).await,
            ["me", "tokens"] => tokens::list(self, visit).await,
            ["me", "stations"] => stations::list(self, visit).await,
            ["decisions", id] => refusals::show(self, visit, id),
            ["assets", name] => response::asset(name),
            _ => {
                let detail = format!("There is no such page. See {0} and {0}/me.", visit.prefix());
                Err(PageError::new(StatusCode::NOT_FOUND, detail))
            }
        }
    }

    /// Carries out a change. OwnerForms of a browser can only POST, so each change has a path for them beside that for
    /// programs.
    async fn change(&self, visit: &PageRequest, body: Body) -> Result<Response<Body>, PageError> {
        let below: Vec<&str> = visit.below().collect();
        match (&visit.head.method, below.as_slice()) {
            (&Method::DELETE, ["me", "connections", id]) | (&Method::POST, ["me", "connections", id, "close"]) => {
                connections::close(self, visit, id)
            }
            (&Method::POST, ["me", "tokens"]) => tokens::create(self, visit, body).await,
            (&Method::DELETE, ["me", "tokens", id]) | (&Method::POST, ["me", "tokens", id, "revoke"]) => {
                tokens::revoke(self, visit, id).await
            }
            (&Method::PUT, ["me", "stations", id, "shares", user]) => stations::share(self, visit, id, user).await,
            (&Method::POST, ["me", "stations", id, "shares"]) => stations::share_by_form(self, visit, id, body).await,
            (&Method::DELETE, ["me", "stations", id, "shares", user])
            | (&Method::POST, ["me", "stations", id, "shares", user, "end"]) => {
                stations::unshare(self, visit, id, user).await
            }
            (&Method::POST, ["me", "session"]) => token_cookie::begin(self, visit, body).await,
            (&Method::POST, ["me", "session", "end"]) => Ok(token_cookie::end(self, visit)),
            _ => Err(PageError::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "This page does not support that method.",
            )),
        }
    }
}

impl EmbeddedUpstream for Pages {
    fn call(&self, _ticket: Ticket, call: Call) -> BoxFuture<'_, Response<Body>> {
        Box::pin(self.answer(call))
    }
}
