//! `upstream`: an address, or the API inside.

use http::{Uri, uri::Scheme};
use tidegate_core::policy::Upstream;

use crate::config::{finding::Fault, reader::Syntax, suggest::instead_of};

/// Where a page's requests go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamText(pub Upstream);

/// The dialects of the streams API inside.
const DIALECTS: &[&str] = &["tempest", "grovestreams"];

impl Syntax for UpstreamText {
    const EXAMPLES: &'static [&'static str] = &["http://127.0.0.1:9000", "embedded:tempest", "embedded:grovestreams"];

    fn parse(text: &str) -> Result<UpstreamText, Fault> {
        match text.split_once(':') {
            Some(("embedded", dialect)) if DIALECTS.contains(&dialect) => Ok(UpstreamText(Upstream::Embedded)),
            Some(("embedded", dialect)) => Err(Fault::new(
                format!("`{dialect}` is no API inside"),
                instead_of(dialect, DIALECTS),
            )),
            None if text == "embedded" => Ok(UpstreamText(Upstream::Embedded)),
            _ => remote(text).map(|uri| UpstreamText(Upstream::Remote(uri))),
        }
    }
}

/// Paths go through as they came, so an address ends where a path would begin.
fn remote(text: &str) -> Result<Uri, Fault> {
    let right = "write it as `http://HOST:PORT`, or `embedded:tempest`";
    let no_address = || Fault::new(format!("`{text}` is no address"), right);
    let uri: Uri = text.parse().map_err(|_| no_address())?;
    let authority = uri.authority().ok_or_else(no_address)?;
    if uri.scheme() == Some(&Scheme::HTTPS) {
        return Err(Fault::new("an `https` upstream is not in this version", right));
    }
    if uri.scheme() != Some(&Scheme::HTTP) || authority.host().is_empty() {
        return Err(no_address());
    }
    if authority.as_str().contains('@') {
        return Err(Fault::new(
            "a name and password in an address are not sent",
            "leave them out: a caller's own credential goes through",
        ));
    }
    if uri.path() != "/" || uri.query().is_some() {
        return Err(Fault::new(
            format!("`{text}` has a path"),
            "end it at the host or port: the caller's path goes through as it came",
        ));
    }
    Ok(uri)
}

#[cfg(test)]
mod tests;
