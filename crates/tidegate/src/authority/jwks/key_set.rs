//! A JWK set (RFC 7517): keys by their ids, each for the algorithms it is meant for.

use jsonwebtoken::{
    DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyOperations, PublicKeyUse},
};
use serde::Deserialize;
use serde_json::Value;
use tidegate_core::identity::Algorithm;

/// The most keys of one set; further ones are not read.
const KEYS_MAX: usize = 100;

/// The keys of an issuer.
#[derive(Default)]
pub struct KeySet {
    keys: Vec<Key>,
}

struct Key {
    kid: Option<String>,
    algorithms: Vec<Algorithm>,
    key: DecodingKey,
}

/// The result of a search for a token's key.
pub enum Choice<'k> {
    /// The key.
    Key(&'k DecodingKey),
    /// The token names a key that is not there.
    NoSuchKid,
    /// The key is not meant for this algorithm, or it is not named which of several it is.
    None,
}

/// The set as it is written. A key that cannot be read is no reason to lose the others.
#[derive(Deserialize)]
struct JwkSetText {
    keys: Vec<Value>,
}

// === impl KeySet ===

impl KeySet {
    /// Reads a set. Keys for other uses and of unknown kinds are left out; shared secrets are too unless `with_secrets`:
    /// what a server gives to anybody is no secret.
    ///
    /// # Errors
    /// Fails when the text is no set.
    pub fn read(bytes: &[u8], with_secrets: bool) -> Result<KeySet, String> {
        let written: JwkSetText = serde_json::from_slice(bytes).map_err(|error| format!("not a JWK set: {error}"))?;
        let keys = written.keys.into_iter().take(KEYS_MAX);
        let keys = keys.filter_map(|value| Key::of(&serde_json::from_value(value).ok()?));
        let keys = keys.filter(|key| with_secrets || !key.algorithms.iter().any(|known| known.is_symmetric()));
        Ok(KeySet { keys: keys.collect() })
    }

    /// Returns the number of usable keys.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Is true when no key is usable.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The key of a token by its id, to the letter; without one, the only key that its algorithm could mean.
    pub fn choose(&self, kid: Option<&str>, algorithm: Algorithm) -> Choice<'_> {
        let mut fitting = self.keys.iter().filter(|key| key.algorithms.contains(&algorithm));
        let Some(kid) = kid else {
            return match (fitting.next(), fitting.next()) {
                (Some(key), None) => Choice::Key(&key.key),
                _ => Choice::None,
            };
        };
        match fitting.find(|key| key.kid.as_deref() == Some(kid)) {
            Some(key) => Choice::Key(&key.key),
            None if self.keys.iter().any(|key| key.kid.as_deref() == Some(kid)) => Choice::None,
            None => Choice::NoSuchKid,
        }
    }
}

// === impl Key ===

impl Key {
    fn of(jwk: &Jwk) -> Option<Key> {
        let algorithms: Vec<_> = Algorithm::ALL.into_iter().filter(|one| is_meant(jwk, *one)).collect();
        if algorithms.is_empty() {
            return None;
        }
        Some(Key {
            kid: jwk.common.key_id.clone(),
            algorithms,
            key: DecodingKey::from_jwk(jwk).ok()?,
        })
    }
}

/// Is true when the key is of the algorithm's kind and says nothing against it (RFC 7517 4.2 to 4.4).
fn is_meant(jwk: &Jwk, algorithm: Algorithm) -> bool {
    use Algorithm::*;
    let is_of_kind = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => matches!(algorithm, Rs256 | Rs384 | Rs512 | Ps256 | Ps384 | Ps512),
        AlgorithmParameters::EllipticCurve(key) => match key.curve {
            EllipticCurve::P256 => algorithm == Es256,
            EllipticCurve::P384 => algorithm == Es384,
            _ => false,
        },
        AlgorithmParameters::OctetKeyPair(key) => key.curve == EllipticCurve::Ed25519 && algorithm == EdDsa,
        AlgorithmParameters::OctetKey(key) => secret_bytes_min(algorithm).is_some_and(|min| {
            // Four characters of base64url are three bytes.
            key.value.trim_end_matches('=').len() * 3 / 4 >= min
        }),
        _ => false,
    };
    let common = &jwk.common;
    let for_signatures = common
        .public_key_use
        .as_ref()
        .is_none_or(|found| *found == PublicKeyUse::Signature);
    let operations = common.key_operations.as_ref();
    let may_verify = operations.is_none_or(|found| found.contains(&KeyOperations::Verify));
    let named = common
        .key_algorithm
        .is_none_or(|named| named.to_string() == algorithm.as_str());
    is_of_kind && for_signatures && may_verify && named
}

/// A shared secret is at least as long as the hash (RFC 7518 3.2).
fn secret_bytes_min(algorithm: Algorithm) -> Option<usize> {
    match algorithm {
        Algorithm::Hs256 => Some(32),
        Algorithm::Hs384 => Some(48),
        Algorithm::Hs512 => Some(64),
        _ => None,
    }
}

impl std::fmt::Debug for KeySet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "KeySet({} keys)", self.keys.len())
    }
}
