//! The identity behind a credential: our own accounts, an issuer's word for it, or for somebody else's API the keyed
//! hash of whatever was shown.

pub mod issuer;
pub mod jwks;
pub mod jwt;
#[cfg(test)]
mod testing;

use std::sync::Arc;

use futures_util::future::BoxFuture;
use parking_lot::Mutex;
use tidegate_accounts::Accounts;
use tidegate_core::{
    identity::{Claims, Grants, Invalid, JwtRules, Lookup, Naming, Resource, Source, Token, TokenKind},
    time::Now,
};
use tidegate_gate::{Authority, AuthorityFault};
use tidegate_staff::vouched_callers::VouchedCallers;

use issuer::{Issuer, Vouched};

use crate::data_dir::{Key, mac};

/// The prefix of the names of opaque credentials; ids of our own tokens never begin with it.
pub const OPAQUE_PREFIX: &str = "credential-";

/// Identifies callers for the gate, by their credentials.
#[derive(Debug)]
pub struct Registry {
    accounts: Accounts,
    opaque_key: [u8; 32],
    jwt_key: [u8; 32],
    /// The issuers that were asked, by their rules.
    issuers: Mutex<Vec<Arc<Issuer>>>,
    /// The memory of callers whom others vouch for.
    vouched: Arc<VouchedCallers>,
}

/// Issuers that are kept: one for each page of a policy, and room for those of the policy before it.
const ISSUERS_MAX: usize = 128;

impl Registry {
    /// Makes a registry over these accounts, hashing opaque credentials under the installation's key; whom others vouch
    /// for is remembered in `vouched`.
    pub fn new(accounts: Accounts, key: &Key, vouched: Arc<VouchedCallers>) -> Registry {
        Registry {
            accounts,
            opaque_key: key.opaque(),
            jwt_key: key.jwt(),
            issuers: Mutex::default(),
            vouched,
        }
    }

    fn issuer(&self, rules: &Arc<JwtRules>) -> Arc<Issuer> {
        let mut issuers = self.issuers.lock();
        let known = issuers
            .iter()
            .find(|issuer| Arc::ptr_eq(&issuer.rules, rules) || issuer.rules == *rules);
        if let Some(known) = known {
            return known.clone();
        }
        if issuers.len() == ISSUERS_MAX {
            issuers.remove(0);
        }
        let issuer = Arc::new(Issuer::new(rules.clone(), &self.jwt_key));
        issuers.push(issuer.clone());
        issuer
    }

    async fn jwt(&self, rules: &Arc<JwtRules>, secret: &str, now: Now) -> Result<Lookup, AuthorityFault> {
        let found = self.issuer(rules).lookup(secret, now).await;
        match found.map_err(|none| AuthorityFault(none.to_string()))? {
            Ok(Vouched::Apart(token)) => Ok(self.see(token)),
            Ok(Vouched::Own(claims)) => self.of_account(Claims::clone(&claims), now).await,
            Err(invalid) => Ok(Err(invalid)),
        }
    }

    fn see(&self, token: Arc<Token>) -> Lookup {
        self.vouched.see(token.clone());
        Ok(token)
    }

    /// The account that the claims name.
    async fn of_account(&self, claims: Claims, now: Now) -> Result<Lookup, AuthorityFault> {
        let account = self
            .accounts
            .lookup_user(&claims.user, now.wall_ms)
            .await
            .map_err(fault)?;
        let Some(account) = account else {
            return Ok(Err(Invalid::Unknown));
        };
        Ok(claims.of_account(&account).map(Arc::new).ok_or(Invalid::Unverified))
    }

    /// An opaque credential counts by its keyed hash; the credential itself is kept nowhere.
    fn opaque(&self, secret: &str) -> Arc<Token> {
        let name: String = mac(&self.opaque_key, secret.as_bytes())[..8]
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let name: Arc<str> = format!("{OPAQUE_PREFIX}{name}").into();
        Arc::new(Token {
            id: name.clone(),
            kind: TokenKind::Opaque,
            subject: name.clone(),
            user: name.clone(),
            tenant: name,
            plan: None,
            grants: Grants::All,
            expires_ms: None,
        })
    }
}

impl Authority for Registry {
    fn lookup<'a>(
        &'a self,
        source: &'a Source,
        secret: &'a str,
        now: Now,
    ) -> BoxFuture<'a, Result<Lookup, AuthorityFault>> {
        Box::pin(async move {
            match source {
                Source::Opaque => Ok(Ok(self.opaque(secret))),
                Source::Own => self.accounts.lookup(secret, now.wall_ms).await.map_err(fault),
                Source::Jwt(rules) => self.jwt(rules, secret, now).await,
                // Fields are no credential.
                Source::Header(_) => Ok(Err(Invalid::Malformed)),
            }
        })
    }

    fn vouched<'a>(
        &'a self,
        naming: &'a Naming,
        claims: Claims,
        now: Now,
    ) -> BoxFuture<'a, Result<Lookup, AuthorityFault>> {
        Box::pin(async move {
            match naming {
                Naming::Apart(prefix) => Ok(self.see(Arc::new(claims.apart(prefix)))),
                Naming::Own => self.of_account(claims, now).await,
            }
        })
    }

    fn exists(&self, resource: Resource) -> BoxFuture<'_, Result<bool, AuthorityFault>> {
        Box::pin(async move { self.accounts.resource_exists(resource).await.map_err(fault) })
    }
}

fn fault(error: tidegate_accounts::AccountsError) -> AuthorityFault {
    AuthorityFault(error.to_string())
}
