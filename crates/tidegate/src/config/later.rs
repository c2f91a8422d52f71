//! Keys of the design whose piece is not built yet: met with a plain word instead of "unknown key".

use super::finding::Fault;

/// The fault of a key or value that a later version will know; `None` for any other.
pub fn key(table: Table, key: &str) -> Option<Fault> {
    let (_, _, instead) = LATER.iter().find(|(of, later, _)| *of == table && *later == key)?;
    Some(Fault::new("not in this version", *instead))
}

/// Which kind of table a key stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// The file's top level.
    File,
    /// `[upstream]`.
    Upstream,
    /// A server of `[upstream]`.
    UpstreamServer,
    /// `[upstream.check]`.
    Check,
    /// `[server]`.
    Server,
    /// `[tls]`.
    Tls,
    /// `[usage]`.
    Usage,
    /// `[defaults]`.
    Defaults,
    /// `[identity]`.
    Identity,
    /// `[identity.jwt]`.
    Jwt,
    /// `[identity.header]`.
    Header,
    /// `[route.NAME]`.
    Route,
    /// `range = { … }` of a route.
    Range,
    /// `socket = { … }` of a route.
    Socket,
    /// `command = { … }` of a socket.
    Command,
    /// `[cache]`.
    Cache,
    /// `[limit.NAME]`.
    Limit,
    /// `within = { … }` of a limit.
    Within,
    /// `[plan.NAME]`.
    Plan,
    /// `[tenant.NAME]`.
    Tenant,
    /// `limit.X = { … }` of a tenant.
    TenantLimit,
}

const LATER: &[(Table, &str, &str)] = &[(Table::File, "ingest", "leave the table out")];
