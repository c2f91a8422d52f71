//! Handlers of the forms by which owners add users, tokens and stations. Each calls a handler of the admin API; where
//! that refuses, the form is shown again with its values and the error.

use std::{collections::BTreeMap, sync::Arc};

use askama::Template;
use axum::{
    Extension, Form, Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{
    callers, filters,
    form_state::{FormState, unusable},
    layout::{Page, shown},
    one_caller::{self, OneCaller, OwnerForms},
};
use crate::{
    admin::{
        Admin, StationAdd, TokenCreate, UserAdd,
        auth::LoggedIn,
        extract::{Body, Path, Query},
        problem::Problem,
        staff::Owner,
        stations, tokens, users,
    },
    human_time,
    url_encoding::escaped,
};

/// The page of a token that was created.
#[derive(Template)]
#[template(path = "console/token.html")]
struct CreatedToken {
    page: Page,
    user: String,
    name: String,
    id: String,
    token: String,
}

type Values = BTreeMap<String, String>;

/// The fields of the API's bodies, each with the field of the form that stands for it.
const OF_USER: [(&str, &str); 3] = [("user", "user"), ("tenant", "tenant"), ("plan", "plan")];
const OF_TOKEN: [(&str, &str); 6] = [
    ("kind", "kind"),
    ("name", "name"),
    ("stations", "stations"),
    ("expires_s", "day"),
    ("ends", "ends"),
    ("day", "day"),
];
const OF_STATION: [(&str, &str); 6] = [
    ("name", "name"),
    ("serial", "serial"),
    ("latitude", "latitude"),
    ("longitude", "longitude"),
    ("elevation_m", "elevation_m"),
    ("timezone", "timezone"),
];

/// Adds a user, and redirects to their page with the form of a token open.
pub(super) async fn user(
    State(admin): State<Arc<Admin>>,
    Extension(who): Extension<LoggedIn>,
    page: Page,
    owner: Owner,
    Form(values): Form<Values>,
) -> Result<Response, Problem> {
    let form = FormState::sent(values);
    let new = UserAdd {
        user: form.text("user"),
        tenant: form.filled("tenant"),
        plan: form.filled("plan"),
    };
    let name = new.user.clone();
    let is_new_tenant = new.tenant.is_none();
    match users::add(State(admin.clone()), owner, Body(new)).await {
        Ok(_) => {
            let said = format!("{name} is added. Create a token below to give them access.");
            let to = format!("/console/callers/{}?make=token#make-token", escaped(&name));
            Ok(who.told(&admin, said, &to).into_response())
        }
        Err(mut problem) => {
            if problem.field == Some("tenant") && is_new_tenant {
                problem.detail = format!(
                    "A tenant {name:?} exists already. Enter it here to add the user to it, or enter another tenant's name."
                );
            }
            let page = callers::page(&admin, page, String::new(), form.with(problem, &OF_USER)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// Creates a token or adds a station, as the form's address says.
pub(super) async fn of_caller(
    State(admin): State<Arc<Admin>>,
    Extension(who): Extension<LoggedIn>,
    page: Page,
    owner: Owner,
    Path(name): Path<String>,
    Query(asked): Query<one_caller::CallerQuery>,
    Form(values): Form<Values>,
) -> Result<Response, Problem> {
    let form = FormState::sent(values);
    let mut forms = OwnerForms::default();
    match asked.make.as_deref() {
        Some("token") => match token(&admin, owner, &name, &form).await {
            Ok(made) => {
                let made = CreatedToken {
                    page,
                    user: name,
                    name: form.text("name"),
                    id: made.id,
                    token: made.token,
                };
                return Ok((StatusCode::CREATED, shown(&made)?).into_response());
            }
            Err(problem) => forms.token = form.with(problem, &OF_TOKEN),
        },
        Some("station") => match station(&admin, owner, &name, &form).await {
            Ok(id) => {
                let said = format!("Station {id}, {}, is added for {name}.", form.text("name"));
                let to = format!("/console/callers/{}#stations", escaped(&name));
                return Ok(who.told(&admin, said, &to).into_response());
            }
            Err(problem) => forms.station = form.with(problem, &OF_STATION),
        },
        _ => return Err(Problem::new(StatusCode::NOT_FOUND, "there is no such form")),
    }
    let page = OneCaller::of(&admin, page, name, asked, forms).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, shown(&page)?).into_response())
}

async fn token(
    admin: &Arc<Admin>,
    owner: Owner,
    user: &str,
    form: &FormState,
) -> Result<tokens::TokenCreated, Problem> {
    let (kind, stations) = (form.filled("kind"), form.filled("stations"));
    let expires_s = ends(form, admin.now_ms())?;
    // The accounts refuse these too; here the messages fit the form.
    if kind.as_deref() == Some("development") && expires_s.is_none() {
        return Err(unusable(
            "ends",
            "A development token may become public, so it must have an end: choose one.",
        ));
    }
    if kind.as_deref() == Some("enterprise") && stations.is_none() {
        return Err(unusable(
            "stations",
            "An enterprise token must name its stations: write their ids, or all.",
        ));
    }
    let new = TokenCreate {
        user: user.to_owned(),
        kind,
        expires_s,
        stations,
        name: form.filled("name"),
    };
    let (_, Json(made)) = tokens::create(State(admin.clone()), owner, Body(new)).await?;
    Ok(made)
}

/// Returns the seconds until the token ends. An entered day goes before a chosen duration.
fn ends(form: &FormState, now_ms: i64) -> Result<Option<u64>, Problem> {
    if let Some(day) = form.filled("day") {
        let end_ms = human_time::date(&day).map_err(|why| unusable("day", why))?;
        let left_ms = u64::try_from(end_ms.saturating_sub(now_ms)).unwrap_or(0);
        return match left_ms.div_ceil(1_000) {
            0 => Err(unusable("day", format!("{day} has already begun: name a later day."))),
            secs => Ok(Some(secs)),
        };
    }
    let Some(chosen) = form.filled("ends") else {
        return Ok(None);
    };
    let chosen = human_time::span(&chosen).map_err(|why| unusable("ends", why))?;
    Ok(Some(chosen.as_secs()))
}

async fn station(admin: &Arc<Admin>, owner: Owner, user: &str, form: &FormState) -> Result<i64, Problem> {
    let new = StationAdd {
        user: user.to_owned(),
        name: form.text("name"),
        serial: form.filled("serial"),
        latitude: form.number("latitude", "degrees north, such as 51.5")?,
        longitude: form.number("longitude", "degrees east, such as -0.1")?,
        elevation_m: form.number("elevation_m", "metres above sea level, such as 35")?,
        timezone: form.filled("timezone"),
    };
    let (_, Json(added)) = stations::add(State(admin.clone()), owner, Body(new)).await?;
    Ok(added.station_id)
}
