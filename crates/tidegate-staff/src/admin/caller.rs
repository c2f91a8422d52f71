//! Whom a name means: one of our users, or somebody that others vouch for and who was seen.

use std::sync::Arc;

use http::StatusCode;
use tidegate_accounts::User;
use tidegate_core::identity::{Grants, Identity, Known, Token, TokenKind};

use super::{Admin, problem::Problem};

/// Somebody whose counts, sockets and refusals can be looked at.
pub(crate) struct Caller {
    /// The name they count by.
    pub(crate) name: String,
    tenant: Arc<str>,
    plan: Option<Arc<str>>,
    is_vouched: bool,
}

impl Admin {
    /// The caller of a name, or the problem that there is none.
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
    /// Their organisation.
    pub(crate) fn tenant(&self) -> &str {
        &self.tenant
    }

    /// What they bought.
    pub(crate) fn plan(&self) -> Option<&str> {
        self.plan.as_deref()
    }

    /// Whether others name them; if not, they have an account here.
    pub(crate) fn is_vouched(&self) -> bool {
        self.is_vouched
    }

    /// As a request with their own token would be counted.
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
