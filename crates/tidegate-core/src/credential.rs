//! Credentials as shown: where they may stand in a request and how they are read from there.

use std::{borrow::Cow, fmt};

use http::header::{AUTHORIZATION, COOKIE};
use percent_encoding::percent_decode_str;

use crate::facts::Facts;

/// A place in a request where a credential may stand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// `Authorization: Bearer …` (RFC 6750).
    Bearer,
    /// A parameter of the query.
    Query(String),
    /// A cookie.
    Cookie(String),
}

/// A credential as shown. Its secret never prints.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential<'r> {
    /// The shown secret.
    pub secret: Cow<'r, str>,
}

/// The credentials that stand at these places, each different one once.
pub fn shown<'a, 'r>(places: impl IntoIterator<Item = &'a Place>, facts: &Facts<'r>) -> Vec<Credential<'r>> {
    let mut found: Vec<Credential<'r>> = Vec::new();
    for secret in places.into_iter().flat_map(|place| shown_at(place, facts)) {
        let credential = Credential { secret };
        if !credential.secret.is_empty() && !found.contains(&credential) && found.len() < CREDENTIALS_MAX {
            found.push(credential);
        }
    }
    found
}

/// At most this many different credentials of one request are looked up: two of a role are already one too many.
pub const CREDENTIALS_MAX: usize = 4;

fn shown_at<'r>(place: &Place, facts: &Facts<'r>) -> Vec<Cow<'r, str>> {
    match place {
        Place::Bearer => facts
            .headers
            .get_all(AUTHORIZATION)
            .iter()
            .filter_map(|value| bearer(value.to_str().ok()?))
            .map(Cow::Borrowed)
            .collect(),
        Place::Query(name) => facts.query_values(name).collect(),
        Place::Cookie(name) => facts
            .headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(key, _)| key == name)
            .map(|(_, value)| percent_decode_str(value.trim_matches('"')).decode_utf8_lossy())
            .collect(),
    }
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, rest) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| rest.trim())
}

// === impl Place ===

impl Place {
    /// Reads the form of the limits file: `bearer`, `query:NAME`, `cookie:NAME`.
    pub fn parse(text: &str) -> Option<Place> {
        match text.split_once(':') {
            None if text == "bearer" => Some(Place::Bearer),
            Some(("query", name)) if !name.is_empty() => Some(Place::Query(name.to_owned())),
            Some(("cookie", name)) if !name.is_empty() => Some(Place::Cookie(name.to_owned())),
            _ => None,
        }
    }
}

// === impl Credential ===

impl fmt::Debug for Credential<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credential(redacted)")
    }
}

#[cfg(test)]
mod tests;
