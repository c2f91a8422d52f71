//! Template filters that format values in pages.

use std::{fmt::Display, time::Duration};

use askama::Values;
use tidegate_config::table;
use tidegate_core::refusal;

/// Removes characters that change the direction of text. Templates escape the result like all text.
#[askama::filter_fn]
pub fn plain(text: impl Display, _: &dyn Values) -> askama::Result<String> {
    Ok(crate::sanitize::plain(&text.to_string()).into_owned())
}

/// Formats a problem's detail as a sentence: it begins with a capital letter and ends with a full stop.
#[askama::filter_fn]
pub fn sentence(detail: impl Display, _: &dyn Values) -> askama::Result<String> {
    let detail = detail.to_string();
    let mut chars = detail.chars();
    let first: String = chars.next().map(char::to_uppercase).into_iter().flatten().collect();
    let end = if detail.ends_with(['.', '!', '?', '…']) {
        ""
    } else {
        "."
    };
    Ok(format!("{first}{}{end}", chars.as_str()))
}

/// Names the source of a quota for people: `limits file`, `plan pro`, `override for user ann`.
#[askama::filter_fn]
pub fn quota_source(from: impl Display, _: &dyn Values) -> askama::Result<String> {
    let from = from.to_string();
    let is_by_hand = from.starts_with("user ") || (from.starts_with("tenant ") && !from.ends_with(" (limits file)"));
    Ok(match from.as_str() {
        "limit" => "limits file".to_owned(),
        _ if is_by_hand => format!("override for {from}"),
        _ => from,
    })
}

/// Formats an RFC 3339 moment for people, in UTC: `22 Nov 2026, 12:00:05`.
#[askama::filter_fn]
pub fn moment(instant: impl Display, _: &dyn Values) -> askama::Result<String> {
    Ok(moment_of(instant.to_string()))
}

/// Formats a moment like the filter; text that is no moment stays as it is.
pub fn moment_of(text: String) -> String {
    let read = text.parse::<jiff::Timestamp>();
    read.map_or(text, |at| at.strftime("%-d %b %Y, %H:%M:%S").to_string())
}

/// Formats seconds for people: `45 s`, `3 min 20 s`, `2 h 5 min`.
#[askama::filter_fn]
pub fn span(secs: impl Display, _: &dyn Values) -> askama::Result<String> {
    let text = secs.to_string();
    Ok(match text.parse() {
        Ok(0) => "0 s".to_owned(),
        Ok(secs) => refusal::span(Duration::from_secs(secs)),
        Err(_) => text,
    })
}

/// Formats a number with thousands separators: `12,345`.
#[askama::filter_fn]
pub fn thousands(value: impl Display, _: &dyn Values) -> askama::Result<String> {
    let text = value.to_string();
    Ok(text.parse().map_or(text, table::thousands))
}
