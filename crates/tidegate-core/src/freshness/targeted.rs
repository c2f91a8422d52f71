//! Fields that say to some caches alone what `Cache-Control` says to all (RFC 9213), such as `CDN-Cache-Control`.

use http::{HeaderMap, HeaderName};
use sfv::{Dictionary, ListEntry, Parser};

use super::directives::{Directives, Span};

/// Reads the first of these fields that can be read and is not empty: then nothing else counts (RFC 9213 2.2). `None`
/// where there is no such field.
pub(super) fn read(headers: &HeaderMap, targets: &[HeaderName]) -> Option<Directives> {
    targets.iter().find_map(|name| {
        let lines: Vec<&[u8]> = headers.get_all(name).iter().map(|line| line.as_bytes()).collect();
        if lines.is_empty() {
            return None;
        }
        let members: Dictionary = Parser::new(&lines.join(&b", "[..])).parse().ok()?;
        let mut said = Directives::default();
        for (name, value) in &members {
            add(&mut said, name.as_str(), value);
        }
        (!members.is_empty()).then_some(said)
    })
}

/// A value of another type than its directive has may be no other's (RFC 9213 2.1): what forbids does so whatever its value,
/// what allows needs the right one, and a lifetime that is no number is over.
fn add(said: &mut Directives, name: &str, value: &ListEntry) {
    let value = match value {
        ListEntry::Item(item) => Some(&item.bare_item),
        ListEntry::InnerList(_) => None,
    };
    let allows = value.and_then(|value| value.as_boolean()) == Some(true);
    let span = || Span::of_number(value.and_then(|value| value.as_integer()).map(i64::from));
    match name {
        "no-store" => said.no_store = true,
        "no-cache" => said.no_cache = true,
        "private" => said.private = true,
        "max-age" => said.max_age = Some(span()),
        "s-maxage" => {
            said.for_all = true;
            said.s_maxage = Some(span());
        }
        "public" | "must-revalidate" => said.for_all |= allows,
        _ => {}
    }
}
