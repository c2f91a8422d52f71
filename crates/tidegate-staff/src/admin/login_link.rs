//! Login links for the console. A link works once and for a short time, so that nobody types a token into a browser.

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{Json, extract::State, http::StatusCode};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tidegate_core::time::Now;

use super::{
    Admin,
    extract::Body,
    login_secret::{Secret, SecretHash},
    problem::Problem,
    staff::{Owner, Role, Staff},
};
use crate::explanation::instant;

/// The links that are not used yet.
#[derive(Debug, Default)]
pub struct Links {
    open: Mutex<HashMap<SecretHash, Link>>,
}

/// The most links at once; one more voids the oldest.
pub const LINKS_MAX: usize = 64;

/// The time within which a link may be used.
pub const VALID_FOR: Duration = Duration::from_secs(15 * 60);

#[derive(Debug)]
struct Link {
    staff: Staff,
    made_ns: u64,
}

/// A login link to create.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LinkCreate {
    /// The person whom the link is for, as the audit trail is to name them. Without it, the trail names the role alone.
    #[serde(default)]
    #[schema(pattern = r"^[\p{L}\p{N}][\p{L}\p{N} ._@+-]{0,63}$")]
    pub name: Option<String>,
    /// The role: `viewer`, `support` or `owner`; the default is `owner`.
    #[serde(default)]
    pub role: Option<Role>,
}

// No `Debug`: whoever has the path can log in.
/// A login link that was created.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LinkCreated {
    /// The path and query on this listener.
    pub path: String,
    /// The person who logs in by it, as the audit trail will name them.
    pub staff: String,
    /// The time until which the link may be used, RFC 3339 in UTC.
    pub until: String,
}

/// Creates a login link for the console. It works once.
#[utoipa::path(post, path = "/console/links", tag = "console", request_body = LinkCreate, responses(
    (status = 201, description = "The link. It is shown only once.", body = LinkCreated),
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

/// Returns the path and query of a link on the admin listener.
pub fn path_of(secret: &Secret) -> String {
    format!("/login?key={}", secret.reveal())
}

impl Links {
    /// Creates a link.
    ///
    /// # Errors
    /// Fails when the system has no randomness to give.
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

    /// Uses up a link and returns the member of staff whom it is for.
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
