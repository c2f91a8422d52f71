//! `upstream`: an address, the API inside, or a table of servers.

use std::borrow::Cow;

use http::{
    Uri,
    uri::{Authority, PathAndQuery, Scheme},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use tidegate_core::upstream::Upstream;
use toml::de::DeValue;

use super::macros::keyed_table;
use crate::{
    finding::{Fault, Report},
    parts::Parts,
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

/// Where a page's requests go: in one word, or in a table.
#[derive(Debug)]
pub enum PageUpstream {
    /// An address, or the API inside.
    Address(AddressText),
    /// Servers.
    Table(Box<UpstreamText>),
}

/// One address, or the API inside.
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
        /// How servers are asked whether they are well. Without it, only connections that requests need tell.
        check: CheckText,
    }
}

/// A server: its address, or a table.
#[derive(Debug)]
pub enum ServerWord {
    /// Its address.
    Address(Written<ServerAddress>),
    /// Its address and more.
    Table(UpstreamServerText),
}

keyed_table! {
    /// One server of an upstream.
    pub struct UpstreamServerText {
        /// Its `http` or `https` address, without a path.
        url: Written<ServerAddress>,
        /// Its share of the requests, beside the shares of the others.
        weight: Whole<1, 1_000> = WEIGHT,
    }
}

keyed_table! {
    /// How servers are asked whether they are well.
    pub struct CheckText {
        /// What is asked for with GET. An answer of 200 to 399 is well.
        path: Written<CheckPath>,
        /// Seconds from one check to the next.
        interval_s: Whole<1, 3_600> = INTERVAL_S,
        /// Seconds in which a check must be answered.
        timeout_s: Whole<1, 60> = TIMEOUT_S,
        /// Checks in a row that must fail before a server gets no more requests.
        unhealthy_after: Whole<1, 100> = UNHEALTHY_AFTER,
        /// Checks in a row that must succeed before it gets them again.
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

/// What an address looks like.
const RIGHT: &str = "write it as `http://HOST:PORT` or `https://HOST:PORT`";

impl Syntax for AddressText {
    const EXAMPLES: &'static [&'static str] = &[
        "http://127.0.0.1:9000",
        "https://api.internal:8443",
        "embedded:tempest",
        "embedded:grovestreams",
    ];

    fn parse(text: &str, parts: &Parts) -> Result<AddressText, Fault> {
        match text.split_once(':') {
            Some(("embedded", platform)) => match parts.vocabulary.names() {
                names if names.contains(&platform) => Ok(AddressText(Upstream::Embedded)),
                names => Err(Fault::new(
                    format!("`{platform}` is no API inside"),
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

    fn parse(text: &str, _: &Parts) -> Result<ServerAddress, Fault> {
        server(text, RIGHT).map(ServerAddress)
    }
}

impl Syntax for HostText {
    const EXAMPLES: &'static [&'static str] = &["api.internal"];

    fn parse(text: &str, _: &Parts) -> Result<HostText, Fault> {
        let host: Option<Authority> = text.parse().ok();
        host.filter(|host| !host.host().is_empty() && !text.contains('@'))
            .map(HostText)
            .ok_or_else(|| Fault::new(format!("`{text}` is no host"), "write a name such as `api.internal`"))
    }
}

impl Syntax for CheckPath {
    const EXAMPLES: &'static [&'static str] = &["/healthz"];

    fn parse(text: &str, _: &Parts) -> Result<CheckPath, Fault> {
        let path: Option<PathAndQuery> = text.parse().ok();
        path.filter(|_| text.starts_with('/') && !text.contains('#'))
            .map(CheckPath)
            .ok_or_else(|| Fault::new(format!("`{text}` is no path"), "write it as `/healthz`"))
    }
}

/// Paths go through as they came, so an address ends where a path would begin.
fn server(text: &str, right: &str) -> Result<Uri, Fault> {
    let no_address = || Fault::new(format!("`{text}` is no address"), right);
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
            "a name and password in an address are not sent",
            "leave them out: a caller's own credential goes through",
        ));
    }
    if uri.path() != "/" || uri.query().is_some() {
        return Err(Fault::new(
            format!("`{text}` has a path"),
            "end it at the host or port: the caller's path goes through as it came",
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
