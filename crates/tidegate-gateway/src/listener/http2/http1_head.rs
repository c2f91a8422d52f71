//! The head of a request in HTTP/2, in the form that HTTP/1.1 would give it.

use http::{
    HeaderValue,
    header::{COOKIE, HOST},
    request::Parts,
};

/// Writes `Host` where only `:authority` names it, and one `Cookie` where there are crumbs (RFC 9113 8.2.3). A `Host`
/// that differs from `:authority` stays, and is a second reading.
pub(super) fn plain(head: &mut Parts) {
    if let Some(authority) = head.uri.authority()
        && !head.headers.contains_key(HOST)
        && let Ok(host) = HeaderValue::from_str(authority.as_str())
    {
        head.headers.insert(HOST, host);
    }
    let crumbs: Vec<&[u8]> = head.headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if crumbs.len() > 1
        // Values that came as fields, and a separator, are a field again.
        && let Ok(cookie) = HeaderValue::from_bytes(&crumbs.join(&b"; "[..]))
    {
        head.headers.insert(COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests;
