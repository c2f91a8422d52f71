//! The embedded streams API as an upstream inside: who asks, translated, and nothing else.

use futures_util::future::BoxFuture;
use http::Response;
use tidegate_core::identity::{Grants, Identity, Resource, TokenKind};
use tidegate_engine::ticket::Ticket;
use tidegate_gateway::{Body, Call, Inside};
use tidegate_streams::{Caller, StationScope, Streams};

/// The streams behind the gate.
#[derive(Clone)]
pub struct Embedded(pub Streams);

impl Inside for Embedded {
    fn call(&self, _ticket: Ticket, call: Call) -> BoxFuture<'_, Response<Body>> {
        Box::pin(async move {
            let caller = caller(&call.identity);
            let answer = self.0.call(call.request, &caller, call.now.wall_ms).await;
            answer.map(Body::boxed)
        })
    }
}

/// A route of an embedded page can be open to everyone; who is nobody then reads nobody's data.
fn caller(identity: &Identity) -> Caller {
    let Some(known) = identity.known() else {
        return Caller {
            tenant: "".into(),
            user: None,
            stations: StationScope::Only([].into()),
        };
    };
    let stations = match &known.token.grants {
        Grants::All => StationScope::All,
        Grants::Only(resources) => StationScope::Only(stations(resources.iter())),
    };
    // An app acts for its tenant and owns no station, so it may relay nothing.
    let user = (known.token.kind != TokenKind::App).then(|| known.token.user.clone());
    Caller {
        tenant: known.token.tenant.clone(),
        user,
        stations,
    }
}

fn stations<'a>(resources: impl Iterator<Item = &'a Resource>) -> std::sync::Arc<[i64]> {
    let ids = resources.filter_map(|resource| match resource {
        Resource::Station(id) => Some(*id),
        Resource::Device(_) => None,
    });
    ids.collect()
}
