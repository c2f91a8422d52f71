//! The caller's stations and their shares.

use http::{Response, StatusCode};
use serde::Serialize;
use serde_json::json;
use tidegate_accounts::{AccountsError, Actor, STATION, Scope, Station};
use tidegate_gateway::Body;

use super::{Pages, page_error::PageError, page_request::PageRequest, response, tokens};
use crate::form_body;

/// The most stations that one page lists.
const STATIONS_MAX: u32 = 200;

/// A station that the caller can read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OwnStation {
    /// The id of the station.
    pub station_id: i64,
    /// The name of the station.
    pub name: String,
    /// The user who owns it.
    pub owner: String,
    /// True when the caller owns it and may share it.
    pub own: bool,
    /// The users whom it is shared with; empty for a station of another user.
    pub shared_with: Vec<String>,
}

/// Lists the stations that the caller can read.
pub async fn list(pages: &Pages, visit: &PageRequest) -> Result<Response<Body>, PageError> {
    visit.owner()?;
    Ok(response::json(StatusCode::OK, &json!(rows(pages, visit).await?)))
}

/// Returns the rows; an anonymous caller has none.
pub async fn rows(pages: &Pages, visit: &PageRequest) -> Result<Vec<OwnStation>, AccountsError> {
    let Some(known) = visit.identity.known() else {
        return Ok(Vec::new());
    };
    let scope = Scope::from(&known.token.grants);
    let stations = pages.accounts.stations_in(&scope, STATIONS_MAX).await?;
    let is_own = |station: &Station| *station.owner == *known.token.user;
    let own: Vec<i64> = stations
        .iter()
        .filter(|station| is_own(station))
        .map(|station| station.id)
        .collect();
    let mut shares = pages.accounts.shares_of(&own).await?;
    let rows = stations.into_iter().map(|station| OwnStation {
        station_id: station.id,
        own: is_own(&station),
        shared_with: shares.remove(&station.id).unwrap_or_default(),
        name: station.name,
        owner: station.owner,
    });
    Ok(rows.collect())
}

/// Shares one of the caller's own stations with another user, who can read it from their next request on.
pub async fn share(pages: &Pages, visit: &PageRequest, id: &str, with: &str) -> Result<Response<Body>, PageError> {
    let (user, id) = own(pages, visit, id).await?;
    let actor = Actor(user.to_owned());
    pages
        .accounts
        .station_share(&actor, id, with, visit.now.wall_ms)
        .await?;
    Ok(response::done(visit))
}

/// Shares a station with the user that a form names.
pub async fn share_by_form(
    pages: &Pages,
    visit: &PageRequest,
    id: &str,
    body: Body,
) -> Result<Response<Body>, PageError> {
    let values = form_body::read(&visit.head.headers, body)
        .await
        .map_err(PageError::unread)?;
    match values
        .get("user")
        .map(|user| user.trim())
        .filter(|user| !user.is_empty())
    {
        Some(user) => share(pages, visit, id, user).await,
        None => Err(PageError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "`user` is missing: name a user with an account.",
        )),
    }
}

/// Ends a share. Open sockets that listen to the station by it are told within two seconds.
pub async fn unshare(pages: &Pages, visit: &PageRequest, id: &str, with: &str) -> Result<Response<Body>, PageError> {
    let (user, id) = own(pages, visit, id).await?;
    let actor = Actor(user.to_owned());
    pages
        .accounts
        .station_unshare(&actor, id, with, visit.now.wall_ms)
        .await?;
    Ok(response::done(visit))
}

/// Returns the caller and their station. A station that they cannot even read is answered like one that does not exist.
async fn own<'v>(pages: &Pages, visit: &'v PageRequest, id: &str) -> Result<(&'v str, i64), PageError> {
    let (user, _) = tokens::whole(pages, visit).await?;
    let unknown = || PageError::new(StatusCode::NOT_FOUND, "You have no station with this id.");
    let id: i64 = id.parse().map_err(|_| unknown())?;
    if !visit.known()?.token.grants.allow(STATION.of(id)) {
        return Err(unknown());
    }
    pages.accounts.require_owner(id, user).await?;
    Ok((user, id))
}
