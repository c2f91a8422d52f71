//! Header fields between a browser and the pages: those that restrict every page and forbid to store it, and those that
//! show whether another site triggered a change.

use http::{
    HeaderMap, HeaderName,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    },
};

/// The content security policy. A page may load and send forms only to the place that it came from. It has no inline
/// script or style, and no other page may show it in a frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The fields of a page's answer that restrict it (fault 71).
pub const FIELDS: [(HeaderName, &str); 5] = [
    (CONTENT_SECURITY_POLICY, POLICY),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    // A URL may hold a token, so no other site may learn it. With `no-referrer`, a form of a page would come with the
    // Origin `null`, and without TLS nothing else would say where it comes from.
    (REFERRER_POLICY, "same-origin"),
    (CACHE_CONTROL, "no-store"),
];

/// The request field that a page's script sends when it refreshes the page: no person loaded it.
pub const LIVE_FIELD: &str = "tidegate-live";

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Returns true when a browser sends this because another site asked it to (fault 71), with the cookie it keeps or to
/// make it keep another one. Programs send neither Origin nor Sec-Fetch-Site.
pub fn is_foreign(headers: &HeaderMap) -> bool {
    match headers.get(SEC_FETCH_SITE).map(|site| site.as_bytes()) {
        Some(site) => !matches!(site, b"same-origin" | b"none"),
        None => headers.contains_key(ORIGIN) && !is_own_origin(headers),
    }
}

/// Returns true when the Origin names the requested host. The scheme may differ, since TLS may end at a proxy.
fn is_own_origin(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let origin = text(ORIGIN)
        .and_then(|origin| origin.split_once("://"))
        .map(|(_, rest)| rest);
    origin.is_some_and(|origin| text(HOST).is_some_and(|host| host.eq_ignore_ascii_case(origin)))
}
