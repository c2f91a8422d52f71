//! Conditions under which a caller has the answer already (RFC 9110 13.1.2 and 13.1.3).

use http::{
    HeaderMap,
    header::{DATE, ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED},
};

use super::date;

/// Is true when a request's condition says that what the caller has is this answer, so that 304 will do.
pub fn is_not_modified(asked: &HeaderMap, answer: &HeaderMap) -> bool {
    if asked.contains_key(IF_NONE_MATCH) {
        let tag = answer.get(ETAG).and_then(|tag| tag.to_str().ok()).map(opaque);
        let mut lines = asked
            .get_all(IF_NONE_MATCH)
            .iter()
            .filter_map(|line| line.to_str().ok());
        return lines.any(|line| line.trim() == "*" || tags(line).any(|known| Some(known) == tag));
    }
    let text = |headers: &HeaderMap, name| Some(headers.get(name)?.to_str().ok()?.to_owned());
    let Some(since) = text(asked, IF_MODIFIED_SINCE).and_then(|text| date::read(&text)) else {
        return false;
    };
    // An answer without a date of its last change was made at the time it states.
    let changed = text(answer, LAST_MODIFIED).or_else(|| text(answer, DATE));
    changed
        .and_then(|text| date::read(&text))
        .is_some_and(|changed| changed <= since)
}

/// Compared weakly: what makes a tag weak is left out.
fn opaque(tag: &str) -> &str {
    let tag = tag.trim();
    tag.strip_prefix("W/").unwrap_or(tag)
}

/// The tags of a list. A comma within quotes parts none.
fn tags(line: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    line.split(move |c| {
        quoted ^= c == '"';
        c == ',' && !quoted
    })
    .map(opaque)
}
