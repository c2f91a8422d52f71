//! The closed words of a limits file, beside what they mean in the compiled policy.

use tidegate_core::{
    identity::{Algorithm, JwtType},
    limit::{CountsAt, OnStoreLoss, Who},
    trust::AddressSource,
};

use crate::reader::Word;

/// Whether a route needs a known caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// A known caller.
    User,
    /// Nobody in particular.
    Nothing,
}

/// Who answers for a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceWord {
    /// Our own accounts.
    Own,
    /// An issuer, by its signature.
    Jwt,
    /// A listed proxy, in fields.
    Header,
    /// Nobody.
    Opaque,
}

/// Whose names somebody else gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Users {
    /// Their own.
    Apart,
    /// Those of our accounts.
    Own,
}

impl Word for Needs {
    const WORDS: &'static [(&'static str, Needs)] = &[("user", Needs::User), ("nothing", Needs::Nothing)];
}

/// That somebody means what they wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Understood;

impl Word for Understood {
    const WORDS: &'static [(&'static str, Understood)] = &[("i understand", Understood)];
}

impl Word for AddressSource {
    const WORDS: &'static [(&'static str, AddressSource)] = &[
        ("x-forwarded-for", AddressSource::XForwardedFor),
        ("forwarded", AddressSource::Forwarded),
        ("proxy-protocol", AddressSource::ProxyProtocol),
    ];
}

impl Word for SourceWord {
    const WORDS: &'static [(&'static str, SourceWord)] = &[
        ("own", SourceWord::Own),
        ("jwt", SourceWord::Jwt),
        ("header", SourceWord::Header),
        ("opaque", SourceWord::Opaque),
    ];
}

impl Word for Users {
    const WORDS: &'static [(&'static str, Users)] = &[("apart", Users::Apart), ("own", Users::Own)];
}

impl Word for Algorithm {
    const WORDS: &'static [(&'static str, Algorithm)] = &[
        ("RS256", Algorithm::Rs256),
        ("RS384", Algorithm::Rs384),
        ("RS512", Algorithm::Rs512),
        ("PS256", Algorithm::Ps256),
        ("PS384", Algorithm::Ps384),
        ("PS512", Algorithm::Ps512),
        ("ES256", Algorithm::Es256),
        ("ES384", Algorithm::Es384),
        ("EdDSA", Algorithm::EdDsa),
        ("HS256", Algorithm::Hs256),
        ("HS384", Algorithm::Hs384),
        ("HS512", Algorithm::Hs512),
    ];
}

impl Word for JwtType {
    const WORDS: &'static [(&'static str, JwtType)] = &[
        ("JWT", JwtType::Jwt),
        ("at+jwt", JwtType::AccessToken),
        ("absent", JwtType::Absent),
    ];
}

impl Word for Who {
    const WORDS: &'static [(&'static str, Who)] = &[
        ("anonymous", Who::Anonymous),
        ("known", Who::Known),
        ("everyone", Who::Everyone),
    ];
}

impl Word for CountsAt {
    const WORDS: &'static [(&'static str, CountsAt)] = &[("edge", CountsAt::Edge), ("miss", CountsAt::Miss)];
}

impl Word for OnStoreLoss {
    const WORDS: &'static [(&'static str, OnStoreLoss)] = &[
        ("allow", OnStoreLoss::Allow),
        ("deny", OnStoreLoss::Deny),
        ("local share", OnStoreLoss::LocalShare),
    ];
}
