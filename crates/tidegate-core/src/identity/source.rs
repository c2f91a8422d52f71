//! The sources that answer for a credential, and the rules by which somebody else's token is believed.

use std::{path::PathBuf, sync::Arc};

use super::{Claims, HeaderRules, Naming};

/// The source that answers for a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Our own accounts.
    Own,
    /// Nobody: the credential is counted by its keyed hash and passed on untouched.
    Opaque,
    /// An issuer, by its signature.
    Jwt(Arc<JwtRules>),
    /// A listed proxy, in fields that it sets. They are no credential, and stand in place of one.
    Header(Arc<HeaderRules>),
}

/// The rules by which an issuer's tokens are believed (RFC 7519, with RFC 8725 on what not to believe).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtRules {
    /// The place of the issuer's keys.
    pub keys: KeysAt,
    /// The certificates, in DER, that vouch for the server of the keys; none: those that the machine trusts.
    pub roots: Vec<Arc<[u8]>>,
    /// The value of `iss`, to the letter.
    pub issuer: Arc<str>,
    /// `aud` names one of these.
    pub audience: Vec<Arc<str>>,
    /// The algorithms that count.
    pub algorithms: Vec<Algorithm>,
    /// The types of token that count.
    pub types: Vec<JwtType>,
    /// `scope` names all of these.
    pub scopes: Vec<Arc<str>>,
    /// The time by which clocks may differ at `exp` and `nbf`, in milliseconds.
    pub leeway_ms: i64,
    /// The claims that name the caller.
    pub names: ClaimNames,
    /// The owner of the names.
    pub naming: Naming,
}

/// The place of an issuer's keys, a JWK set (RFC 7517).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeysAt {
    /// Keys at an address, `https` or on this machine.
    Url(http::Uri),
    /// Keys on this machine's disk.
    Path(PathBuf),
}

/// The claims that say who somebody is. Each is the name of a claim, or the way to a member of one: `realm.org`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimNames {
    /// The user.
    pub user: Arc<str>,
    /// The organisation.
    pub tenant: Arc<str>,
    /// The plan they bought.
    pub plan: Arc<str>,
    /// The resources they may reach.
    pub grants: Arc<str>,
}

/// Signatures (RFC 7518 3.1, RFC 8037). There is no `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "their names are the RFC's")]
pub enum Algorithm {
    Rs256,
    Rs384,
    Rs512,
    Ps256,
    Ps384,
    Ps512,
    Es256,
    Es384,
    EdDsa,
    Hs256,
    Hs384,
    Hs512,
}

/// The kind of a token by its `typ` (RFC 7519 5.1, RFC 9068 2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JwtType {
    /// `JWT`, which an ID token may be too.
    Jwt,
    /// `at+jwt`, an access token and nothing else.
    AccessToken,
    /// Nothing.
    Absent,
}

// === impl Source ===

impl Source {
    /// Is true when the source would give this name, to a user or an organisation, apart from ours.
    pub fn names(&self, name: &str) -> bool {
        let naming = match self {
            Source::Jwt(rules) => &rules.naming,
            Source::Header(rules) => &rules.naming,
            Source::Own | Source::Opaque => return false,
        };
        match naming {
            Naming::Apart(prefix) => name.strip_prefix(&**prefix).and_then(Claims::name).is_some(),
            Naming::Own => false,
        }
    }
}

// === impl Algorithm ===

impl Algorithm {
    /// All of them, in the order of the documentation.
    pub const ALL: [Algorithm; 12] = [
        Algorithm::Rs256,
        Algorithm::Rs384,
        Algorithm::Rs512,
        Algorithm::Ps256,
        Algorithm::Ps384,
        Algorithm::Ps512,
        Algorithm::Es256,
        Algorithm::Es384,
        Algorithm::EdDsa,
        Algorithm::Hs256,
        Algorithm::Hs384,
        Algorithm::Hs512,
    ];

    /// Returns the text as it stands in a token.
    pub fn as_str(self) -> &'static str {
        match self {
            Algorithm::Rs256 => "RS256",
            Algorithm::Rs384 => "RS384",
            Algorithm::Rs512 => "RS512",
            Algorithm::Ps256 => "PS256",
            Algorithm::Ps384 => "PS384",
            Algorithm::Ps512 => "PS512",
            Algorithm::Es256 => "ES256",
            Algorithm::Es384 => "ES384",
            Algorithm::EdDsa => "EdDSA",
            Algorithm::Hs256 => "HS256",
            Algorithm::Hs384 => "HS384",
            Algorithm::Hs512 => "HS512",
        }
    }

    /// Is true when whoever can check a signature can also make one.
    pub fn is_symmetric(self) -> bool {
        matches!(self, Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512)
    }
}
