//! The claims of somebody else about a caller, and the owner of those names.

use std::sync::Arc;

use super::{Grants, Token, TokenKind};

/// The claims of an issuer or a listed proxy about a caller, after it was believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claims {
    /// A public name of what was shown, where something was; without one, what the user counts by.
    pub shown: Option<Arc<str>>,
    /// The user.
    pub user: Arc<str>,
    /// The organisation, where one is named.
    pub tenant: Option<Arc<str>>,
    /// The plan they bought, where it is named.
    pub plan: Option<Arc<str>>,
    /// The resources they may reach.
    pub grants: Grants,
    /// The time at which it stops being valid, in Unix milliseconds.
    pub expires_ms: Option<i64>,
}

/// The owner of the names that somebody else gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Naming {
    /// Their own: with this before them users and tenants are nobody of ours, however they are called.
    Apart(Arc<str>),
    /// Those of our accounts: the user of that name, with that user's tenant, plan and stations.
    Own,
}

/// The prefix of the ids of vouched identities; ids of our own tokens never do.
pub const VOUCHED_PREFIX: &str = "vouched-";

/// Stands before the name of an account in such an id, as the prefix of [`Naming::Apart`] does before other names: two
/// callers of one id would be taken for one.
pub const OWN_PREFIX: &str = "user:";

/// Bytes of a user, tenant or plan that somebody else names; a longer one is none.
pub const NAME_BYTES_MAX: usize = 160;

// === impl Claims ===

impl Claims {
    /// A name from outside as it may be counted, shown and logged: neither empty nor long nor with a control character.
    pub fn name(text: &str) -> Option<&str> {
        let fits = !text.is_empty() && text.len() <= NAME_BYTES_MAX && !text.contains(char::is_control);
        fits.then_some(text)
    }

    /// The identity where the names are not ours. Who is of no organisation is one alone, and by a name that no
    /// organisation has: people often choose what they are called.
    pub fn apart(self, prefix: &str) -> Token {
        let user: Arc<str> = format!("{prefix}{}", self.user).into();
        let tenant = match &self.tenant {
            Some(tenant) => format!("{prefix}{tenant}"),
            None => format!("{prefix}alone:{}", self.user),
        };
        Token {
            id: id(self.shown.as_deref().unwrap_or(&user)),
            kind: TokenKind::Vouched,
            subject: user.clone(),
            tenant: tenant.into(),
            user,
            plan: self.plan,
            grants: self.grants,
            expires_ms: self.expires_ms,
        }
    }

    /// The identity where the user is one of our accounts, whose own token this might be. `None` where the claims name
    /// another organisation than the account's.
    pub fn of_account(self, account: &Token) -> Option<Token> {
        if self.tenant.as_ref().is_some_and(|tenant| *tenant != account.tenant) {
            return None;
        }
        let of_user = || format!("{OWN_PREFIX}{}", self.user);
        Some(Token {
            id: id(&self.shown.as_deref().map_or_else(of_user, str::to_owned)),
            kind: TokenKind::Vouched,
            subject: account.subject.clone(),
            user: account.user.clone(),
            tenant: account.tenant.clone(),
            plan: account.plan.clone(),
            grants: account.grants.clone(),
            expires_ms: self.expires_ms,
        })
    }
}

fn id(of: &str) -> Arc<str> {
    format!("{VOUCHED_PREFIX}{of}").into()
}

#[cfg(test)]
mod tests;
