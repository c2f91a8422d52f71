//! What is shown once and kept as a hash: the secret of a session, and that of a login link.

use sha2::{Digest, Sha256};

// No `Debug`: whoever has it is let in.
/// 32 random bytes, as 64 hexadecimal digits.
pub struct Secret(String);

/// What is kept of a [`Secret`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

impl Secret {
    /// A new one, from the system's generator.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn fresh() -> Result<Secret, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(Secret(hex(&bytes)))
    }

    /// The digits.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl SecretHash {
    /// Of a secret as somebody shows it. What is no secret has a hash too, which nobody finds.
    pub fn of(shown: &str) -> SecretHash {
        SecretHash(Sha256::digest(shown.as_bytes()).into())
    }
}

/// The token that a form sends back to show that it is a page of this session: made from the session's secret, which
/// pages cannot read, and not to be turned back into it.
pub fn csrf_token(session: &str) -> String {
    hex(&Sha256::digest(format!("csrf:{session}").as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
