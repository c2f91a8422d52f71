//! `[server]`: the bounds of the whole gate, which its parts declare, and the keys beside them.

use tidegate_core::trust::AddressSource;

use super::{keyed_table::keyed_table, keywords::Understood, trusted_proxy::ProxyText};
use crate::reader::{Choice, OneOrMany, Written};

/// Default of `pages_prefix`.
pub const PAGES_PREFIX: &str = "/limits";

keyed_table! {
    /// Bounds of the whole gate. Past each of them something is refused or waits; nothing grows without end.
    pub struct ServerText with numbers {
        /// Proxies that are believed about whose requests they bring: networks, addresses, and `unix` for whoever comes over a Unix socket. Goes with `client_address_from`.
        trusted_proxies: OneOrMany<Written<ProxyText>>,
        /// The field or header in which those proxies name the client; nothing else is read. Without it, a client's address is its peer's.
        client_address_from: Choice<AddressSource>,
        /// A confirmation that the list of proxies may cover every address, so that any client may choose the address it is counted by.
        trust_everybody: Choice<Understood>,
        /// The path of the callers' pages.
        pages_prefix: String = PAGES_PREFIX,
    }
}
