//! Hop-by-hop fields: those that concern one connection, and go no further in either direction.

use http::{
    HeaderMap, HeaderName,
    header::{
        AUTHORIZATION, CACHE_CONTROL, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HOST,
        PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, SET_COOKIE, TE, TRANSFER_ENCODING, UPGRADE, WWW_AUTHENTICATE,
    },
};

/// Fields that concern one hop (RFC 9110 7.6.1), removed in both directions.
const ONE_HOP: [HeaderName; 8] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
];

/// Fields that `Connection` cannot take away: who asks, from where, and how the message is read (fault 45).
const KEPT: [HeaderName; 9] = [
    AUTHORIZATION,
    COOKIE,
    HOST,
    CONTENT_LENGTH,
    CONTENT_TYPE,
    CONTENT_ENCODING,
    CACHE_CONTROL,
    SET_COOKIE,
    WWW_AUTHENTICATE,
];

/// Removes what concerns one hop only, also what `Connection` names, unless it is not the sender's to remove.
pub(crate) fn strip(headers: &mut HeaderMap) {
    let named: Vec<HeaderName> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','))
        .filter_map(|name| HeaderName::from_bytes(name.trim().as_bytes()).ok())
        .filter(|name| !is_kept(name))
        .collect();
    for name in &named {
        headers.remove(name);
    }
    remove_any(headers, &ONE_HOP);
}

/// Few messages carry any of these: looking through what is there costs less than asking for each.
pub(crate) fn remove_any(headers: &mut HeaderMap, names: &[HeaderName]) {
    while let Some(name) = headers.keys().find(|name| names.contains(name)).cloned() {
        headers.remove(name);
    }
}

fn is_kept(name: &HeaderName) -> bool {
    KEPT.contains(name)
        || ["x-forwarded-", "tidegate-", "ratelimit"]
            .iter()
            .any(|prefix| name.as_str().starts_with(prefix))
}
