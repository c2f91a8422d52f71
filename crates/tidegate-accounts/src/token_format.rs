//! The form of a token's secret, checked without a look-up.
//!
//! `tg_pat_` + 43 base-62 digits of 32 random bytes + 6 base-62 digits of the CRC-32 of all before. The prefix lets
//! people and secret scanners see what they hold; the checksum refuses typing errors and floods of made-up tokens
//! without a question to the database.

use tidegate_core::identity::TokenKind;

use crate::base62;

/// Digits of the 32 random bytes.
const RANDOM_DIGITS: usize = 43;
/// Digits of the checksum.
pub(crate) const CHECKSUM_DIGITS: usize = 6;
/// All prefixes are this long.
const PREFIX_CHARS: usize = 7;
/// Characters in every secret.
pub(crate) const SECRET_CHARS: usize = PREFIX_CHARS + RANDOM_DIGITS + CHECKSUM_DIGITS;

/// Returns true when the text has a token's form: a known prefix, the right length, and a checksum that fits. The check
/// needs no look-up, and it tests the length first, so that a long text costs nothing either.
pub fn is_well_formed(text: &str) -> bool {
    if text.len() != SECRET_CHARS || !text.is_ascii() {
        return false;
    }
    let (covered, given) = text.split_at(SECRET_CHARS - CHECKSUM_DIGITS);
    let (prefix, digits) = covered.split_at(PREFIX_CHARS);
    is_prefix(prefix) && digits.bytes().all(base62::is_digit) && checksum(covered) == given.as_bytes()
}

/// Returns true when a whole token stands anywhere in the text. Texts that are kept or shown pass this check first.
pub(crate) fn is_within(text: &str) -> bool {
    text.match_indices("tg_")
        .any(|(at, _)| text.get(at..at + SECRET_CHARS).is_some_and(is_well_formed))
}

/// Writes the secret of a token of the kind from its random bytes; `None` for kinds that are not issued.
pub(crate) fn write(kind: TokenKind, random: &[u8; 32]) -> Option<String> {
    let mut text = format!("{}{}", prefix(kind)?, base62::encode(random, RANDOM_DIGITS));
    let checksum = checksum(&text);
    text.extend(checksum.map(char::from));
    Some(text)
}

fn prefix(kind: TokenKind) -> Option<&'static str> {
    match kind {
        TokenKind::Personal => Some("tg_pat_"),
        TokenKind::App => Some("tg_app_"),
        TokenKind::Development => Some("tg_dev_"),
        TokenKind::Enterprise => Some("tg_ent_"),
        TokenKind::Opaque | TokenKind::Vouched => None,
    }
}

fn is_prefix(text: &str) -> bool {
    [
        TokenKind::Personal,
        TokenKind::App,
        TokenKind::Development,
        TokenKind::Enterprise,
    ]
    .into_iter()
    .any(|kind| prefix(kind) == Some(text))
}

fn checksum(covered: &str) -> [u8; CHECKSUM_DIGITS] {
    base62::encode_u32(crc32fast::hash(covered.as_bytes()))
}
