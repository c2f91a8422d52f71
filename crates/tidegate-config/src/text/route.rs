//! `[route.NAME]`: a named operation of the API.

use tidegate_core::{
    payload::upload::UploadFormat,
    route::{GrantRule, Pattern},
};

use super::{macros::keyed_table, range::RangeText, socket::SocketText, words::Needs};
use crate::{
    finding::Fault,
    parts::Parts,
    platform_word::PlatformWord,
    reader::{Choice, OneOrMany, Syntax, Written},
};

keyed_table! {
    /// A named operation of the API.
    pub struct RouteText {
        /// What it matches: a method, or `*` for any, and a path with `{name}` for one segment, `**` at the end for any rest, and `?name` for a parameter that must be there. The most specific pattern wins.
        r#match: OneOrMany<Written<Pattern>>,
        /// Whether it needs a known caller: `user`, or `nothing`. Without it, what the page's `[identity] required` says.
        needs: Choice<Needs>,
        /// What the caller's token must reach, by the parameter of path or query that names it: `station:{station_id}`, `device:{device_id}`.
        grants: OneOrMany<Written<GrantRule>>,
        /// The routes of this page whose kept answers a change by this one makes stale. What is kept of the same path always is.
        drops: OneOrMany<String>,
        /// Where its requests say what range they read, so that limits on `points` count on it.
        range: RangeText,
        /// How its bodies, and queries that stand for one, carry samples: `grovestreams`. Limits on what uploads carry count on it.
        body: PlatformWord<&'static UploadFormat>,
        /// How it carries WebSockets; `{}` for the defaults. Without it, it carries none.
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

    fn parse(text: &str, _: &Parts) -> Result<Pattern, Fault> {
        Pattern::parse(text)
            .map_err(|wrong| Fault::new(wrong, "write it as `GET /stations/{station_id}` or `* /api/**`"))
    }
}

impl Syntax for GrantRule {
    const EXAMPLES: &'static [&'static str] = &["station:{station_id}", "device:{device_id}"];

    fn parse(text: &str, parts: &Parts) -> Result<GrantRule, Fault> {
        let read = || {
            let (kind, hole) = text.split_once(':')?;
            let param = hole.strip_prefix('{')?.strip_suffix('}')?;
            let kind = parts.vocabulary.resources().find(|known| known.name() == kind)?;
            let plain = !param.is_empty() && param.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
            plain.then(|| GrantRule {
                kind,
                param: param.to_owned(),
            })
        };
        read().ok_or_else(|| {
            let kinds = || parts.vocabulary.resources().map(|kind| kind.name());
            let none: Vec<String> = kinds().map(|kind| format!("no {kind}")).collect();
            let right: Vec<String> = kinds().map(|kind| format!("`{kind}:{{PARAMETER}}`")).collect();
            Fault::new(
                format!("`{text}` names {}", none.join(" and ")),
                format!("write it as {}", right.join(" or ")),
            )
        })
    }
}
