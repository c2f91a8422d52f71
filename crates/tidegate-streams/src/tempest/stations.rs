//! `stations`, `stations/{id}`: what the directory knows.

use super::Tempest;
use super::answer;
use super::local_day::LocalDays;
use crate::directory::{Device, Station};
use crate::fault::Fault;
use crate::reply::ReplyBody;
use http::Response;
use serde_json::{Value, json};

pub(super) async fn all(tempest: &Tempest<'_>) -> Result<Response<ReplyBody>, Fault> {
    let scope = &tempest.caller.stations;
    let stations = tempest.directory.stations(scope).await?;
    let stations: Vec<_> = stations
        .iter()
        .filter(|station| scope.allows(station.id))
        .map(|station| describe(station, tempest.now_s()))
        .collect();
    Ok(listed(stations))
}

pub(super) async fn one(tempest: &Tempest<'_>, id: i64) -> Result<Response<ReplyBody>, Fault> {
    let station = tempest.station(id).await?;
    Ok(listed(vec![describe(&station, tempest.now_s())]))
}

fn listed(stations: Vec<Value>) -> Response<ReplyBody> {
    answer::ok(&json!({"stations": stations, "status": answer::status(false)}))
}

fn describe(station: &Station, now_s: i64) -> Value {
    let days = LocalDays::in_zone(&station.timezone);
    let created_s = station.created_ms.div_euclid(1_000);
    let devices: Vec<_> = station.devices.iter().map(|device| sensor(device, station)).collect();
    let items = station.devices.iter().flat_map(measures);
    let items: Vec<_> = items
        .enumerate()
        .map(|(sort, (device, item))| {
            json!({
                "item": item,
                "device_id": device.id,
                "station_id": station.id,
                "location_id": station.id,
                "location_item_id": item_id(station, sort),
                "station_item_id": item_id(station, sort),
                "sort": sort,
            })
        })
        .collect();
    json!({
        "station_id": station.id,
        "location_id": station.id,
        "name": station.name,
        "public_name": station.name,
        "latitude": station.latitude,
        "longitude": station.longitude,
        "timezone": station.timezone,
        "timezone_offset_minutes": days.offset_minutes(now_s),
        "created_epoch": created_s,
        "last_modified_epoch": created_s,
        "is_local_mode": false,
        "station_meta": {
            "elevation": station.elevation_m,
            "share_with_wf": false,
            "share_with_wu": false,
        },
        "devices": devices,
        "station_items": items,
    })
}

/// The platform numbers items by itself; ours follow from the station, so that they stay the same.
fn item_id(station: &Station, sort: usize) -> i64 {
    station.id.saturating_mul(100).saturating_add(sort as i64)
}

/// Revisions are empty: hubs tell theirs, the directory keeps none.
fn sensor(device: &Device, station: &Station) -> Value {
    let indoor = device.kind == "HB";
    let mut sensor = json!({
        "device_id": device.id,
        "serial_number": device.serial_number,
        "device_type": device.kind,
        "hardware_revision": "",
        "firmware_revision": "",
        "location_id": station.id,
        "device_meta": {
            "agl": 0.0,
            "environment": if indoor { "indoor" } else { "outdoor" },
            "name": station.name,
            "wifi_network_name": "",
        },
    });
    if !indoor {
        sensor["device_settings"] = json!({"show_precip_final": false});
    }
    sensor
}

fn measures(device: &Device) -> impl Iterator<Item = (&Device, &'static str)> {
    let items: &[&str] = match device.kind.as_str() {
        "ST" => &[
            "air_temperature_humidity",
            "barometric_pressure",
            "light",
            "lightning",
            "rain",
            "wind",
            "diagnostics",
        ],
        "AR" => &[
            "air_temperature_humidity",
            "barometric_pressure",
            "lightning",
            "diagnostics",
        ],
        "SK" => &["light", "rain", "wind", "diagnostics"],
        _ => &["diagnostics"],
    };
    items.iter().map(move |item| (device, *item))
}
