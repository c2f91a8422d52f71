//! Content negotiation between a page for people and JSON.

use http::{HeaderMap, header::ACCEPT};

/// Returns true when the Accept field (RFC 9110, section 12.5.1) prefers HTML to JSON. A client that names neither,
/// such as curl with `*/*`, is a program and gets JSON.
pub fn prefers_html(headers: &HeaderMap) -> bool {
    let ranges: Vec<(&str, f32)> = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(range)
        .collect();
    let weight = |of: &str| {
        let named = ranges.iter().filter(|(media, _)| media.eq_ignore_ascii_case(of));
        named.map(|(_, q)| *q).fold(0.0, f32::max)
    };
    let html = weight("text/html");
    html > 0.0 && html >= weight("application/json")
}

fn range(text: &str) -> (&str, f32) {
    let mut parts = text.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default();
    let q = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    (media, q.map_or(1.0, |q| q.parse().unwrap_or(0.0)))
}

#[cfg(test)]
mod tests;
