//! Who a credential is: our own accounts, or for somebody else's API the keyed hash of whatever was shown.

use std::sync::Arc;

use futures_util::future::BoxFuture;
use tidegate_accounts::Accounts;
use tidegate_core::{
    identity::{Grants, Lookup, Resource, Source, Token, TokenKind},
    time::Now,
};
use tidegate_gateway::{Authority, AuthorityFault};

use crate::data_dir::{Key, mac};

/// What the names of opaque credentials begin with; ids of our own tokens never do.
pub const OPAQUE_PREFIX: &str = "credential-";

/// Answers the gate's question who somebody is.
#[derive(Debug)]
pub struct Registry {
    accounts: Accounts,
    opaque_key: [u8; 32],
}

impl Registry {
    /// Over these accounts, hashing opaque credentials under the installation's key.
    pub fn new(accounts: Accounts, key: &Key) -> Registry {
        Registry {
            accounts,
            opaque_key: key.opaque(),
        }
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
        source: Source,
        secret: &'a str,
        now: Now,
    ) -> BoxFuture<'a, Result<Lookup, AuthorityFault>> {
        Box::pin(async move {
            match source {
                Source::Opaque => Ok(Ok(self.opaque(secret))),
                Source::Own => self.accounts.lookup(secret, now.wall_ms).await.map_err(fault),
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
