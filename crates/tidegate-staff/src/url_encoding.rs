//! Percent-encoding of names in addresses of pages and of the admin API.

use std::fmt::Display;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The characters to encode: all but the unreserved ones of RFC 3986, section 2.3.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Encodes a name as a part of a path or a query. Names from issuers may contain any character.
pub fn escaped(name: &str) -> impl Display {
    utf8_percent_encode(name, ESCAPED)
}
