//! What a browser is told about every page: how little it may do, and that none is to be kept.

use http::{
    HeaderName,
    header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS},
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
