//! The query string, decoded once.

use percent_encoding::percent_decode_str;

/// The most parameters one request may carry.
pub(crate) const PARAMETERS_MAX: usize = 1_000;

/// Decoded parameters in the order they came. Empty segments (`?&a=1`) are skipped, as some
/// microcontroller libraries send them.
#[derive(Debug, Default)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
}

/// The reason why a query string is refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum QueryError {
    #[error("the query has more than {PARAMETERS_MAX} parameters; send a JSON batch instead")]
    TooMany,
    #[error("parameter {0}: its percent-encoding is not UTF-8")]
    NotUtf8(String),
    #[error("parameter {name}: found \"{found}\", expected {expected}")]
    Value {
        name: String,
        found: String,
        expected: String,
    },
}

impl Query {
    /// Decodes `raw`, the text after the question mark.
    pub(crate) fn parse(raw: Option<&str>) -> Result<Query, QueryError> {
        let mut pairs = Vec::new();
        for segment in raw.unwrap_or("").split('&').filter(|s| !s.is_empty()) {
            if pairs.len() == PARAMETERS_MAX {
                return Err(QueryError::TooMany);
            }
            let (name, value) = segment.split_once('=').unwrap_or((segment, ""));
            pairs.push((decode(name, name)?, decode(name, value)?));
        }
        Ok(Query { pairs })
    }

    /// The first value of `name`, if it was given.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Like [`Query::get`], with an empty value read as absent: clients send `obs_fields=` for "all".
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|value| !value.is_empty())
    }

    /// The value of `name` as an integer within `range`; `expected` says what is right.
    pub(crate) fn integer(
        &self,
        name: &str,
        range: std::ops::RangeInclusive<i64>,
        expected: &str,
    ) -> Result<Option<i64>, QueryError> {
        let Some(found) = self.filled(name) else {
            return Ok(None);
        };
        match found.parse::<i64>() {
            Ok(value) if range.contains(&value) => Ok(Some(value)),
            _ => Err(QueryError::Value {
                name: name.to_owned(),
                found: clip(found),
                expected: expected.to_owned(),
            }),
        }
    }

    /// Every pair, in order.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }
}

/// Returns the part of a caller's text that a message repeats: its first 40 characters.
pub(crate) fn clip(text: &str) -> String {
    const CHARS_MAX: usize = 40;
    match text.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}...", &text[..end]),
        None => text.to_owned(),
    }
}

fn decode(name: &str, text: &str) -> Result<String, QueryError> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced)
        .decode_utf8()
        .map(|decoded| decoded.into_owned())
        .map_err(|_| QueryError::NotUtf8(clip(name)))
}

#[cfg(test)]
mod tests;
