//! Callers as the streams API knows them: a tenant, a user and the stations that a token reaches.

use std::sync::Arc;

use tidegate_accounts::STATION;
use tidegate_core::identity::{Grants, Identity, Resource, Token, TokenKind};
use tidegate_streams::{Caller, StationScope};

/// Returns the caller as the streams know them. A route of an embedded page can be open to everyone; an anonymous
/// caller then reads no data.
pub fn caller(identity: &Identity) -> Caller {
    match identity.known() {
        Some(known) => caller_of(&known.token),
        None => Caller {
            tenant: "".into(),
            user: None,
            stations: StationScope::Only([].into()),
        },
    }
}

/// Returns the holder of a token, as the streams know callers.
pub fn caller_of(token: &Token) -> Caller {
    let stations = match &token.grants {
        Grants::All => StationScope::All,
        Grants::Only(resources) => StationScope::Only(stations(resources.iter())),
    };
    // An app acts for its tenant and owns no station, so it may relay nothing.
    let user = (token.kind != TokenKind::App).then(|| token.user.clone());
    Caller {
        tenant: token.tenant.clone(),
        user,
        stations,
    }
}

fn stations<'a>(resources: impl Iterator<Item = &'a Resource>) -> Arc<[i64]> {
    let stations = resources.filter(|resource| resource.kind == STATION);
    stations.map(|resource| resource.id).collect()
}
