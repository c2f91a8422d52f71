//! What a browser is told about every page: how little it may do, and that none is to be kept. And what it says of a
//! change: whether another site asked it for that.

use http::{
    HeaderMap, HeaderName,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    },
};

/// What a page may load, and where its forms may go: where it came from, and nowhere else. No script or style stands in a
/// page itself, and no other page may show one of these in a frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The fields of a page's answer that say so (fault 71).
pub const FIELDS: [(HeaderName, &str); 5] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    // An address may hold a token, so no other site is told it. Were nobody told, a form of a page would come with an
    // Origin that names nobody, and without TLS nothing else says where it comes from.
    (REFERRER_POLICY, "same-origin"),
    (CACHE_CONTROL, "no-store"),
];

/// What the script of a page sends along when it reads the page again: nobody loaded it.
pub const LIVE_FIELD: &str = "tidegate-live";

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether a browser sends this because another site asked it to (fault 71): with the cookie it keeps, or to make it keep
/// another's. Programs say neither Origin nor Sec-Fetch-Site.
pub fn is_foreign(headers: &HeaderMap) -> bool {
    match headers.get(SEC_FETCH_SITE).map(|site| site.as_bytes()) {
        Some(site) => !matches!(site, b"same-origin" | b"none"),
        None => headers.contains_key(ORIGIN) && !is_own_origin(headers),
    }
}

/// Whether the Origin is the host that was asked, whatever the scheme: it may end at a proxy.
fn is_own_origin(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text(ORIGIN)
        .and_then(|origin| origin.split_once("://"))
        .map(|(_, rest)| rest);
    origin.is_some_and(|origin| text(HOST).is_some_and(|host| host.eq_ignore_ascii_case(origin)))
}
