//! Percent-encoding of names in addresses of pages and of the admin API.

use std::fmt::Display;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but what stands in a path or a query as it is (RFC 3986 2.3).
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A name as a part of a path or a query: those of issuers may hold anything.
pub fn escaped(name: &str) -> impl Display {
    utf8_percent_encode(name, ESCAPED)
}
