//! A token's secret: how it is made, what it looks like, and what is refused without looking it up.
//!
//! `tg_pat_` + 43 base-62 digits of 32 random bytes + 6 base-62 digits of the CRC-32 of all before. The prefix lets
//! people and secret scanners see what they hold; the checksum refuses typing errors and floods of made-up tokens
//! without a question to the database.

use std::fmt;

use tidegate_core::identity::TokenKind;

use crate::{AccountsError, base62};

/// Digits of the 32 random bytes.
const RANDOM_DIGITS: usize = 43;
/// Digits of the checksum.
const CHECKSUM_DIGITS: usize = 6;
/// All prefixes are this long.
const PREFIX_CHARS: usize = 7;
/// Characters in every secret.
pub(crate) const SECRET_CHARS: usize = PREFIX_CHARS + RANDOM_DIGITS + CHECKSUM_DIGITS;
/// Characters of a secret that a listing shows, so that its holder recognises it. They belong to the checksum and
/// give away nothing that helps to guess the rest.
const HINT_CHARS: usize = 4;

/// A token's secret, in the one moment it exists here. `Debug` does not show it, there is no `Display`,
/// and it cannot be compared, as `==` would tell a clock where two secrets differ.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// The secret itself, to be handed to its owner and nobody else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// A new secret for a token of the kind; `None` for kinds that are not issued.
    pub(crate) fn mint(kind: TokenKind) -> Result<Option<Secret>, AccountsError> {
        let Some(prefix) = prefix(kind) else { return Ok(None) };
        let mut random = [0; 32];
        fill_random(&mut random)?;
        let mut text = format!("{prefix}{}", base62::encode(&random, RANDOM_DIGITS));
        let checksum = checksum(&text);
        text.extend(checksum.map(char::from));
        Ok(Some(Secret(text)))
    }

    /// The last characters, for listings.
    pub(crate) fn hint(&self) -> &str {
        &self.0[SECRET_CHARS - HINT_CHARS..]
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Whether the text has a token's form: a known prefix, the right length, and a checksum that fits. It costs no
/// look-up, and its length is looked at first, so that a long text costs nothing either.
pub fn is_well_formed(text: &str) -> bool {
    if text.len() != SECRET_CHARS || !text.is_ascii() {
        return false;
    }
    let (covered, given) = text.split_at(SECRET_CHARS - CHECKSUM_DIGITS);
    let (prefix, digits) = covered.split_at(PREFIX_CHARS);
    is_prefix(prefix) && digits.bytes().all(base62::is_digit) && checksum(covered) == given.as_bytes()
}

/// Whether a whole token stands anywhere in the text. Texts that are kept or shown are asked this first.
pub(crate) fn is_within(text: &str) -> bool {
    text.match_indices("tg_")
        .any(|(at, _)| text.get(at..at + SECRET_CHARS).is_some_and(is_well_formed))
}

/// A new public id of a token, such as `t_4fQ0aZ8Lm2Xc`.
pub(crate) fn mint_id() -> Result<String, AccountsError> {
    /// About 71 bits: two ids of one installation never meet.
    const ID_DIGITS: usize = 12;
    let mut random = [0; 16];
    fill_random(&mut random)?;
    Ok(format!("t_{}", base62::encode(&random, ID_DIGITS)))
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

/// Fills these from the system's generator.
pub(crate) fn fill_random(bytes: &mut [u8]) -> Result<(), AccountsError> {
    getrandom::fill(bytes).map_err(|error| AccountsError::Random {
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests;
