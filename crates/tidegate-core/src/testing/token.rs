//! A token for a test, and the identity it gives.

use std::sync::Arc;

use crate::identity::{Grants, Identity, Known, Token, TokenKind};

/// A [`Token`] under construction.
#[derive(Debug)]
pub struct TokenBuilder(Token);

/// Begins a personal token of this user of the tenant `acme`, by the user's name, that may reach everything for ever.
pub fn token(user: &str) -> TokenBuilder {
    TokenBuilder(Token {
        id: user.into(),
        kind: TokenKind::Personal,
        subject: user.into(),
        user: user.into(),
        tenant: "acme".into(),
        plan: None,
        grants: Grants::All,
        expires_ms: None,
    })
}

impl TokenBuilder {
    /// Has this public id.
    pub fn id(mut self, id: &str) -> TokenBuilder {
        self.0.id = id.into();
        self
    }

    /// Sets the kind.
    pub fn kind(mut self, kind: TokenKind) -> TokenBuilder {
        self.0.kind = kind;
        self
    }

    /// Belongs to this organisation.
    pub fn tenant(mut self, tenant: &str) -> TokenBuilder {
        self.0.tenant = tenant.into();
        self
    }

    /// Belongs to somebody who bought this, if anything.
    pub fn plan(mut self, plan: Option<&str>) -> TokenBuilder {
        self.0.plan = plan.map(Into::into);
        self
    }

    /// Ends the construction.
    pub fn build(mut self) -> Arc<Token> {
        if self.0.kind.is_own_subject() {
            self.0.subject = self.0.id.clone();
        }
        Arc::new(self.0)
    }

    /// Ends the construction with who shows it, without an app key.
    pub fn known(self) -> Identity {
        Identity::Known(Known {
            token: self.build(),
            app: None,
        })
    }
}
