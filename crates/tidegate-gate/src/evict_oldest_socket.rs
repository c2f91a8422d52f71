//! Making room for a newer socket where a route says that the oldest one goes.

use std::time::Duration;

use tidegate_core::{
    identity::Identity,
    socket::{SocketRefusal, SocketRules},
};
use tidegate_engine::{
    engine::{Admission, Engine},
    sockets::CloseReason,
};

/// Most sockets that one newer one sends away: under a lowered quota as many go as it takes, or none.
pub(crate) const EVICTED_MAX: u64 = 16;

fn too_many(open: u64, quota: u32) -> bool {
    open.saturating_sub(u64::from(quota)) >= EVICTED_MAX
}

/// Longest wait for a socket that was told to go. Its slot is free before its close is written, so this is short.
const GONE_WITHIN: Duration = Duration::from_secs(2);

/// Makes room for a refused socket, and tells whether it may ask once more: the oldest of its caller was told to go, and is gone.
///
/// Only where slots are all that refuses: a caller who is also over a rate would lose a socket and be refused all the
/// same. And only a socket of the caller's own: slots of a tenant are others' too.
pub(crate) async fn made_room(
    engine: &Engine,
    rules: &SocketRules,
    admission: &Admission,
    identity: &Identity,
) -> bool {
    let Admission::Rejected { over, cells, .. } = admission else {
        return false;
    };
    if over.worst.window.is_some() || over.violated.len() > 1 || too_many(over.worst.used, over.worst.quota) {
        return false;
    }
    if rules.refuse != SocketRefusal::EvictOldest {
        return false;
    }
    let Some(oldest) = engine.sockets.oldest_of(cells, engine.clock.now()) else {
        return false;
    };
    if identity
        .known()
        .is_none_or(|known| known.token.subject != oldest.about.subject)
    {
        return false;
    }
    engine.sockets.close(oldest.id, CloseReason::Evicted);
    tokio::time::timeout(GONE_WITHIN, engine.sockets.gone(oldest.id))
        .await
        .is_ok()
}
