//! A password: the rule for new ones, and the stored hash.

use std::fmt;

use sqlx::SqliteConnection;

use crate::{AccountsError, bounds};

pub(crate) mod hashing;

/// A password as somebody typed it. `Debug` does not show it, there is no `Display`, and it cannot be compared: a
/// password is only checked against a stored hash.
#[derive(Clone)]
pub struct Password(String);

/// Reads the hash of a user's password, and their tenant; `None` when there is no such user, or they have no password.
pub(crate) async fn kept(
    connection: &mut SqliteConnection,
    user: &str,
) -> Result<Option<(String, String)>, AccountsError> {
    let kept = sqlx::query_as(
        "SELECT p.hash, u.tenant FROM passwords p JOIN users u ON u.name = p.user_name WHERE p.user_name = $1",
    );
    Ok(kept.bind(user).fetch_optional(connection).await?)
}

// === impl Password ===

impl Password {
    /// Makes a password of any text: a text shown at a login is not checked against the rule for new ones.
    pub fn new(text: String) -> Password {
        Password(text)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Fails unless it may be set as a password. The rule is its length, and no control characters (NIST SP 800-63B, 5.1.1.2
    /// of 2017).
    pub(crate) fn check(&self) -> Result<(), AccountsError> {
        let (chars, bytes) = (self.0.chars().count(), self.0.len());
        let wrong = if chars < bounds::PASSWORD_CHARS_MIN {
            format!("has {chars} characters")
        } else if bytes > bounds::PASSWORD_BYTES_MAX {
            format!("has {bytes} bytes")
        } else if self.0.chars().any(char::is_control) {
            "holds a control character".to_owned()
        } else {
            return Ok(());
        };
        Err(AccountsError::BadPassword { wrong })
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}
