//! Members of staff and their roles.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, request::Parts},
};
use serde::{Deserialize, Serialize};
use tidegate_accounts::Actor;

use super::problem::Problem;

/// The role of a member of staff. Each role may do everything that the roles before it may.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum, utoipa::ToSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// See everything, change nothing
    Viewer,
    /// Also override, pardon, close sockets and share stations
    Support,
    /// Also users, tokens, stations, reload and login links
    Owner,
}

/// The member of staff who makes a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Staff {
    /// The name, as the audit trail has it.
    pub name: Arc<str>,
    /// The role.
    pub role: Role,
}

/// Staff with at least the role `support`: they may set overrides, pardon, close sockets and share stations.
#[derive(Clone, Debug)]
pub struct Support(pub Staff);

/// Staff with the role `owner`: they may do everything.
#[derive(Clone, Debug)]
pub struct Owner(pub Staff);

/// The most characters of the name on a login link.
pub const NAME_CHARS_MAX: usize = 64;

impl Staff {
    /// Returns the staff member that the admin token stands for.
    pub fn admin() -> Staff {
        Staff {
            name: "admin".into(),
            role: Role::Owner,
        }
    }

    /// Returns the staff member whom a login link is for: `anna (support)`, and without a name the role alone.
    ///
    /// # Errors
    /// Says what would be right, where the name is not accepted.
    pub fn linked(name: Option<&str>, role: Role) -> Result<Staff, String> {
        let Some(name) = name else {
            return Ok(Staff {
                name: role.as_str().into(),
                role,
            });
        };
        let allowed = |c: char| c.is_alphanumeric() || " ._@+-".contains(c);
        let begins = name.chars().next().is_some_and(char::is_alphanumeric);
        if !begins || !name.chars().all(allowed) || name.chars().count() > NAME_CHARS_MAX {
            return Err(format!(
                "{name:?} cannot be a name in the audit trail: write 1 to {NAME_CHARS_MAX} letters, digits, spaces and . _ @ + -, \
                 beginning with a letter or digit"
            ));
        }
        Ok(Staff {
            name: format!("{name} ({})", role.as_str()).into(),
            role,
        })
    }

    /// Returns the actor for the audit trail.
    pub fn actor(&self) -> Actor {
        Actor(self.name.to_string())
    }

    /// Returns true when they have this role or a higher one.
    pub fn may(&self, role: Role) -> bool {
        self.role >= role
    }

    fn require(self, role: Role) -> Result<Staff, Problem> {
        if self.may(role) {
            return Ok(self);
        }
        let detail = format!(
            "this requires the role {}, and {} has the role {}",
            role.as_str(),
            self.name,
            self.role.as_str()
        );
        Err(Problem::new(StatusCode::FORBIDDEN, detail))
    }
}

impl Role {
    /// Returns the word in links, pages and the audit trail.
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Viewer => "viewer",
            Role::Support => "support",
            Role::Owner => "owner",
        }
    }
}

// A middleware adds the staff member to the request's extensions; without it, this extractor refuses.
impl<S: Send + Sync> FromRequestParts<S> for Staff {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Staff, Problem> {
        let staff = parts.extensions.get::<Staff>().cloned();
        staff.ok_or_else(|| Problem::new(StatusCode::UNAUTHORIZED, "nobody is logged in"))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Support {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Support, Problem> {
        let staff = Staff::from_request_parts(parts, state).await?;
        staff.require(Role::Support).map(Support)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Owner {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Owner, Problem> {
        let staff = Staff::from_request_parts(parts, state).await?;
        staff.require(Role::Owner).map(Owner)
    }
}
