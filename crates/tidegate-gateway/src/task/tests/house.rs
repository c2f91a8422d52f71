//! The gate of a sweep: one slot a user, each kind of route, and a house that waits and panics where it is told to.

use std::{sync::Arc, time::Duration};

use futures_util::{FutureExt, future::BoxFuture};
use tidegate_core::{
    identity::{Claims, Lookup, Naming, Resource, Source},
    policy::{Policy, Upstream},
    socket::{CommandRule, SocketRefusal, SocketRules},
    testing,
    time::Now,
};
use tidegate_engine::{sockets::SocketHandle, ticket::Ticket};
use tidegate_gate::{Authority, AuthorityFault, StreamCatalog};

use crate::{
    body::Body,
    embedded_upstream::{Call, EmbeddedUpstream, SocketCall},
    relay::EmbeddedSocket,
};

/// An authority that lets `ann` do everything, and panics at `boom`.
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
            Ok(Ok(testing::token(secret).build()))
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

impl StreamCatalog for House {}

impl EmbeddedUpstream for House {
    fn call(&self, _: Ticket, _: Call) -> BoxFuture<'_, http::Response<Body>> {
        async {
            tokio::task::yield_now().await;
            http::Response::new(Body::full("inside"))
        }
        .boxed()
    }

    fn socket(&self, call: SocketCall, _: SocketHandle, socket: EmbeddedSocket) -> Option<BoxFuture<'static, ()>> {
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
async fn echo(socket: EmbeddedSocket) {
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
    let route = |name: &str, page, refuse: Option<SocketRefusal>| {
        testing::route(name)
            .page(page)
            .matching(&format!("* /{name}/**"))
            .needs_user(true)
            .socket(refuse.map(socket_rules))
            .limits(&[0])
            .build()
    };
    testing::policy()
        .pages(vec![
            testing::page("outside").upstream(remote).build(),
            testing::page("inside").build(),
        ])
        .routes(vec![
            route("live", 0, Some(SocketRefusal::Handshake)),
            route("frame", 0, Some(SocketRefusal::Frame)),
            route("evict", 0, Some(SocketRefusal::EvictOldest)),
            route("api", 0, None),
            route("inside", 1, Some(SocketRefusal::EvictOldest)),
        ])
        .limits(vec![
            testing::limit("sockets").per_user().slots(1).build(),
            testing::limit("guard").per_ip().rate(1000, 1).build(),
        ])
        .guard(1)
        .build()
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
