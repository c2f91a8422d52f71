//! `observations/station/{id}`: a station's present conditions as one object with named members.

use super::Tempest;
use super::answer;
use super::conditions::{Conditions, sensors};
use super::current::Members;
use super::local_day::LocalDays;
use super::record::Field;
use super::units::{Quantity, Units};
use crate::fault::Fault;
use crate::query::Query;
use crate::reply::ReplyBody;
use http::Response;
use serde_json::{Value, json};

/// Values are metric, as the platform's are; `station_units` says what its owner likes to see.
pub(super) async fn answer(tempest: &Tempest<'_>, id: i64) -> Result<Response<ReplyBody>, Fault> {
    let station = tempest.station(id).await?;
    let days = LocalDays::in_zone(&station.timezone);
    let units = Units::from_query(&Query::default())?;
    let conditions = Conditions::load(tempest, &sensors(&station), &station, &days).await?;
    let obs: Vec<Value> = conditions.iter().map(|now| observation(now, &units)).collect();
    let outdoor_keys: Vec<String> = match obs.first().and_then(Value::as_object) {
        Some(members) => members.keys().cloned().collect(),
        None => Vec::new(),
    };
    Ok(answer::ok(&json!({
        "status": answer::status(obs.is_empty()),
        "station_id": station.id,
        "station_name": station.name,
        "public_name": station.name,
        "latitude": station.latitude,
        "longitude": station.longitude,
        "timezone": station.timezone,
        "elevation": station.elevation_m,
        "is_public": false,
        "station_units": units.station_units(),
        "outdoor_keys": outdoor_keys,
        "obs": obs,
    })))
}

fn observation(conditions: &Conditions, units: &Units) -> Value {
    let (latest, totals) = (&conditions.latest, &conditions.totals);
    let mut members = Members::new(units);
    members.put_value("timestamp", latest.epoch_s);
    for (name, field) in [
        ("air_temperature", Field::AirTemperature),
        ("barometric_pressure", Field::Pressure),
        ("station_pressure", Field::Pressure),
        ("relative_humidity", Field::RelativeHumidity),
        ("precip", Field::Rain),
        ("wind_avg", Field::WindAvg),
        ("wind_direction", Field::WindDirection),
        ("wind_gust", Field::WindGust),
        ("wind_lull", Field::WindLull),
        ("solar_radiation", Field::SolarRadiation),
        ("uv", Field::Uv),
        ("brightness", Field::Illuminance),
        ("lightning_strike_count", Field::StrikeCount),
    ] {
        members.put_field(name, latest, field);
    }
    let sea_level = conditions.derived.sea_level_pressure_mb;
    members.put("sea_level_pressure", Quantity::Pressure, sea_level, 1);
    members.put_trend(conditions);
    members.put_derived(conditions);
    if latest.get(Field::Rain).is_some() {
        let rain = Quantity::Precip;
        members.put("precip_accum_last_1hr", rain, Some(totals.rain_1h_mm), 4);
        for name in ["precip_accum_local_day", "precip_accum_local_day_final"] {
            members.put(name, rain, Some(totals.rain_today_mm), 4);
        }
        for name in ["precip_accum_local_yesterday", "precip_accum_local_yesterday_final"] {
            members.put(name, rain, Some(totals.rain_yesterday_mm), 4);
        }
        members.put_value("precip_analysis_type_yesterday", 0);
        let plain = Quantity::Plain;
        members.put("precip_minutes_local_day", plain, Some(totals.rain_minutes_today), 0);
        for name in ["precip_minutes_local_yesterday", "precip_minutes_local_yesterday_final"] {
            members.put(name, plain, Some(totals.rain_minutes_yesterday), 0);
        }
    }
    if latest.get(Field::StrikeCount).is_some() {
        let plain = Quantity::Plain;
        members.put("lightning_strike_count_last_1hr", plain, Some(totals.strikes_1h), 0);
        members.put("lightning_strike_count_last_3hr", plain, Some(totals.strikes_3h), 0);
    }
    if let Some((epoch_s, distance_km)) = totals.last_strike {
        members.put(
            "lightning_strike_last_distance",
            Quantity::Distance,
            Some(distance_km),
            0,
        );
        members.put_value("lightning_strike_last_epoch", epoch_s);
    }
    Value::Object(members.map)
}
