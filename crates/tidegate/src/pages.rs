//! The callers' own pages: the published limits, and where they stand. Counted against nothing but their guard.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::{Method, Response, StatusCode, header};
use serde_json::json;
use tidegate_core::{ask::Asker, identity::Identity, refusal::Refusal};
use tidegate_engine::{
    engine::Engine,
    refusals::DecisionId,
    sockets::{CloseReason, SocketId},
    ticket::Ticket,
};
use tidegate_gateway::{Body, Call, Inside};

use crate::{explanation::Explanation, socket_row::SocketRow, standing, table};

/// `/limits` and what stands below it.
#[derive(Debug)]
pub struct Pages {
    engine: Arc<Engine>,
}

impl Pages {
    /// Over the engine that also enforces, so that a page cannot drift from what runs.
    pub fn new(engine: Arc<Engine>) -> Pages {
        Pages { engine }
    }

    fn answer(&self, call: &Call) -> Response<Body> {
        let prefix = &*call.snapshot.policy.pages_prefix;
        let path = call.request.uri().path();
        let below = path.strip_prefix(prefix).unwrap_or(path).trim_matches('/');
        let segments: Vec<&str> = below.split('/').filter(|segment| !segment.is_empty()).collect();
        let method = call.request.method();
        if let (&Method::DELETE, ["me", "connections", id]) = (method, segments.as_slice()) {
            return self.close(call, id);
        }
        if !matches!(*method, Method::GET | Method::HEAD) {
            return problem(StatusCode::METHOD_NOT_ALLOWED, "These pages are read with GET.");
        }
        match segments.as_slice() {
            ["me", "connections"] => self.connections(call),
            [] => json(StatusCode::OK, &json!(self.limits(call))),
            ["me"] => self.me(call),
            ["decisions", id] => self.decision(call, id),
            _ => problem(
                StatusCode::NOT_FOUND,
                "There is no such page; GET /limits and /limits/me are.",
            ),
        }
    }

    /// The published limits; at a leased instance that tenant's, and of plans its own alone.
    fn limits(&self, call: &Call) -> Vec<table::Row> {
        let policy = &call.snapshot.policy;
        match call.instance.as_ref().and_then(|name| policy.tenants.named(name)) {
            Some(tenant) => table::rows_of_tenant(policy, &tenant.name, &call.snapshot.overrides, call.now.wall_ms),
            None => table::rows(policy),
        }
    }

    fn me(&self, call: &Call) -> Response<Body> {
        if let Identity::Invalid(why) = &call.identity {
            return problem(StatusCode::UNAUTHORIZED, &Refusal::BadCredential(*why).sentence());
        }
        let asker = Asker {
            identity: &call.identity,
            client: call.client,
            headers: call.request.headers(),
            instance: call.instance.as_ref(),
            counts_whoever: false,
        };
        json(
            StatusCode::OK,
            &json!(standing::of_asker(&self.engine, &call.snapshot, &asker, call.now)),
        )
    }

    fn connections(&self, call: &Call) -> Response<Body> {
        let Some(known) = call.identity.known() else {
            return problem(StatusCode::UNAUTHORIZED, &Refusal::MissingCredential.sentence());
        };
        let open = self.engine.sockets.of_user(&known.token.subject, call.now);
        let rows: Vec<SocketRow> = open.into_iter().map(SocketRow::from).collect();
        json(StatusCode::OK, &json!(rows))
    }

    /// Closes one of one's own; somebody else's is as unknown as one that never was.
    fn close(&self, call: &Call, id: &str) -> Response<Body> {
        let Some(known) = call.identity.known() else {
            return problem(StatusCode::UNAUTHORIZED, &Refusal::MissingCredential.sentence());
        };
        let own = |id: &SocketId| {
            let view = self.engine.sockets.get(*id, call.now);
            view.is_some_and(|view| view.about.subject == known.token.subject)
        };
        match id.parse::<SocketId>().ok().filter(own) {
            Some(id) => {
                self.engine.sockets.close(id, CloseReason::ClosedByCaller);
                let mut answer = Response::new(Body::empty());
                *answer.status_mut() = StatusCode::NO_CONTENT;
                answer
            }
            None => problem(StatusCode::NOT_FOUND, "No such socket of yours is open."),
        }
    }

    /// One's own refusal: somebody else's is as unknown as one that never was.
    fn decision(&self, call: &Call, id: &str) -> Response<Body> {
        let found = id
            .parse::<DecisionId>()
            .ok()
            .and_then(|decision| self.engine.refusals.get(decision));
        let user = call.identity.known().map(|known| &*known.token.subject);
        match found {
            Some(refusal) if refusal.user.as_deref() == user && (user.is_some() || refusal.client == call.client) => {
                json(StatusCode::OK, &json!(Explanation::of(&refusal)))
            }
            _ => problem(StatusCode::NOT_FOUND, "No such decision of yours is remembered."),
        }
    }
}

impl Inside for Pages {
    fn call(&self, _ticket: Ticket, call: Call) -> BoxFuture<'_, Response<Body>> {
        Box::pin(async move { self.answer(&call) })
    }
}

fn problem(status: StatusCode, detail: &str) -> Response<Body> {
    let title = status.canonical_reason().unwrap_or("Error");
    let mut answer = json(
        status,
        &json!({ "type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail }),
    );
    answer.headers_mut().insert(
        header::CONTENT_TYPE,
        http::HeaderValue::from_static("application/problem+json"),
    );
    answer
}

fn json(status: StatusCode, value: &serde_json::Value) -> Response<Body> {
    let mut answer = Response::new(Body::full(format!("{value:#}\n")));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    // What it says changes with every request, and of /limits/me it is one caller's own.
    headers.insert(header::CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    answer
}
