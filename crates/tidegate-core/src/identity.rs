//! The identity of a caller. A credential is what was shown; an identity is who that is.
//!
//! Looking a credential up is the host's work (accounts, a keyed hash, a JWT). What follows from the
//! answers, one credential a role, which place wins and what an app key alone is, is decided here, purely.

mod claims;
mod header;
mod source;

use std::{collections::HashSet, sync::Arc};

use crate::{
    credential::{self, Credential, Place},
    facts::Facts,
};

pub use crate::resource::Resource;
pub use claims::{Claims, NAME_BYTES_MAX, Naming, OWN_PREFIX, VOUCHED_PREFIX};
pub use header::HeaderRules;
pub use source::{Algorithm, ClaimNames, JwtRules, JwtType, KeysAt, Source};

/// The identity that a request counts as. An identity never answers by itself: limits are taken first, then 401 or 403.
#[derive(Clone, Debug)]
pub enum Identity {
    /// A credential that names somebody.
    Known(Known),
    /// No credential was shown.
    Anonymous,
    /// Something was shown that names nobody; counts as anonymous.
    Invalid(Invalid),
}

/// Somebody: the token that counts, and the application it came through.
#[derive(Clone, Debug)]
pub struct Known {
    /// The token whose user the request counts against.
    pub token: Arc<Token>,
    /// The app key shown beside it, or alone where the page lets one act for its tenant.
    pub app: Option<Arc<Token>>,
}

/// One token as the host knows it. It holds no secret.
#[derive(Debug, PartialEq, Eq)]
pub struct Token {
    /// The token's public id, as in `token list`.
    pub id: Arc<str>,
    /// The kind of token, and so its role.
    pub kind: TokenKind,
    /// The partition `user`: the token's user, or the key itself where the key is its own subject.
    pub subject: Arc<str>,
    /// The account that owns the token; for an opaque credential, the keyed hash of it.
    pub user: Arc<str>,
    /// The organisation.
    pub tenant: Arc<str>,
    /// The plan they bought.
    pub plan: Option<Arc<str>>,
    /// The resources that the token may reach.
    pub grants: Grants,
    /// The time at which it stops being valid, in Unix milliseconds. The host checks it at look-up; caches must check
    /// it again.
    pub expires_ms: Option<i64>,
}

/// Kinds of token; the kind decides the role, never the parameter that carried it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A person's own token: what they own and what is shared with them.
    Personal,
    /// Names an application; reads nothing by itself where the page wants a user's token too.
    App,
    /// A shared public key with an end date; its own subject.
    Development,
    /// Named resources or all; its own subject.
    Enterprise,
    /// Any credential of somebody else's API, counted by its keyed hash and passed on untouched.
    Opaque,
    /// Nothing of ours: an issuer's token or a listed proxy says who it is.
    Vouched,
}

/// The role a token plays in a request: at most one of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Names who asks.
    User,
    /// Names the application they ask through.
    App,
}

/// The reason why a shown credential names nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// Not in the form of a token: checksum or prefix wrong.
    Malformed,
    /// Well formed, but never issued here.
    Unknown,
    /// Its time is over.
    Expired,
    /// It was taken back.
    Revoked,
    /// An issuer's token whose signature, issuer, audience, type or beginning is not accepted. Which of them is said
    /// to nobody.
    Unverified,
    /// Two different credentials of one role: 400.
    TwoOfOneRole(Role),
    /// An app key without a user credential, on a page where it may not act alone.
    AppAlone,
    /// An issuer's token that was not given for what this API asks (RFC 6750 3.1): 403 where somebody is needed.
    InsufficientScope,
    /// Good elsewhere, but of another tenant than the one whose leased instance was asked: 403.
    OtherTenant,
}

/// The resources that a token may reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grants {
    /// Every resource.
    All,
    /// Only these.
    Only(HashSet<Resource>),
}

/// The host's finding for one credential.
pub type Lookup = Result<Arc<Token>, Invalid>;

/// The rules by which a page reads identities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityRules {
    /// The places of credentials, in order of preference.
    pub read: Vec<Place>,
    /// A cookie is not looked at when a bearer or parameter is there: the parameter wins.
    pub cookie_yields: bool,
    /// An app key alone is Known and acts for its tenant, instead of a missing user credential.
    pub app_acts_alone: bool,
    /// The sources that answer for a credential, in order: one that it does not know by its form goes to the next.
    pub sources: Vec<Source>,
}

/// One identity from the look-ups of all credentials shown, in the order of [`IdentityRules::read`].
///
/// The first user-role credential and the first app-role credential count; a different second one of a role is
/// [`Invalid::TwoOfOneRole`] (docs/semantics.md rule 2). The same token shown twice is one. An opaque credential, which
/// names nobody by itself, gives way to any other user credential and to an earlier opaque one.
pub fn identify(rules: &IdentityRules, lookups: impl IntoIterator<Item = Lookup>) -> Identity {
    let mut user: Option<Arc<Token>> = None;
    let mut app: Option<Arc<Token>> = None;
    let mut invalid: Option<Invalid> = None;
    for lookup in lookups {
        let token = match lookup {
            Ok(token) => token,
            Err(reason) => {
                invalid.get_or_insert(reason);
                continue;
            }
        };
        let role = token.kind.role();
        let held = match role {
            Role::User => &mut user,
            Role::App => &mut app,
        };
        match held {
            Some(first) if first.id != token.id && token.kind == TokenKind::Opaque => {}
            Some(first) if first.id != token.id && first.kind != TokenKind::Opaque => {
                return Identity::Invalid(Invalid::TwoOfOneRole(role));
            }
            _ => *held = Some(token),
        }
    }
    if let Some(reason) = invalid {
        return Identity::Invalid(reason);
    }
    match (user, app) {
        (Some(token), app) => Identity::Known(Known { token, app }),
        (None, Some(app)) if rules.app_acts_alone => Identity::Known(Known {
            token: app.clone(),
            app: Some(app),
        }),
        (None, Some(_)) => Identity::Invalid(Invalid::AppAlone),
        (None, None) => Identity::Anonymous,
    }
}

// === impl Known ===

impl Identity {
    /// Returns the identity at a tenant's leased instance: whoever is of another tenant is nobody there. Of an opaque
    /// credential nobody but the API behind knows whose it is.
    pub fn at_instance(self, instance: &str) -> Identity {
        match self {
            Identity::Known(known) if known.token.kind != TokenKind::Opaque && *known.token.tenant != *instance => {
                Identity::Invalid(Invalid::OtherTenant)
            }
            other => other,
        }
    }

    /// The somebody, if there is one.
    pub fn known(&self) -> Option<&Known> {
        match self {
            Identity::Known(known) => Some(known),
            Identity::Anonymous | Identity::Invalid(_) => None,
        }
    }
}

// === impl IdentityRules ===

impl IdentityRules {
    /// The credentials of a request, in the order of the page's places, each different one once.
    ///
    /// An empty value is no credential: clients send `?api_key=` when they have none. With `cookie_yields` cookies are
    /// read only where no other place showed anything, whatever the order of the places (docs/semantics.md rule 2).
    pub fn credentials<'r>(&self, facts: &Facts<'r>) -> Vec<Credential<'r>> {
        let yields = |place: &&Place| self.cookie_yields && matches!(place, Place::Cookie(_));
        let mut found = credential::shown(self.read.iter().filter(|place| !yields(place)), facts);
        if found.is_empty() {
            found = credential::shown(self.read.iter().filter(yields), facts);
        }
        match self.sources[..] {
            // Nobody would answer for one.
            [Source::Header(_)] => found.clear(),
            [Source::Opaque] => found.truncate(1),
            _ => {}
        }
        found
    }

    /// The fields of a listed proxy, if they are a source.
    pub fn header(&self) -> Option<&HeaderRules> {
        self.sources.iter().find_map(|source| match source {
            Source::Header(rules) => Some(&**rules),
            Source::Own | Source::Opaque | Source::Jwt(_) => None,
        })
    }

    /// Is true when those fields are asked before any credential; otherwise they are asked where none is shown.
    pub fn header_leads(&self) -> bool {
        matches!(self.sources.first(), Some(Source::Header(_)))
    }

    /// The sources that answer for credentials.
    pub fn credential_sources(&self) -> impl Iterator<Item = &Source> {
        self.sources
            .iter()
            .filter(|source| !matches!(source, Source::Header(_)))
    }
}

// === impl TokenKind ===

impl TokenKind {
    /// The role tokens of this kind play.
    pub fn role(self) -> Role {
        match self {
            TokenKind::App => Role::App,
            TokenKind::Personal
            | TokenKind::Development
            | TokenKind::Enterprise
            | TokenKind::Opaque
            | TokenKind::Vouched => Role::User,
        }
    }

    /// The word used in commands and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            TokenKind::Personal => "personal",
            TokenKind::App => "app",
            TokenKind::Development => "development",
            TokenKind::Enterprise => "enterprise",
            TokenKind::Opaque => "opaque",
            TokenKind::Vouched => "vouched",
        }
    }

    /// Enterprise and development keys are their own subject (docs/semantics.md rule 3).
    pub fn is_own_subject(self) -> bool {
        matches!(self, TokenKind::Development | TokenKind::Enterprise)
    }
}

// === impl Grants ===

impl Grants {
    /// Is true when the resource may be reached.
    pub fn allow(&self, resource: Resource) -> bool {
        match self {
            Grants::All => true,
            Grants::Only(set) => set.contains(&resource),
        }
    }
}

#[cfg(test)]
mod tests;
