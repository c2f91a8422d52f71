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

const LIMITED: &str = "this version counts requests: `rate = \"100 per minute\"`, `sliding = \"12 per 2 minutes\"` or `quota = \"1000 per day\"`";

const LATER: &[(Table, &str, &str)] = &[
    (Table::Limit, "points", LIMITED),
    (
        Table::Limit,
        "body",
        "the whole gate's bound is `[server] body_bytes_max`",
    ),
    (
        Table::Limit,
        "body_bytes",
        "the whole gate's bound is `[server] body_bytes_max`",
    ),
    (
        Table::Limit,
        "body_bytes_max",
        "the whole gate's bound is `[server] body_bytes_max`",
    ),
    (Table::Limit, "samples", LIMITED),
    (Table::Limit, "strings", LIMITED),
    (Table::File, "ingest", "leave the table out"),
];
