//! New secrets and public ids of tokens. The form of a secret is in [`crate::token_format`].

use std::fmt;

use tidegate_core::identity::TokenKind;

use crate::{
    AccountsError, base62,
    token_format::{self, SECRET_CHARS},
};

/// Characters of a secret that a listing shows, so that its holder recognises it. They belong to the checksum and
/// give away nothing that helps to guess the rest.
const HINT_CHARS: usize = 4;

/// A token's secret, in the one moment it exists here. `Debug` does not show it, there is no `Display`,
/// and it cannot be compared, as `==` would tell a clock where two secrets differ.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Returns the secret itself, to be handed to its owner and nobody else.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Makes a new secret for a token of the kind; `None` for kinds that are not issued.
    pub(crate) fn mint(kind: TokenKind) -> Result<Option<Secret>, AccountsError> {
        let mut random = [0; 32];
        fill_random(&mut random)?;
        Ok(token_format::write(kind, &random).map(Secret))
    }

    /// Returns the last characters, for listings.
    pub(crate) fn hint(&self) -> &str {
        &self.0[SECRET_CHARS - HINT_CHARS..]
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Makes a new public id of a token, such as `t_4fQ0aZ8Lm2Xc`.
pub(crate) fn mint_id() -> Result<String, AccountsError> {
    /// About 71 bits: two ids of one installation never meet.
    const ID_DIGITS: usize = 12;
    let mut random = [0; 16];
    fill_random(&mut random)?;
    Ok(format!("t_{}", base62::encode(&random, ID_DIGITS)))
}

/// Fills the bytes from the system's generator.
pub(crate) fn fill_random(bytes: &mut [u8]) -> Result<(), AccountsError> {
    getrandom::fill(bytes).map_err(|error| AccountsError::Random {
        reason: error.to_string(),
    })
}

#[cfg(test)]
mod tests;
