//! Login links: a way into the console that works once and not for long, so that no token is typed into a browser.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{Json, extract::State, http::StatusCode};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tidegate_core::time::Now;

use super::{
    Admin,
    problem::Problem,
    read::Body,
    secret::{Secret, SecretHash},
    staff::{Owner, Role, Staff},
};
use crate::explanation::instant;

/// The links that nobody used yet.
#[derive(Debug, Default)]
pub struct Links {
    open: Mutex<HashMap<SecretHash, Link>>,
}

/// Most links at once; when one more is made, the oldest is void.
pub const LINKS_MAX: usize = 64;

/// How long a link may be used.
pub const VALID_FOR: Duration = Duration::from_secs(15 * 60);

#[derive(Debug)]
struct Link {
    staff: Staff,
    made_ns: u64,
}

/// A link to make.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkCreate {
    /// Whom it is for, as the audit trail is to name them; without it, the role alone.
    #[serde(default)]
    #[schema(pattern = r"^[\p{L}\p{N}][\p{L}\p{N} ._@+-]{0,63}$")]
    pub name: Option<String>,
    /// `viewer`, `support` or `owner`; without it, `owner`.
    #[serde(default)]
    pub role: Option<Role>,
}

// No `Debug`: whoever has the path is let in.
/// A link just made.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LinkCreated {
    /// Path and query on this listener.
    pub path: String,
    /// Who logs in by it, as the audit trail will name them.
    pub staff: String,
    /// Until when it may be used, RFC 3339 in UTC.
    pub until: String,
}

/// Makes a login link for the console; it works once.
#[utoipa::path(post, path = "/console/links", tag = "console", request_body = LinkCreate, responses(
    (status = 201, description = "The link, shown this once.", body = LinkCreated),
    (status = 403, description = "The role is not owner.", body = Problem),
    (status = 422, description = "The name is not accepted.", body = Problem),
))]
pub async fn create(
    State(admin): State<Arc<Admin>>,
    Owner(staff): Owner,
    Body(new): Body<LinkCreate>,
) -> Result<(StatusCode, Json<LinkCreated>), Problem> {
    let role = new.role.unwrap_or(Role::Owner);
    let linked =
        Staff::linked(new.name.as_deref(), role).map_err(|why| Problem::new(StatusCode::UNPROCESSABLE_ENTITY, why))?;
    let now = admin.engine.clock.now();
    let detail = serde_json::json!({ "role": role }).to_string();
    admin
        .accounts
        .audit_note(&staff.actor(), "console.link", &linked.name, &detail, now.wall_ms)
        .await?;
    let made = admin.links.make(linked.clone(), now);
    let secret = made.map_err(|error| Problem::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string()))?;
    let valid_ms = i64::try_from(VALID_FOR.as_millis()).unwrap_or(i64::MAX);
    Ok((
        StatusCode::CREATED,
        Json(LinkCreated {
            path: path_of(&secret),
            staff: linked.name.to_string(),
            until: instant(now.wall_ms.saturating_add(valid_ms)),
        }),
    ))
}

/// Where a link leads, on the admin listener.
pub fn path_of(secret: &Secret) -> String {
    format!("/login?key={}", secret.reveal())
}

impl Links {
    /// Makes one.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn make(&self, staff: Staff, now: Now) -> Result<Secret, getrandom::Error> {
        let secret = Secret::fresh()?;
        let mut open = self.open.lock();
        open.retain(|_, link| link.is_valid(now));
        if open.len() >= LINKS_MAX {
            let oldest = open.iter().min_by_key(|(_, link)| link.made_ns).map(|(hash, _)| *hash);
            oldest.and_then(|hash| open.remove(&hash));
        }
        let link = Link {
            staff,
            made_ns: now.mono_ns,
        };
        open.insert(SecretHash::of(secret.reveal()), link);
        Ok(secret)
    }

    /// Whom a link is for; it is void from now on.
    pub fn redeem(&self, shown: &str, now: Now) -> Option<Staff> {
        let link = self.open.lock().remove(&SecretHash::of(shown))?;
        link.is_valid(now).then_some(link.staff)
    }
}

// === impl Link ===

impl Link {
    fn is_valid(&self, now: Now) -> bool {
        Duration::from_nanos(now.mono_ns.saturating_sub(self.made_ns)) < VALID_FOR
    }
}

#[cfg(test)]
mod tests;
