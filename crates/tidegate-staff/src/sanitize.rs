//! Callers' text made safe to show to people: it moves no cursor, sets no colour, changes no text direction and starts
//! no new line.

use std::borrow::Cow;

/// Writes every character that a terminal or a page obeys as in JSON: `\u001b`. Text within JSON stays the same text.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(is_obeyed) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_obeyed(c) {
            plain.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            plain.push(c);
        }
    }
    Cow::Owned(plain)
}

/// Does the same for each line of a text, and keeps its line breaks.
pub fn plain_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(plain).collect();
    lines.join("\n")
}

/// Returns true for control characters and for those that change the direction of text (UAX 9). All of them have four
/// digits.
fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests;
