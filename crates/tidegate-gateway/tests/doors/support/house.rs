//! Stand-ins for what the program joins to the doors.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use super::policy::STATION;
use bytes::Bytes;
use futures_util::{FutureExt, future::BoxFuture};
use http_body_util::BodyExt;
use parking_lot::Mutex;
use tidegate_core::{
    identity::{Claims, Grants, Identity, Invalid, Lookup, Naming, Resource, Source, Token, TokenKind},
    time::Now,
};
use tidegate_engine::ticket::Ticket;
use tidegate_gate::{Authority, AuthorityFault, StreamCatalog};
use tidegate_gateway::{Body, Call, EmbeddedUpstream};

/// Accounts with a few fixed tokens, and a streams API that echoes.
#[derive(Default)]
pub struct House {
    pub broken: AtomicBool,
    pub lookups: AtomicUsize,
    pub calls: Mutex<Vec<String>>,
}

pub struct Pages;

/// `ann` may reach everything, `bob` station 1; `app` is an app key.
fn token(name: &str, kind: TokenKind, grants: Grants) -> Arc<Token> {
    Arc::new(Token {
        id: name.into(),
        kind,
        subject: name.into(),
        user: name.into(),
        tenant: "acme".into(),
        plan: None,
        grants,
        expires_ms: None,
    })
}

impl Authority for House {
    fn lookup<'a>(&'a self, _: &'a Source, secret: &'a str, _: Now) -> BoxFuture<'a, Result<Lookup, AuthorityFault>> {
        self.lookups.fetch_add(1, Ordering::SeqCst);
        let broken = self.broken.load(Ordering::SeqCst);
        async move {
            tokio::task::yield_now().await;
            if broken {
                return Err(AuthorityFault("the disk is gone".into()));
            }
            Ok(match secret {
                "ann" => Ok(token("ann", TokenKind::Personal, Grants::All)),
                "bob" => Ok(token(
                    "bob",
                    TokenKind::Personal,
                    Grants::Only(HashSet::from([STATION.of(1)])),
                )),
                "app" => Ok(token("app", TokenKind::App, Grants::All)),
                "hang" => std::future::pending().await,
                "old" => Err(Invalid::Expired),
                _ => Err(Invalid::Unknown),
            })
        }
        .boxed()
    }

    fn vouched<'a>(
        &'a self,
        naming: &'a Naming,
        claims: Claims,
        _: Now,
    ) -> BoxFuture<'a, Result<Lookup, AuthorityFault>> {
        let prefix = match naming {
            Naming::Apart(prefix) => &**prefix,
            Naming::Own => "",
        };
        async move { Ok(Ok(Arc::new(claims.apart(prefix)))) }.boxed()
    }

    fn exists(&self, resource: Resource) -> BoxFuture<'_, Result<bool, AuthorityFault>> {
        async move { Ok(resource.kind == STATION && (1..=9).contains(&resource.id)) }.boxed()
    }
}

impl StreamCatalog for House {}

impl EmbeddedUpstream for House {
    /// Says who asked for what; `?read` reads the body first.
    fn call(&self, _: Ticket, call: Call) -> BoxFuture<'_, http::Response<Body>> {
        async move {
            let who = call
                .identity
                .known()
                .map_or("nobody".to_owned(), |known| known.token.user.to_string());
            let (head, body) = call.request.into_parts();
            self.calls.lock().push(format!("{} {} {who}", head.method, head.uri));
            if head.uri.query() == Some("hang") {
                std::future::pending::<()>().await;
            }
            if head.uri.query() != Some("read") {
                return http::Response::new(Body::full(format!("inside for {who}")));
            }
            match body.collect().await {
                Ok(read) => http::Response::new(Body::full(read.to_bytes())),
                Err(error) => http::Response::builder()
                    .status(400)
                    .body(Body::full(error.to_string()))
                    .unwrap(),
            }
        }
        .boxed()
    }
}

impl EmbeddedUpstream for Pages {
    fn call(&self, _: Ticket, call: Call) -> BoxFuture<'_, http::Response<Body>> {
        let who = match &call.identity {
            Identity::Known(known) => known.token.user.to_string(),
            Identity::Anonymous => "anonymous".into(),
            Identity::Invalid(_) => "invalid".into(),
        };
        async move { http::Response::new(Body::full(Bytes::from(format!("pages for {who}")))) }.boxed()
    }
}
