//! Secrets of console sessions and login links: 32 random bytes that are shown once and kept as a hash.

use sha2::{Digest, Sha256};

// No `Debug`: whoever has the secret is logged in.
/// 32 random bytes, as 64 hexadecimal digits.
pub struct Secret(String);

/// The hash that is kept of a [`Secret`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

impl Secret {
    /// Creates a secret from the system's random generator.
    ///
    /// # Errors
    /// Fails when the system has no randomness to give.
    pub fn fresh() -> Result<Secret, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Secret(hex(&bytes)))
    }

    /// Returns the digits.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl SecretHash {
    /// Hashes a secret as it was sent. Text that is no secret has a hash too, which matches none.
    pub fn of(shown: &str) -> SecretHash {
        SecretHash(Sha256::digest(shown.as_bytes()).into())
    }
}

/// Returns the token that a form sends back to prove that it belongs to a page of this session. It is derived from the
/// session's secret, which pages cannot read, and does not reveal it.
pub fn csrf_token(session: &str) -> String {
    hex(&Sha256::digest(format!("csrf:{session}").as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
