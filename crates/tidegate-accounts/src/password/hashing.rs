//! Slow hashes of passwords, made on threads of their own and a few at one time.

use std::{fmt, sync::Arc, time::Duration};

use argon2::{Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version, password_hash};
use tokio::sync::Semaphore;

use super::Password;
use crate::{AccountsError, bounds, secret_hash};

/// Memory of one hash, in KiB, and passes over it: Argon2id with 19 MiB, 2 passes and 1 lane is the least that the OWASP
/// Password Storage Cheat Sheet accepts, and what an attacker pays for each guess.
const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Bytes of the salt: 16 are enough for passwords (RFC 9106, 3.1).
const SALT_BYTES: usize = 16;
/// Bytes of the hash (RFC 9106, 4).
const HASH_BYTES: usize = 32;

/// Hashes passwords on threads where it holds up no request, a few at a time.
///
/// The hashes are keyed like those of tokens, so that a stolen file gives nobody's password away to guessing without the
/// installation's key, which is not in it.
pub(crate) struct Hashing {
    key: [u8; 32],
    /// Places for the calls that wait or are at work.
    places: Semaphore,
    at_work: Arc<Semaphore>,
    wait_max: Duration,
}

impl Hashing {
    /// Makes a hasher under a key derived from the installation's.
    pub(crate) fn new(key: &[u8; 32]) -> Hashing {
        Hashing {
            key: secret_hash::derived(key, "tidegate passwords v1"),
            places: Semaphore::new(bounds::HASHES_ASKED_MAX),
            at_work: Arc::new(Semaphore::new(bounds::HASHES_AT_ONCE_MAX)),
            wait_max: Duration::from_millis(bounds::HASH_WAIT_MS_MAX),
        }
    }

    /// Hashes a password: returns a PHC string with a salt of its own.
    pub(crate) async fn hash(&self, password: Password) -> Result<String, AccountsError> {
        let mut salt = [0; SALT_BYTES];
        crate::token_secret::fill_random(&mut salt)?;
        self.run(move |argon2| {
            let hashed = argon2.hash_password_with_salt(password.bytes(), &salt);
            hashed.map(|hash| hash.to_string()).map_err(failed)
        })
        .await?
    }

    /// Returns true when `kept` is the hash of the password. Without a hash as much is computed, so that the time
    /// does not tell one case from the other.
    pub(crate) async fn is_of(&self, password: Password, kept: Option<String>) -> Result<bool, AccountsError> {
        let found = self.run(move |argon2| match kept {
            Some(kept) => {
                let kept = PasswordHash::new(&kept).map_err(|_| AccountsError::Corrupt {
                    what: "password's hash",
                })?;
                match argon2.verify_password(password.bytes(), &kept) {
                    Ok(()) => Ok(true),
                    Err(password_hash::Error::PasswordInvalid) => Ok(false),
                    Err(error) => Err(failed(error)),
                }
            }
            None => {
                let mut hash = [0; HASH_BYTES];
                let hashed = argon2.hash_password_into(password.bytes(), &[0; SALT_BYTES], &mut hash);
                hashed.map(|()| false).map_err(failed)
            }
        });
        found.await?
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Argon2<'_>) -> T + Send + 'static,
    ) -> Result<T, AccountsError> {
        let _place = self.places.try_acquire().map_err(|_| AccountsError::Busy)?;
        let turn = tokio::time::timeout(self.wait_max, self.at_work.clone().acquire_owned());
        let Ok(Ok(turn)) = turn.await else {
            return Err(AccountsError::Busy);
        };
        let key = self.key;
        let done = tokio::task::spawn_blocking(move || {
            // Held until the work is done, also where nobody waits for it any more.
            let _turn = turn;
            argon2(&key).map(|argon2| work(&argon2))
        });
        match done.await {
            Ok(done) => done,
            Err(cut) => std::panic::resume_unwind(cut.into_panic()),
        }
    }
}

fn argon2(key: &[u8; 32]) -> Result<Argon2<'_>, AccountsError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(HASH_BYTES));
    let argon2 = params.and_then(|params| Argon2::new_with_secret(key, Algorithm::Argon2id, Version::V0x13, params));
    argon2.map_err(failed)
}

fn failed(error: impl fmt::Display) -> AccountsError {
    AccountsError::Hash {
        reason: error.to_string(),
    }
}

impl fmt::Debug for Hashing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hashing").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
