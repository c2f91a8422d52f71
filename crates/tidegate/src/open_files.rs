//! The number of files that the program may have open; each connection is one.

use tidegate_engine::engine;
use tidegate_gateway::Bounds;

/// Asks the system for as many as it gives, and says so when they are fewer than the bounds of `[server]` may need: past
/// them nobody new is accepted, staff included, until somebody leaves (fault 59).
pub fn raise(gateway: &Bounds, engine: &engine::Bounds) {
    let wanted = wanted(gateway, engine);
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(files) if files >= wanted => {}
        Ok(files) => tracing::warn!(
            files,
            wanted,
            "fewer files may be open than connections_max, upstream_connections_max and sockets_max allow for; \
             lower those, or raise the system's limit"
        ),
        Err(error) => tracing::warn!(%error, wanted, "the limit on open files could not be read"),
    }
}

/// A socket has a file on either side; what else is open fits the reserve.
fn wanted(gateway: &Bounds, engine: &engine::Bounds) -> u64 {
    const RESERVE: usize = 256;
    let sockets = engine.sockets_max.saturating_mul(2);
    let sum = gateway
        .connections_max
        .saturating_add(gateway.upstream_connections_max)
        .saturating_add(sockets)
        .saturating_add(RESERVE);
    sum as u64
}
