//! Adding a station with its device.

use serde_json::json;

use super::NewStation;
use crate::{Accounts, AccountsError, Actor, audited_change::check_room, users, validation};

/// The time zone of a station that was not given one.
const TIMEZONE_DEFAULT: &str = "UTC";

impl Accounts {
    /// Adds a station and its device; returns `(station_id, device_id)`.
    ///
    /// Errors: `NoSuchUser`, `BadName`, `OutOfRange`, `SerialTaken`, `TooMany`.
    pub async fn station_add(&self, actor: &Actor, new: NewStation, now_ms: i64) -> Result<(i64, i64), AccountsError> {
        let name = validation::STATION_NAME.check(&new.name)?;
        let serial = new
            .serial
            .as_deref()
            .map(|serial| validation::SERIAL.check(serial))
            .transpose()?;
        let timezone = validation::TIMEZONE.check(new.timezone.as_deref().unwrap_or(TIMEZONE_DEFAULT))?;
        let latitude = within("a latitude", new.latitude, 90.0, "degrees from -90 to 90")?;
        let longitude = within("a longitude", new.longitude, 180.0, "degrees from -180 to 180")?;
        let elevation_m = elevation(new.elevation_m)?;

        let mut change = self.change(actor, now_ms).await?;
        users::require(change.connection(), &new.user).await?;
        let held: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM stations WHERE owner = $1")
            .bind(&new.user)
            .fetch_one(change.connection())
            .await?;
        check_room("stations of this user", held, self.inner.bounds.stations_per_user)?;
        let station_id: i64 = sqlx::query_scalar(
            "INSERT INTO stations (name, owner, latitude, longitude, elevation_m, timezone, created_ms) \
             VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
        )
        .bind(name)
        .bind(&new.user)
        .bind(latitude)
        .bind(longitude)
        .bind(elevation_m)
        .bind(timezone)
        .bind(now_ms)
        .fetch_one(change.connection())
        .await?;
        let device_id: Option<i64> = sqlx::query_scalar(
            "INSERT INTO devices (station_id, serial_number, kind) VALUES ($1, $2, $3) \
             ON CONFLICT (serial_number) DO NOTHING RETURNING id",
        )
        .bind(station_id)
        .bind(serial)
        .bind(kind(serial))
        .fetch_optional(change.connection())
        .await?;
        let Some(device_id) = device_id else {
            return Err(AccountsError::SerialTaken {
                serial: serial.unwrap_or_default().to_owned(),
            });
        };
        let mut detail = json!({ "user": new.user, "name": name, "device_id": device_id });
        if let Some(serial) = serial {
            detail["serial"] = serial.into();
        }
        change.commit("station.add", &station_id.to_string(), detail).await?;
        Ok((station_id, device_id))
    }
}

/// Returns the device's kind by its serial number's prefix.
fn kind(serial: Option<&str>) -> &'static str {
    const KIND_DEFAULT: &str = "ST";
    let serial = serial.unwrap_or_default();
    ["ST", "AR", "SK", "HB"]
        .into_iter()
        .find(|kind| serial.strip_prefix(kind).is_some_and(|rest| rest.starts_with('-')))
        .unwrap_or(KIND_DEFAULT)
}

fn within(what: &'static str, given: Option<f64>, most: f64, rule: &'static str) -> Result<f64, AccountsError> {
    let value = given.unwrap_or(0.0);
    // Not a number is within nothing, so it is refused too.
    if value.abs() <= most {
        Ok(value)
    } else {
        Err(out_of_range(what, value, rule))
    }
}

fn elevation(given: Option<f64>) -> Result<f64, AccountsError> {
    let value = given.unwrap_or(0.0);
    if (-500.0..=9_000.0).contains(&value) {
        Ok(value)
    } else {
        Err(out_of_range("an elevation", value, "metres from -500 to 9000"))
    }
}

fn out_of_range(what: &'static str, value: f64, rule: &'static str) -> AccountsError {
    AccountsError::OutOfRange {
        what,
        given: value.to_string(),
        rule,
    }
}
