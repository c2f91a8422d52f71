//! `upstream`: an address, the API inside, or a table of servers.

use std::borrow::Cow;

use http::{
    Uri,
    uri::{Authority, PathAndQuery, Scheme},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use tidegate_core::upstream::Upstream;
use toml::de::DeValue;

use super::keyed_table::keyed_table;
use crate::{
    diagnostics::{Fault, Report},
    extensions::ConfigExtensions,
    reader::{Entry, OneOrMany, Read, Syntax, Whole, Written},
    suggest::instead_of,
};

/// Default of `weight`.
pub const WEIGHT: u64 = 1;
/// Default of `interval_s`.
pub const INTERVAL_S: u64 = 5;
/// Default of `timeout_s`.
pub const TIMEOUT_S: u64 = 2;
/// Default of `unhealthy_after`.
pub const UNHEALTHY_AFTER: u64 = 3;
/// Default of `healthy_after`.
pub const HEALTHY_AFTER: u64 = 2;

/// The destination of a page's requests: one address, or a table.
#[derive(Debug)]
pub enum PageUpstream {
    /// An address, or the API inside.
    Address(AddressText),
    /// Servers.
    Table(Box<UpstreamText>),
}

/// An address, or the embedded API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressText(pub Upstream);

keyed_table! {
    /// An API elsewhere, and the servers that answer for it.
    pub struct UpstreamText {
        /// The servers: an `http` or `https` address each, or a table with its weight.
        servers: OneOrMany<ServerWord>,
        /// The name that all servers go by, in `Host` and in their certificates. Without it each goes by its own address.
        host: Written<HostText>,
        /// A PEM file, relative to this one, of certificates that vouch for `https` servers. Without it, those that the machine trusts.
        ca: String,
        /// The health checks of the servers. Without it, only connections that requests need show a server's health.
        check: CheckText,
    }
}

/// A server: its address, or a table.
#[derive(Debug)]
pub enum ServerWord {
    /// An address.
    Address(Written<ServerAddress>),
    /// An address with a weight.
    Table(UpstreamServerText),
}

keyed_table! {
    /// A server of an upstream.
    pub struct UpstreamServerText {
        /// The server's `http` or `https` address, without a path.
        url: Written<ServerAddress>,
        /// The server's share of the requests, relative to the shares of the others.
        weight: Whole<1, 1_000> = WEIGHT,
    }
}

keyed_table! {
    /// The health checks of an upstream's servers.
    pub struct CheckText {
        /// The path that is requested with GET. A status of 200 to 399 is healthy.
        path: Written<CheckPath>,
        /// Seconds from one check to the next.
        interval_s: Whole<1, 3_600> = INTERVAL_S,
        /// Seconds in which a check must be answered.
        timeout_s: Whole<1, 60> = TIMEOUT_S,
        /// Checks in a row that must fail before a server receives no more requests.
        unhealthy_after: Whole<1, 100> = UNHEALTHY_AFTER,
        /// Checks in a row that must succeed before it receives requests again.
        healthy_after: Whole<1, 100> = HEALTHY_AFTER,
    }
}

/// The address of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerAddress(pub Uri);

/// A host and maybe a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostText(pub Authority);

/// The path of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckPath(pub PathAndQuery);

/// The form of an address, for messages.
const RIGHT: &str = "write it as `http://HOST:PORT` or `https://HOST:PORT`";

impl Syntax for AddressText {
    const EXAMPLES: &'static [&'static str] = &[
        "http://127.0.0.1:9000",
        "https://api.internal:8443",
        "embedded:tempest",
        "embedded:grovestreams",
    ];

    fn parse(text: &str, extensions: &ConfigExtensions) -> Result<AddressText, Fault> {
        match text.split_once(':') {
            Some(("embedded", platform)) => match extensions.vocabulary.names() {
                names if names.contains(&platform) => Ok(AddressText(Upstream::Embedded)),
                names => Err(Fault::new(
                    format!("there is no embedded API `{platform}`"),
                    instead_of(platform, &names),
                )),
            },
            None if text == "embedded" => Ok(AddressText(Upstream::Embedded)),
            _ => server(text, &format!("{RIGHT}, or `embedded:tempest`")).map(|uri| AddressText(Upstream::server(uri))),
        }
    }
}

impl Syntax for ServerAddress {
    const EXAMPLES: &'static [&'static str] = &["https://api-1.internal:8443", "http://10.0.0.1:9000"];

    fn parse(text: &str, _: &ConfigExtensions) -> Result<ServerAddress, Fault> {
        server(text, RIGHT).map(ServerAddress)
    }
}

impl Syntax for HostText {
    const EXAMPLES: &'static [&'static str] = &["api.internal"];

    fn parse(text: &str, _: &ConfigExtensions) -> Result<HostText, Fault> {
        let host: Option<Authority> = text.parse().ok();
        host.filter(|host| !host.host().is_empty() && !text.contains('@'))
            .map(HostText)
            .ok_or_else(|| Fault::new(format!("`{text}` is not a host"), "write a name such as `api.internal`"))
    }
}

impl Syntax for CheckPath {
    const EXAMPLES: &'static [&'static str] = &["/healthz"];

    fn parse(text: &str, _: &ConfigExtensions) -> Result<CheckPath, Fault> {
        let path: Option<PathAndQuery> = text.parse().ok();
        path.filter(|_| text.starts_with('/') && !text.contains('#'))
            .map(CheckPath)
            .ok_or_else(|| Fault::new(format!("`{text}` is not a path"), "write it as `/healthz`"))
    }
}

/// Paths go through as they came, so an address ends where a path would begin.
fn server(text: &str, right: &str) -> Result<Uri, Fault> {
    let no_address = || Fault::new(format!("`{text}` is not an address"), right);
    let uri: Uri = text.parse().map_err(|_| no_address())?;
    let authority = uri.authority().ok_or_else(no_address)?;
    let is_known = [Scheme::HTTP, Scheme::HTTPS]
        .iter()
        .any(|known| uri.scheme() == Some(known));
    if !is_known || authority.host().is_empty() {
        return Err(no_address());
    }
    if authority.as_str().contains('@') {
        return Err(Fault::new(
            "an address cannot contain a name and password",
            "remove them: each caller's own credential is passed on",
        ));
    }
    if uri.path() != "/" || uri.query().is_some() {
        return Err(Fault::new(
            format!("`{text}` has a path"),
            "remove the path: each caller's own path is passed on unchanged",
        ));
    }
    Ok(uri)
}

// === impl PageUpstream ===

impl Read for PageUpstream {
    fn read(found: &Entry<'_>, report: &mut Report) -> Option<PageUpstream> {
        match found.value {
            DeValue::Table(_) => UpstreamText::read(found, report).map(|table| PageUpstream::Table(Box::new(table))),
            _ => Written::read(found, report).map(|Written(address)| PageUpstream::Address(address)),
        }
    }
}

impl JsonSchema for PageUpstream {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "page upstream".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let address = generator.subschema_for::<Written<AddressText>>();
        let table = generator.subschema_for::<UpstreamText>();
        json_schema!({ "anyOf": [address, table] })
    }
}

// === impl ServerWord ===

impl Read for ServerWord {
    fn read(found: &Entry<'_>, report: &mut Report) -> Option<ServerWord> {
        match found.value {
            DeValue::Table(_) => UpstreamServerText::read(found, report).map(ServerWord::Table),
            _ => Written::read(found, report).map(ServerWord::Address),
        }
    }
}

impl JsonSchema for ServerWord {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "server".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let address = generator.subschema_for::<Written<ServerAddress>>();
        let table = generator.subschema_for::<UpstreamServerText>();
        json_schema!({ "anyOf": [address, table] })
    }
}

#[cfg(test)]
mod tests;
