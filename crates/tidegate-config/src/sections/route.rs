//! `[route.NAME]`: a named operation of the API.

use tidegate_core::{
    payload::upload::UploadFormat,
    route::{GrantRule, Pattern},
};

use super::{keyed_table::keyed_table, keywords::Needs, read_range::RangeText, socket::SocketText};
use crate::{
    diagnostics::Fault,
    extensions::ConfigExtensions,
    platform_word::PlatformWord,
    reader::{Choice, OneOrMany, Syntax, Written},
};

keyed_table! {
    /// A named operation of the API.
    pub struct RouteText {
        /// The requests that it matches: a method, or `*` for any, and a path with `{name}` for one segment, `**` at the end for any rest, and `?name` for a parameter that must be there. The most specific pattern wins.
        r#match: OneOrMany<Written<Pattern>>,
        /// The caller that it needs: a known `user`, or `nothing`. By default, the page's `[identity] required` decides.
        needs: Choice<Needs>,
        /// The resources that the caller's token must reach, by the parameter of path or query that names them: `station:{station_id}`, `device:{device_id}`.
        grants: OneOrMany<Written<GrantRule>>,
        /// The routes of this page whose kept answers a change by this one makes stale. What is kept of the same path always is.
        drops: OneOrMany<String>,
        /// The parameters by which its requests name the range that they read, so that limits on `points` count on it.
        range: RangeText,
        /// The format of samples in its bodies, and in queries that stand for one: `grovestreams`. Limits on the content of uploads count on it.
        body: PlatformWord<&'static UploadFormat>,
        /// The rules for its WebSockets; `{}` for the defaults. Without it, the route carries none.
        socket: SocketText,
    }
}

impl Syntax for Pattern {
    const EXAMPLES: &'static [&'static str] = &[
        "PUT /api/feed",
        "GET /stations/{station_id}",
        "* /api/**",
        "* /api/feed?asPut",
    ];

    fn parse(text: &str, _: &ConfigExtensions) -> Result<Pattern, Fault> {
        Pattern::parse(text)
            .map_err(|wrong| Fault::new(wrong, "write it as `GET /stations/{station_id}` or `* /api/**`"))
    }
}

impl Syntax for GrantRule {
    const EXAMPLES: &'static [&'static str] = &["station:{station_id}", "device:{device_id}"];

    fn parse(text: &str, extensions: &ConfigExtensions) -> Result<GrantRule, Fault> {
        let read = || {
            let (kind, hole) = text.split_once(':')?;
            let param = hole.strip_prefix('{')?.strip_suffix('}')?;
            let kind = extensions.vocabulary.resources().find(|known| known.name() == kind)?;
            let plain = !param.is_empty() && param.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
            plain.then(|| GrantRule {
                kind,
                param: param.to_owned(),
            })
        };
        read().ok_or_else(|| {
            let kinds = extensions.vocabulary.resources().map(|kind| kind.name());
            let right: Vec<String> = kinds.map(|kind| format!("`{kind}:{{PARAMETER}}`")).collect();
            Fault::new(
                format!("`{text}` is not a grant"),
                format!("write it as {}", right.join(" or ")),
            )
        })
    }
}
