//! Handlers of forms that change something. Each calls the handler of the admin API, and redirects to a page that shows
//! the outcome.

use std::sync::Arc;

use axum::{Extension, Form, extract::State, http::StatusCode, response::Redirect};
use serde::Deserialize;

use super::session_check::local;
use crate::{
    admin::{
        Admin, OverrideSet, OverrideUnset, Pardon,
        auth::LoggedIn,
        extract::{Body, Path, Query},
        limits,
        problem::Problem,
        sockets,
        staff::{Owner, Support},
        stations, tokens, users,
    },
    human_time,
    url_encoding::escaped,
};

type Done = Result<Redirect, Problem>;

/// A form that has only a button.
#[derive(Deserialize)]
pub(super) struct Button {
    /// The page to go back to.
    back: String,
}

/// The form of a new override.
#[derive(Deserialize)]
pub(super) struct OverrideForm {
    limit: String,
    quota: String,
    /// The chosen moment; empty for no end.
    #[serde(default)]
    until: String,
    /// The day that was entered instead.
    #[serde(default)]
    day: String,
    #[serde(default)]
    reason: String,
}

/// The form that removes an override.
#[derive(Deserialize)]
pub(super) struct EndOverrideForm {
    limit: String,
    /// The user or tenant: `user …` or `tenant …`, as rows have it.
    scope: String,
    back: String,
}

/// The form of a pardon, for one limit or for all.
#[derive(Deserialize)]
pub(super) struct PardonForm {
    #[serde(default)]
    limit: String,
}

/// The form that shares a station.
#[derive(Deserialize)]
pub(super) struct ShareForm {
    with: String,
    back: String,
}

/// Sets an override for a caller.
pub(super) async fn set_override(
    State(admin): State<Arc<Admin>>,
    Extension(who): Extension<LoggedIn>,
    support: Support,
    Path(name): Path<String>,
    Form(new): Form<OverrideForm>,
) -> Done {
    let no_number = || format!("{:?} is not a quota: write a whole number", new.quota);
    let quota = new.quota.trim().replace(['_', ','], "");
    let set = OverrideSet {
        user: Some(name.clone()),
        tenant: None,
        quota: quota.parse().map_err(|_| unusable(no_number()))?,
        until_ms: new.until_ms()?,
        reason: filled(&new.reason),
    };
    limits::set(State(admin.clone()), support, Path(new.limit.clone()), Body(set)).await?;
    let said = format!("{} is {quota} for {name} from the next request on.", new.limit);
    Ok(who.told(&admin, said, &caller_path(&name)))
}

/// Removes an override.
pub(super) async fn end_override(
    State(admin): State<Arc<Admin>>,
    Extension(who): Extension<LoggedIn>,
    support: Support,
    Form(ended): Form<EndOverrideForm>,
) -> Done {
    let whose = match ended.scope.split_once(' ') {
        Some(("user", name)) => OverrideUnset {
            user: Some(name.to_owned()),
            tenant: None,
        },
        Some(("tenant", name)) => OverrideUnset {
            user: None,
            tenant: Some(name.to_owned()),
        },
        _ => OverrideUnset::default(),
    };
    limits::unset(State(admin.clone()), support, Path(ended.limit.clone()), Query(whose)).await?;
    let said = format!(
        "The override of {} for {} is removed from the next request on.",
        ended.limit, ended.scope
    );
    Ok(who.told(&admin, said, back(&ended.back)))
}

/// Clears what was counted of a caller.
pub(super) async fn pardon(
    State(admin): State<Arc<Admin>>,
    Extension(who): Extension<LoggedIn>,
    support: Support,
    Path(name): Path<String>,
    Form(forgiven): Form<PardonForm>,
) -> Done {
    let pardon = Pardon {
        limit: filled(&forgiven.limit),
    };
    let what = pardon.limit.clone().unwrap_or_else(|| "all limits".to_owned());
    let cleared = users::pardon(State(admin.clone()), support, Path(name.clone()), Body(pardon))
        .await?
        .0;
    let counts = match cleared.cells {
        0 => "nothing was counted".to_owned(),
        1 => "1 count was cleared".to_owned(),
        cells => format!("{cells} counts were cleared"),
    };
    Ok(who.told(
        &admin,
        format!("{name} is pardoned in {what}: {counts}."),
        &caller_path(&name),
    ))
}

/// Closes a socket.
pub(super) async fn close_socket(
    State(admin): State<Arc<Admin>>,
    Extension(who): Extension<LoggedIn>,
    support: Support,
    Path(id): Path<String>,
    Form(button): Form<Button>,
) -> Done {
    sockets::close(State(admin.clone()), support, Path(id.clone())).await?;
    Ok(who.told(
        &admin,
        format!("Socket {id} is closing; its slot is free."),
        back(&button.back),
    ))
}

/// Revokes a token.
pub(super) async fn revoke_token(
    State(admin): State<Arc<Admin>>,
    Extension(who): Extension<LoggedIn>,
    owner: Owner,
    Path(id): Path<String>,
    Form(button): Form<Button>,
) -> Done {
    tokens::revoke(State(admin.clone()), owner, Path(id.clone())).await?;
    Ok(who.told(
        &admin,
        format!("Token {id} is refused from the next request on."),
        back(&button.back),
    ))
}

/// Shares a station with another user.
pub(super) async fn share_station(
    State(admin): State<Arc<Admin>>,
    Extension(who): Extension<LoggedIn>,
    support: Support,
    Path(id): Path<i64>,
    Form(sharing): Form<ShareForm>,
) -> Done {
    let with = sharing.with.trim().to_owned();
    stations::share(State(admin.clone()), support, Path((id, with.clone()))).await?;
    Ok(who.told(
        &admin,
        format!("Station {id} is shared with {with}."),
        back(&sharing.back),
    ))
}

/// Ends a share.
pub(super) async fn unshare_station(
    State(admin): State<Arc<Admin>>,
    Extension(who): Extension<LoggedIn>,
    support: Support,
    Path(id): Path<i64>,
    Form(sharing): Form<ShareForm>,
) -> Done {
    stations::unshare(State(admin.clone()), support, Path((id, sharing.with.clone()))).await?;
    Ok(who.told(
        &admin,
        format!("Station {id} is no longer shared with {}.", sharing.with),
        back(&sharing.back),
    ))
}

fn caller_path(name: &str) -> String {
    format!("/console/callers/{}", escaped(name))
}

fn back(path: &str) -> &str {
    local(path).unwrap_or("/")
}

fn filled(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn unusable(detail: String) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
}

// === impl OverrideForm ===

impl OverrideForm {
    /// Returns the end of the override. An entered day goes before a chosen moment.
    fn until_ms(&self) -> Result<Option<i64>, Problem> {
        let said = filled(&self.day).or_else(|| filled(&self.until));
        said.map(|text| human_time::date(&text).map_err(unusable)).transpose()
    }
}
