//! An issuer whose tokens are believed: its keys, and the tokens that were verified by them already.

use std::{num::NonZeroUsize, sync::Arc};

use lru::LruCache;
use parking_lot::Mutex;
use tidegate_core::{
    identity::{Claims, Invalid, JwtRules, Naming, Token},
    time::Now,
};

use super::{
    jwks::{IssuerKeys, NoKeys, key_set::KeySet},
    jwt::{PresentedToken, VerifiedToken},
};
use crate::data_dir::mac;

/// The verified tokens that are kept of one issuer; past it the one used longest ago is verified again when it comes.
const VERIFIED_MAX: NonZeroUsize = NonZeroUsize::new(10_000).unwrap();

/// An issuer.
pub struct Issuer {
    /// The rules by which its tokens are believed.
    pub rules: Arc<JwtRules>,
    keys: Arc<IssuerKeys>,
    /// The verified tokens, by the keyed hash of the token, which itself is kept nowhere.
    verified: Mutex<LruCache<[u8; 32], Verified>>,
    hash_key: [u8; 32],
}

/// A caller that an issuer vouches for.
#[derive(Clone, Debug)]
pub enum Vouched {
    /// A caller by a name of the issuer's own.
    Apart(Arc<Token>),
    /// A caller by the name of one of our accounts, which is looked up next.
    Own(Arc<Claims>),
}

#[derive(Clone)]
struct Verified {
    who: Vouched,
    expires_ms: Option<i64>,
    not_before_ms: Option<i64>,
    /// The keys that verified it: with another set it has to be verified again.
    keys: Arc<KeySet>,
}

impl Issuer {
    /// An issuer by its rules; tokens are remembered under a key made of this one and the rules, for one token may be
    /// two callers by the rules of two pages.
    pub fn new(rules: Arc<JwtRules>, key: &[u8; 32]) -> Issuer {
        Issuer {
            keys: Arc::new(IssuerKeys::new(rules.clone())),
            hash_key: mac(key, format!("{rules:?}").as_bytes()),
            rules,
            verified: Mutex::new(LruCache::new(VERIFIED_MAX)),
        }
    }

    /// Finds the caller that the token names.
    ///
    /// # Errors
    /// The outer one where there are no keys to say it by: that is no statement about the token.
    pub async fn lookup(&self, text: &str, now: Now) -> Result<Result<Vouched, Invalid>, NoKeys> {
        let shown = match PresentedToken::read(text, &self.rules) {
            Ok(shown) => shown,
            Err(invalid) => return Ok(Err(invalid)),
        };
        let mut keys = self.keys.current(now).await?;
        let hash = mac(&self.hash_key, text.as_bytes());
        let kept = self.verified.lock().get(&hash).cloned();
        if let Some(kept) = kept.filter(|kept| Arc::ptr_eq(&kept.keys, &keys)) {
            return Ok(kept.at(now));
        }
        if shown.misses_key(&keys) {
            keys = self.keys.newer(now).await?;
        }
        let good = match shown.verify(&keys, &self.rules, &public_name(&hash), now) {
            Ok(good) => good,
            Err(invalid) => return Ok(Err(invalid)),
        };
        let verified = self.verified(good, keys);
        self.verified.lock().put(hash, verified.clone());
        Ok(verified.at(now))
    }

    fn verified(&self, good: VerifiedToken, keys: Arc<KeySet>) -> Verified {
        Verified {
            expires_ms: good.claims.expires_ms,
            not_before_ms: good.not_before_ms,
            who: match &self.rules.naming {
                Naming::Apart(prefix) => Vouched::Apart(Arc::new(good.claims.apart(prefix))),
                Naming::Own => Vouched::Own(Arc::new(good.claims)),
            },
            keys,
        }
    }
}

/// Returns the name that staff see of a token, which reveals nothing of it.
fn public_name(hash: &[u8; 32]) -> String {
    hash[..8].iter().map(|byte| format!("{byte:02x}")).collect()
}

// === impl Verified ===

impl Verified {
    /// Times are asked each time, so that no memory outlives them.
    fn at(self, now: Now) -> Result<Vouched, Invalid> {
        if self.expires_ms.is_some_and(|end_ms| end_ms <= now.wall_ms) {
            return Err(Invalid::Expired);
        }
        if self.not_before_ms.is_some_and(|from_ms| now.wall_ms < from_ms) {
            return Err(Invalid::Unverified);
        }
        Ok(self.who)
    }
}

impl std::fmt::Debug for Issuer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Issuer({})", self.rules.issuer)
    }
}

#[cfg(test)]
mod tests;
