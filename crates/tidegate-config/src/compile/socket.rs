//! A route's sockets, compiled: what its table says, or the defaults.

use std::time::Duration;

use tidegate_core::socket::{CommandRule, SocketRefusal, SocketRules};

use crate::{
    location::Located,
    reader::{OneOrMany, Whole},
    sections::socket::{
        CommandText, IDLE_TIMEOUT_S, LIFETIME_S, MESSAGE_BYTES_MAX, MESSAGES_PER_MINUTE_MAX, NAME_AT, RESOURCE_AT,
        RESOURCES_MAX, SocketText,
    },
};

/// Commands of the Tempest API that begin to listen, where a file names none.
const STARTS: &[&str] = &["listen_start", "listen_rapid_start"];
/// Commands of the Tempest API that end it.
const STOPS: &[&str] = &["listen_stop", "listen_rapid_stop"];

/// The rules of a route's sockets.
pub fn compile(text: &SocketText) -> SocketRules {
    SocketRules {
        refuse: text.refuse.as_ref().map_or(SocketRefusal::Handshake, |at| at.value.0),
        extensions: text.extensions.as_ref().is_some_and(|at| at.value),
        message_bytes_max: number(&text.message_bytes_max, MESSAGE_BYTES_MAX),
        messages_per_minute_max: small(&text.messages_per_minute_max, MESSAGES_PER_MINUTE_MAX),
        resources_max: small(&text.resources_max, RESOURCES_MAX),
        // Reading texts costs; it is done where somebody wrote what for.
        command: (text.command.is_some() || text.resources_max.is_some())
            .then(|| command(text.command.as_ref().map(|at| &at.value))),
        idle: Duration::from_secs(number(&text.idle_timeout_s, IDLE_TIMEOUT_S)),
        lifetime: Duration::from_secs(number(&text.lifetime_s, LIFETIME_S)),
        warnings: text.warnings.as_ref().is_some_and(|at| at.value),
    }
}

fn command(text: Option<&CommandText>) -> CommandRule {
    let member = |written: Option<&Located<String>>, default: &str| written.map_or(default, |at| &at.value).to_owned();
    CommandRule {
        name_at: member(text.and_then(|text| text.name_at.as_ref()), NAME_AT),
        resource_at: member(text.and_then(|text| text.resource_at.as_ref()), RESOURCE_AT),
        starts: words(text.and_then(|text| text.starts.as_ref()), STARTS),
        stops: words(text.and_then(|text| text.stops.as_ref()), STOPS),
    }
}

fn words(written: Option<&Located<OneOrMany<String>>>, default: &[&str]) -> Vec<String> {
    match written {
        Some(list) => list.value.0.iter().map(|at| at.value.clone()).collect(),
        None => default.iter().map(|word| (*word).to_owned()).collect(),
    }
}

fn number<const MIN: u64, const MAX: u64>(written: &Option<Located<Whole<MIN, MAX>>>, default: u64) -> u64 {
    written.as_ref().map_or(default, |at| at.value.0)
}

fn small<const MIN: u64, const MAX: u64>(written: &Option<Located<Whole<MIN, MAX>>>, default: u64) -> u32 {
    u32::try_from(number(written, default)).unwrap_or(u32::MAX)
}
