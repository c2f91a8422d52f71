//! `socket = { … }` of a route: how it carries WebSockets.

use tidegate_core::socket::SocketRefusal;

use super::keyed_table::keyed_table;
use crate::reader::{Choice, OneOrMany, Whole, Word};

/// Default of `message_bytes_max`.
pub const MESSAGE_BYTES_MAX: u64 = 65_536;
/// Default of `messages_per_minute_max`.
pub const MESSAGES_PER_MINUTE_MAX: u64 = 240;
/// Default of `resources_max`.
pub const RESOURCES_MAX: u64 = 100;
/// Default of `idle_timeout_s`: ten minutes.
pub const IDLE_TIMEOUT_S: u64 = 600;
/// Default of `lifetime_s`: a day.
pub const LIFETIME_S: u64 = 86_400;
/// Default of `name_at`.
pub const NAME_AT: &str = "type";
/// Default of `resource_at`.
pub const RESOURCE_AT: &str = "device_id";

keyed_table! {
    /// The rules for a route's WebSockets. A route without this table carries none.
    pub struct SocketText {
        /// The refusal of a socket over a limit: at the `handshake` (429), by a typed `frame` and a close 1013, or with `evict oldest` none: the caller's oldest socket is closed instead.
        refuse: Choice<SocketRefusal> = "handshake",
        /// Pass extensions (compression) on. With them a message's size is not what it says.
        extensions: bool = false,
        /// Bytes of one message; a larger one ends the socket with 1009.
        message_bytes_max: Whole<125, 67_108_864> = MESSAGE_BYTES_MAX,
        /// Messages a client may send in a minute.
        messages_per_minute_max: Whole<1, 1_000_000> = MESSAGES_PER_MINUTE_MAX,
        /// Resources, such as devices, that one socket may listen to. Written, it is followed by `command`, or by its defaults.
        resources_max: Whole<1, 100_000> = RESOURCES_MAX,
        /// Seconds without a message after which a socket is closed.
        idle_timeout_s: Whole<1, 86_400> = IDLE_TIMEOUT_S,
        /// Seconds after which a socket is closed, so that its client opens another one.
        lifetime_s: Whole<1, 2_592_000> = LIFETIME_S,
        /// Tell a client in a text, behind the API's first message, when little is left of a limit on its sockets.
        warnings: bool = false,
        /// The members of a JSON message that name its command. Without it and `resources_max`, no text is read.
        command: CommandText,
    }
}

keyed_table! {
    /// The members of a JSON message that name its command, for any protocol.
    pub struct CommandText {
        /// The member that names the command.
        name_at: String = NAME_AT,
        /// The member that names the resource.
        resource_at: String = RESOURCE_AT,
        /// Commands that begin to listen to the resource.
        starts: OneOrMany<String>,
        /// Commands that end it.
        stops: OneOrMany<String>,
    }
}

impl Word for SocketRefusal {
    const WORDS: &'static [(&'static str, SocketRefusal)] = &[
        ("handshake", SocketRefusal::Handshake),
        ("frame", SocketRefusal::Frame),
        ("evict oldest", SocketRefusal::EvictOldest),
    ];
}
