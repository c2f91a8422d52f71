//! The proxies that are believed about a client's address: both keys or neither, and never every address by mistake.

use tidegate_core::trust::{PROXIES_MAX, Proxies, Trust};

use crate::{
    diagnostics::{Fault, Report},
    location::Located,
    reader::{OneOrMany, Written},
    sections::{server::ServerText, trusted_proxy::ProxyText},
};

const SAY_WHERE: &str =
    "write `client_address_from = \"x-forwarded-for\"`, or `\"forwarded\"`, or `\"proxy-protocol\"`";
const LIST_THEM: &str = "list your proxies, such as `trusted_proxies = [\"10.0.0.0/8\"]`, or remove the key";
const ALONE: &str = "list only your proxies, or add `trust_everybody = \"i understand\"`";

/// The list, and where what it says is read.
pub(super) fn compile(text: &ServerText, report: &mut Report) -> Option<Trust> {
    let listed = text.trusted_proxies.as_ref().filter(|at| !at.value.0.is_empty());
    let trust = match (listed, &text.client_address_from) {
        (Some(listed), Some(source)) => Some(Trust {
            proxies: proxies(listed, text, report),
            source: source.value.0,
        }),
        (Some(listed), None) => {
            if !stands(text, "client_address_from") {
                let wrong = "it is not stated where these proxies name the client";
                report.error(&listed.location, Fault::new(wrong, SAY_WHERE));
            }
            None
        }
        (None, Some(source)) => {
            if text.trusted_proxies.is_some() || !stands(text, "trusted_proxies") {
                report.error(
                    &source.location,
                    Fault::new("no proxies are listed that may set it", LIST_THEM),
                );
            }
            None
        }
        (None, None) => None,
    };
    let is_everybody = trust.as_ref().is_some_and(|trust| trust.proxies.everybody().is_some());
    if let Some(word) = text.trust_everybody.as_ref().filter(|_| !is_everybody) {
        let wrong = "`trusted_proxies` does not cover every address, so this key has no effect";
        report.warn(&word.location, Fault::new(wrong, "remove the key"));
    }
    trust
}

fn proxies(listed: &Located<OneOrMany<Written<ProxyText>>>, text: &ServerText, report: &mut Report) -> Proxies {
    let entries = listed.value.0.iter().map(|entry| entry.value.0);
    let networks = entries.clone().filter_map(|entry| match entry {
        ProxyText::Network(network) => Some(network),
        ProxyText::Unix => None,
    });
    let proxies = Proxies::new(networks, entries.clone().any(|entry| entry == ProxyText::Unix));
    if entries.len() > PROXIES_MAX {
        let wrong = format!("{} entries are too many", entries.len());
        let right = format!("list at most {PROXIES_MAX}, and combine addresses into networks");
        report.error(&listed.location, Fault::new(wrong, right));
    }
    if let Some(all) = proxies.everybody().filter(|_| !stands(text, "trust_everybody")) {
        let wrong = format!("`{all}` covers every address, so any client could choose the address it is counted by");
        report.error(&listed.location, Fault::new(wrong, ALONE));
    }
    proxies
}

/// Is true when a key is written, also with an unusable value, which is reported already.
fn stands(text: &ServerText, key: &str) -> bool {
    text.written.iter().any(|written| written == key)
}
