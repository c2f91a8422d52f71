//! Texts from outside as errors and logs may show them.

use crate::token_format;

/// Shortens a text from outside for an error or a log, and replaces it when it holds a token.
pub(crate) fn echo(text: &str) -> String {
    /// Enough to recognise what was typed.
    const SHOWN_CHARS_MAX: usize = 80;
    if token_format::is_within(text) {
        return "(a token)".to_owned();
    }
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
