//! The gate of a sweep: one slot a user, each kind of route, and a house that waits and panics where it is told to.

use std::{sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use tidegate_core::{
    credential::Place,
    dialect::PROBLEM,
    identity::{Claims, Grants, IdentityRules, Lookup, Naming, Resource, Source, Token, TokenKind},
    limit::{CountsAt, Limit, OnStoreLoss, Part, Quantity, Who},
    policy::{LimitIndex, Page, PageIndex, Policy, Upstream},
    route::{Pattern, Route},
    socket::{CommandRule, SocketRefusal, SocketRules},
    time::Now,
};
use tidegate_engine::{sockets::SocketHandle, ticket::Ticket};

use crate::{
    body::Body,
    inside::{Authority, AuthorityFault, Call, Inside, SocketCall},
    relay::InsideSocket,
};

/// Who lets `ann` do everything, and panics at `boom`.
pub(super) struct House;

fn panics() -> ! {
    std::panic::resume_unwind(Box::new("the house panics"))
}

impl Authority for House {
    fn lookup<'a>(&'a self, _: &'a Source, secret: &'a str, _: Now) -> BoxFuture<'a, Result<Lookup, AuthorityFault>> {
        async move {
            tokio::task::yield_now().await;
            // An operation of the runtime, as a real look-up ends with: where there is one a poll, the answer that is
            // made behind it waits to be written.
            tokio::task::consume_budget().await;
            if secret == "boom" {
                panics();
            }
            Ok(Ok(Arc::new(Token {
                id: secret.into(),
                kind: TokenKind::Personal,
                subject: secret.into(),
                user: secret.into(),
                tenant: "acme".into(),
                plan: None,
                grants: Grants::All,
                expires_ms: None,
            })))
        }
        .boxed()
    }

    fn vouched<'a>(&'a self, _: &'a Naming, claims: Claims, _: Now) -> BoxFuture<'a, Result<Lookup, AuthorityFault>> {
        async move { Ok(Ok(Arc::new(claims.apart("")))) }.boxed()
    }

    fn exists(&self, _: Resource) -> BoxFuture<'_, Result<bool, AuthorityFault>> {
        async { Ok(true) }.boxed()
    }
}

impl Inside for House {
    fn call(&self, _: Ticket, _: Call) -> BoxFuture<'_, http::Response<Body>> {
        async {
            tokio::task::yield_now().await;
            http::Response::new(Body::full("inside"))
        }
        .boxed()
    }

    fn socket(&self, call: SocketCall, _: SocketHandle, socket: InsideSocket) -> Option<BoxFuture<'static, ()>> {
        match &*call.path {
            "/inside/none" => None,
            "/inside/panics" => panics(),
            "/inside/dies" => Some(
                async move {
                    let _ = socket.recv().await;
                    panics();
                }
                .boxed(),
            ),
            _ => Some(echo(socket).boxed()),
        }
    }
}

/// Says something, then says again what it is told, and ends at `bye`.
async fn echo(socket: InsideSocket) {
    let _ = socket.send("hello".to_owned()).await;
    while let Some(text) = socket.recv().await {
        if text == "bye" {
            return socket.close(4000, "bye");
        }
        if socket.send(text).await.is_err() {
            break;
        }
    }
}

/// One slot a user on each route, with each way to refuse.
pub(crate) fn policy(upstream: &str) -> Policy {
    let remote = Upstream::server(upstream.parse().unwrap());
    let route = |name: &str, page, refuse: Option<SocketRefusal>| Route {
        name: name.into(),
        page: PageIndex(page),
        patterns: vec![Pattern::parse(&format!("* /{name}/**")).unwrap()],
        needs_user: true,
        socket: refuse.map(socket_rules),
        cache: None,
        drops: [].into(),
        payload_limits: Vec::new(),
        range: None,
        body: None,
        grants: vec![],
        limits: vec![LimitIndex(0)],
    };
    let guard = Quantity::Rate {
        quota: 1000,
        burst: 1000,
        window: Duration::from_secs(1),
    };
    Policy {
        pages: vec![page("outside", remote), page("inside", Upstream::Embedded)],
        routes: vec![
            route("live", 0, Some(SocketRefusal::Handshake)),
            route("frame", 0, Some(SocketRefusal::Frame)),
            route("evict", 0, Some(SocketRefusal::EvictOldest)),
            route("api", 0, None),
            route("inside", 1, Some(SocketRefusal::EvictOldest)),
        ],
        limits: vec![
            limit("sockets", Who::Known, Part::User, Quantity::Slots { quota: 1 }),
            limit("guard", Who::Everyone, Part::Ip, guard),
        ],
        unmatched: None,
        guard: LimitIndex(1),
        payload_limits: Vec::new(),
        pages_prefix: "/limits".into(),
        pages_login: Vec::new(),
        trust: None,
        tenants: Default::default(),
    }
}

fn page(name: &str, upstream: Upstream) -> Page {
    Page {
        name: name.into(),
        identity: IdentityRules {
            read: vec![Place::Bearer],
            cookie_yields: false,
            app_acts_alone: false,
            sources: vec![Source::Own],
        },
        dialect: PROBLEM,
        upstream,
    }
}

fn socket_rules(refuse: SocketRefusal) -> SocketRules {
    SocketRules {
        refuse,
        extensions: false,
        message_bytes_max: 65_536,
        messages_per_minute_max: 100,
        resources_max: 1,
        command: Some(CommandRule {
            name_at: "type".into(),
            resource_at: "device".into(),
            starts: vec!["start".into()],
            stops: vec!["stop".into()],
        }),
        idle: Duration::from_secs(3600),
        lifetime: Duration::from_secs(3600),
        warnings: true,
    }
}

fn limit(name: &str, who: Who, part: Part, quantity: Quantity) -> Limit {
    Limit {
        name: name.into(),
        who,
        per: vec![part],
        quantity,
        within: None,
        counts_at: CountsAt::Edge,
        on_store_loss: OnStoreLoss::Allow,
        shadow: false,
        hint: None,
        plans: Vec::new(),
        tenants: Default::default(),
    }
}
