//! How values stand in pages, those of staff and those of callers.

use std::{fmt::Display, time::Duration};

use askama::Values;
use tidegate_config::table;
use tidegate_core::refusal;

/// Text of callers, without characters that turn other text around. It is escaped like all text.
#[askama::filter_fn]
pub fn plain(text: impl Display, _: &dyn Values) -> askama::Result<String> {
    Ok(crate::plain::plain(&text.to_string()).into_owned())
}

/// A problem's detail as a sentence of a page: with a capital letter at its beginning and a full stop at its end.
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

/// An RFC 3339 moment as people read it, in UTC: `22 Nov 2026, 12:00:05`.
#[askama::filter_fn]
pub fn moment(instant: impl Display, _: &dyn Values) -> askama::Result<String> {
    Ok(moment_of(instant.to_string()))
}

/// The same of a text; what is no moment stays as it is.
pub fn moment_of(text: String) -> String {
    let read = text.parse::<jiff::Timestamp>();
    read.map_or(text, |at| at.strftime("%-d %b %Y, %H:%M:%S").to_string())
}

/// Seconds as people say them: `45 s`, `3 min 20 s`, `2 h 5 min`.
#[askama::filter_fn]
pub fn span(secs: impl Display, _: &dyn Values) -> askama::Result<String> {
    let text = secs.to_string();
    Ok(match text.parse() {
        Ok(0) => "0 s".to_owned(),
        Ok(secs) => refusal::span(Duration::from_secs(secs)),
        Err(_) => text,
    })
}

/// `12,345`.
#[askama::filter_fn]
pub fn thousands(value: impl Display, _: &dyn Values) -> askama::Result<String> {
    let text = value.to_string();
    Ok(text.parse().map_or(text, table::thousands))
}
