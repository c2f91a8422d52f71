//! Lookup of a caller by name: a user with an account, or a vouched caller that was seen.

use std::sync::Arc;

use http::StatusCode;
use tidegate_accounts::User;
use tidegate_core::identity::{Grants, Identity, Known, Token, TokenKind};

use super::{Admin, problem::Problem};

/// A caller whose counts, sockets and refusals staff can look at.
pub(crate) struct Caller {
    /// The name that the caller counts by.
    pub(crate) name: String,
    tenant: Arc<str>,
    plan: Option<Arc<str>>,
    is_vouched: bool,
}

impl Admin {
    /// Finds the caller of a name; the problem is 404 where there is none.
    pub(crate) async fn caller(&self, name: &str) -> Result<Caller, Problem> {
        if let Some(user) = self.accounts.user(name).await? {
            return Ok(user.into());
        }
        if let Some(token) = self.vouched.seen(name) {
            return Ok(Caller {
                name: name.to_owned(),
                tenant: token.tenant.clone(),
                plan: token.plan.clone(),
                is_vouched: true,
            });
        }
        let detail = format!("there is no user {name:?}, and no vouched caller of that name was seen recently");
        Err(Problem::new(StatusCode::NOT_FOUND, detail))
    }
}

// === impl Caller ===

impl Caller {
    /// Returns the caller's organisation.
    pub(crate) fn tenant(&self) -> &str {
        &self.tenant
    }

    /// Returns the plan that the caller bought.
    pub(crate) fn plan(&self) -> Option<&str> {
        self.plan.as_deref()
    }

    /// Returns true when an issuer or a proxy names the caller, and false when they have an account here.
    pub(crate) fn is_vouched(&self) -> bool {
        self.is_vouched
    }

    /// Returns the identity that a request with the caller's own token would have.
    pub(super) fn as_known(&self) -> Identity {
        let name: Arc<str> = self.name.as_str().into();
        let token = Token {
            id: "none".into(),
            kind: TokenKind::Personal,
            subject: name.clone(),
            user: name,
            tenant: self.tenant.clone(),
            plan: self.plan.clone(),
            grants: Grants::Only(Default::default()),
            expires_ms: None,
        };
        Identity::Known(Known {
            token: Arc::new(token),
            app: None,
        })
    }
}

impl From<User> for Caller {
    fn from(user: User) -> Caller {
        Caller {
            name: user.name,
            tenant: user.tenant.into(),
            plan: user.plan.map(Into::into),
            is_vouched: false,
        }
    }
}
