//! A token of an issuer: its form, its signature, its claims (RFC 7519, RFC 8725). Nothing here waits, and time is
//! an argument: the library's own look at the clock is turned off, and so are its checks, which are laxer than these.

mod claims;

use jsonwebtoken::{Algorithm as Signature, Header, Validation, decode, decode_header};
use tidegate_core::{
    identity::{Algorithm, Claims, Invalid, JwtRules, JwtType},
    time::Now,
};

use super::jwks::key_set::{Choice, KeySet};

/// Bytes of a token; a longer one is refused unread.
pub const TOKEN_BYTES_MAX: usize = 8 * 1024;

/// A token whose head may be believed once its signature is.
#[derive(Debug)]
pub struct PresentedToken<'t> {
    text: &'t str,
    algorithm: Algorithm,
    signature: Signature,
    kid: Option<String>,
}

/// The claims of a good token, and the time from which it is good.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifiedToken {
    /// The claims about the caller.
    pub claims: Claims,
    /// The time from which it is good, in Unix milliseconds, the leeway included.
    pub not_before_ms: Option<i64>,
}

impl<'t> PresentedToken<'t> {
    /// Reads the head.
    ///
    /// # Errors
    /// [`Invalid::Malformed`] where it has not the form of a token with a signature (RFC 7515 3.1), so that another
    /// source may know it; [`Invalid::Unverified`] where it has, and its head is not accepted. Addresses and keys that
    /// a head brings along are never looked at.
    pub fn read(text: &'t str, rules: &JwtRules) -> Result<PresentedToken<'t>, Invalid> {
        if !has_form(text) {
            return Err(Invalid::Malformed);
        }
        if text.len() > TOKEN_BYTES_MAX {
            return Err(Invalid::Unverified);
        }
        // `none` and whatever else the library cannot check fails here.
        let header = decode_header(text).map_err(|_| Invalid::Unverified)?;
        let algorithm = rules
            .algorithms
            .iter()
            .find(|algorithm| signature(**algorithm) == header.alg)
            .copied()
            .ok_or(Invalid::Unverified)?;
        let is_accepted = type_of(&header).is_some_and(|found| rules.types.contains(&found));
        // What a token says must be understood is more than is understood here (RFC 7515 4.1.11).
        if !is_accepted || header.crit.is_some() {
            return Err(Invalid::Unverified);
        }
        Ok(PresentedToken {
            text,
            algorithm,
            signature: header.alg,
            kid: header.kid,
        })
    }

    /// Is true when the key it names is not in the set: a newer set may have it.
    pub fn misses_key(&self, keys: &KeySet) -> bool {
        matches!(keys.choose(self.kid.as_deref(), self.algorithm), Choice::NoSuchKid)
    }

    /// Returns the claims, if signature, issuer, audience and times are good. `name` becomes the public name of the token.
    ///
    /// # Errors
    /// [`Invalid::Expired`] of a token that was good once, [`Invalid::InsufficientScope`] of one that is good for
    /// something else, [`Invalid::Unverified`] of any other.
    pub fn verify(&self, keys: &KeySet, rules: &JwtRules, name: &str, now: Now) -> Result<VerifiedToken, Invalid> {
        let Choice::Key(key) = keys.choose(self.kid.as_deref(), self.algorithm) else {
            return Err(Invalid::Unverified);
        };
        let mut signature_alone = Validation::new(self.signature);
        signature_alone.required_spec_claims.clear();
        signature_alone.validate_exp = false;
        signature_alone.validate_nbf = false;
        signature_alone.validate_aud = false;
        let body = decode(self.text, key, &signature_alone).map_err(|_| Invalid::Unverified)?;
        claims::read(&body.claims, rules, name, now)
    }
}

/// Is true for three parts in base64url, the first of which begins an object. The last may be empty, as that of an
/// unsigned token.
fn has_form(text: &str) -> bool {
    let is_base64url = |part: &str| {
        part.bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let parts: Vec<&str> = text.splitn(4, '.').collect();
    text.starts_with("eyJ") && parts.len() == 3 && parts.iter().all(|part| is_base64url(part))
}

/// Types are media types, `application/` left out or not, in any case (RFC 7515 4.1.9).
fn type_of(header: &Header) -> Option<JwtType> {
    let Some(typ) = &header.typ else {
        return Some(JwtType::Absent);
    };
    let typ = typ.to_ascii_lowercase();
    match typ.strip_prefix("application/").unwrap_or(&typ) {
        "jwt" => Some(JwtType::Jwt),
        "at+jwt" => Some(JwtType::AccessToken),
        _ => None,
    }
}

/// The library's name of an algorithm.
fn signature(algorithm: Algorithm) -> Signature {
    match algorithm {
        Algorithm::Rs256 => Signature::RS256,
        Algorithm::Rs384 => Signature::RS384,
        Algorithm::Rs512 => Signature::RS512,
        Algorithm::Ps256 => Signature::PS256,
        Algorithm::Ps384 => Signature::PS384,
        Algorithm::Ps512 => Signature::PS512,
        Algorithm::Es256 => Signature::ES256,
        Algorithm::Es384 => Signature::ES384,
        Algorithm::EdDsa => Signature::EdDSA,
        Algorithm::Hs256 => Signature::HS256,
        Algorithm::Hs384 => Signature::HS384,
        Algorithm::Hs512 => Signature::HS512,
    }
}
