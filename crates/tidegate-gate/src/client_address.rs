//! The client's address, and the client's own words apart from those of proxies.

use std::{borrow::Cow, net::IpAddr};

use http::{HeaderMap, HeaderValue};
use tidegate_core::{
    forwarded::{self, X_FORWARDED_FOR},
    peer::Peer,
    trust::Trust,
};

/// Finds the client's address. From here on `X-Forwarded-For` holds what the client itself wrote there and nothing of
/// listed proxies: that is the sub-key of whoever counts by it, and what goes up left of the client's address.
pub(crate) fn find(peer: Peer, trust: Option<&Trust>, headers: &mut HeaderMap) -> IpAddr {
    let found = forwarded::client(peer, trust, headers);
    let address = found.address;
    if let Some(doubt) = found.doubt {
        tracing::debug!(%peer, counted = %address, %doubt, "the client's address is uncertain");
    }
    if let Some(left) = found.left.map(Cow::into_owned) {
        match HeaderValue::from_bytes(&left) {
            Ok(value) if !value.is_empty() => drop(headers.insert(X_FORWARDED_FOR, value)),
            _ => drop(headers.remove(X_FORWARDED_FOR)),
        }
    }
    address
}

#[cfg(test)]
mod tests;
