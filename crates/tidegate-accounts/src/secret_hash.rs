//! Keyed hashes of token secrets, which the database holds instead of the secrets.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Hashes secrets under a separate key, derived from the installation's key. Without that key, which is not in
/// the database, a stolen file says nothing about any token.
#[derive(Clone)]
pub(crate) struct Hasher {
    keyed: Hmac<Sha256>,
}

/// The keyed hash of one secret.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct SecretHash([u8; 32]);

impl Hasher {
    /// Makes a hasher whose key is derived from `key` by a label, so that the installation's key can serve other ends too.
    pub(crate) fn new(key: &[u8; 32]) -> Hasher {
        Hasher {
            keyed: keyed(&derived(key, "tidegate tokens v1")),
        }
    }

    /// Returns the hash of a secret.
    pub(crate) fn hash(&self, secret: &str) -> SecretHash {
        let mut mac = self.keyed.clone();
        mac.update(secret.as_bytes());
        SecretHash(mac.finalize().into_bytes().into())
    }
}

/// Returns the fingerprint of a key, by which a file notices that it is opened with another one.
pub(crate) fn fingerprint(key: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(derived(key, "tidegate key fingerprint v1"))
}

/// Derives the key for the purpose that the label names.
pub(crate) fn derived(key: &[u8; 32], label: &str) -> [u8; 32] {
    let mut mac = keyed(key);
    mac.update(label.as_bytes());
    mac.finalize().into_bytes().into()
}

fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes keys of any length")
}

// === impl SecretHash ===

impl SecretHash {
    /// Returns the hash as the file holds it: text, which every SQL dialect compares in one way.
    pub(crate) fn to_text(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    /// Returns true when the file's text is this hash, in a time that does not depend on where they differ.
    pub(crate) fn is_text(self, text: &str) -> bool {
        self.to_text().as_bytes().ct_eq(text.as_bytes()).into()
    }

    /// Returns the number of its shard, below `of`.
    pub(crate) fn shard(self, of: usize) -> usize {
        usize::from(self.0[0]) % of
    }
}

#[cfg(test)]
mod tests;
