//! Stations: adds, lists, shares and unshares them.

use std::sync::Arc;

use axum::{Json, extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use tidegate_accounts::NewStation;

use super::{
    Admin,
    extract::{Body, Path},
    problem::Problem,
    staff::{Owner, Support},
};

/// A station to add.
#[derive(Clone, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StationAdd {
    /// The name of the user who owns it.
    pub user: String,
    /// The name of the station.
    pub name: String,
    /// The serial number of its device, e.g. `ST-00000512`.
    #[serde(default)]
    pub serial: Option<String>,
    /// Degrees north.
    #[serde(default)]
    pub latitude: Option<f64>,
    /// Degrees east.
    #[serde(default)]
    pub longitude: Option<f64>,
    /// Metres above sea level.
    #[serde(default)]
    pub elevation_m: Option<f64>,
    /// IANA name of its time zone.
    #[serde(default)]
    pub timezone: Option<String>,
}

/// The ids of a station that was added.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct StationAdded {
    /// The station's id.
    pub station_id: i64,
    /// The id of its device.
    pub device_id: i64,
}

/// Adds a station with its device.
#[utoipa::path(post, path = "/stations", tag = "stations", request_body = StationAdd, responses(
    (status = 201, description = "The ids of the station and its device.", body = StationAdded),
    (status = 404, description = "There is no such user.", body = Problem),
    (status = 409, description = "The serial number is taken.", body = Problem),
    (status = 422, description = "A value is not accepted.", body = Problem),
))]
pub async fn add(
    State(admin): State<Arc<Admin>>,
    Owner(staff): Owner,
    Body(new): Body<StationAdd>,
) -> Result<(StatusCode, Json<StationAdded>), Problem> {
    if let Some(zone) = new
        .timezone
        .as_deref()
        .filter(|zone| jiff::tz::TimeZone::get(zone).is_err())
    {
        let detail = format!("{zone:?} is not a time zone: write an IANA name, such as America/Denver");
        return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail).about("timezone"));
    }
    let new = NewStation {
        user: new.user,
        name: new.name,
        serial: new.serial,
        latitude: new.latitude,
        longitude: new.longitude,
        elevation_m: new.elevation_m,
        timezone: new.timezone,
    };
    let (station_id, device_id) = admin.accounts.station_add(&staff.actor(), new, admin.now_ms()).await?;
    Ok((StatusCode::CREATED, Json(StationAdded { station_id, device_id })))
}

/// A station, as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct StationRow {
    /// The id of the station.
    pub station_id: i64,
    /// The name of the station.
    pub name: String,
    /// The serial numbers of its devices, those that have one.
    pub serials: Vec<String>,
    /// The users whom it is shared with.
    pub shared_with: Vec<String>,
}

/// Lists a user's own stations, by id. A vouched caller owns none.
#[utoipa::path(get, path = "/users/{name}/stations", tag = "stations", params(("name" = String, Path, description = "The user's name.")), responses(
    (status = 200, description = "The stations.", body = Vec<StationRow>),
    (status = 404, description = "There is no such user.", body = Problem),
))]
pub async fn of_user(
    State(admin): State<Arc<Admin>>,
    Path(name): Path<String>,
) -> Result<Json<Vec<StationRow>>, Problem> {
    let caller = admin.caller(&name).await?;
    let mut rows = Vec::new();
    for station in admin.accounts.stations_of(&caller.name).await? {
        rows.push(StationRow {
            shared_with: admin.accounts.station_shares(station.id).await?,
            station_id: station.id,
            name: station.name,
            serials: station
                .devices
                .into_iter()
                .filter_map(|device| device.serial_number)
                .collect(),
        });
    }
    Ok(Json(rows))
}

/// Shares a station with another user, who can read it from their next request on.
#[utoipa::path(put, path = "/stations/{id}/shares/{user}", tag = "stations",
    params(("id" = i64, Path, description = "The id of the station."), ("user" = String, Path, description = "The name of the user to share with.")),
    responses((status = 204, description = "The station is shared."), (status = 404, description = "There is no such station or user.", body = Problem)))]
pub async fn share(
    State(admin): State<Arc<Admin>>,
    Support(staff): Support,
    Path((id, user)): Path<(i64, String)>,
) -> Result<StatusCode, Problem> {
    admin
        .accounts
        .station_share(&staff.actor(), id, &user, admin.now_ms())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends a share, from the next request on.
#[utoipa::path(delete, path = "/stations/{id}/shares/{user}", tag = "stations",
    params(("id" = i64, Path, description = "The id of the station."), ("user" = String, Path, description = "The name of the user to share with.")),
    responses((status = 204, description = "The station is not shared with the user."), (status = 404, description = "There is no such station or user.", body = Problem)))]
pub async fn unshare(
    State(admin): State<Arc<Admin>>,
    Support(staff): Support,
    Path((id, user)): Path<(i64, String)>,
) -> Result<StatusCode, Problem> {
    admin
        .accounts
        .station_unshare(&staff.actor(), id, &user, admin.now_ms())
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
