//! `observations/stn/{id}`: a station's history, chosen fields in chosen units.

use super::Tempest;
use super::answer;
use super::bucket::Bucket;
use super::conditions::{Derived, round, sensors};
use super::current::quantity;
use super::local_day::LocalDays;
use super::period::Period;
use super::record::{Field, Reading, number};
use super::series;
use super::units::{Quantity, Units};
use crate::directory::Station;
use crate::fault::Fault;
use crate::query::{Query, clip};
use crate::reply::ReplyBody;
use http::Response;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The source of a column's value.
#[derive(Clone, Copy)]
enum Source {
    Epoch,
    Measured(Field),
    Derived(Quantity, fn(&Derived) -> Option<f64>),
}

use Source::{Derived as D, Epoch, Measured as M};

/// The columns of an answer without `obs_fields`, in its order.
const DEFAULT_COLUMNS: [(&str, Source); 20] = [
    ("timestamp", Epoch),
    ("report_interval", M(Field::ReportInterval)),
    ("wind_lull", M(Field::WindLull)),
    ("wind_avg", M(Field::WindAvg)),
    ("wind_gust", M(Field::WindGust)),
    ("wind_dir", M(Field::WindDirection)),
    ("station_pressure", M(Field::Pressure)),
    ("sea_level_pressure", D(Quantity::Pressure, |d| d.sea_level_pressure_mb)),
    ("air_temp", M(Field::AirTemperature)),
    ("rh", M(Field::RelativeHumidity)),
    ("illuminance", M(Field::Illuminance)),
    ("uv", M(Field::Uv)),
    ("solar_radiation", M(Field::SolarRadiation)),
    ("precip_accumulation", M(Field::Rain)),
    ("local_day_precip_accumulation", M(Field::DayRain)),
    ("precip_type", M(Field::PrecipType)),
    ("strike_count", M(Field::StrikeCount)),
    ("strike_distance", M(Field::StrikeDistance)),
    ("nc_precip_accumulation", M(Field::NearcastRain)),
    ("nc_local_day_precip_accumulation", M(Field::NearcastDayRain)),
];

/// Columns that are there when asked for: what follows from measured values, and the names the other
/// answers use.
const MORE_COLUMNS: [(&str, Source); 13] = [
    ("air_temperature", M(Field::AirTemperature)),
    ("relative_humidity", M(Field::RelativeHumidity)),
    ("wind_direction", M(Field::WindDirection)),
    ("battery", M(Field::Battery)),
    ("dew_point", D(Quantity::Temperature, |d| d.dew_point_c)),
    ("wet_bulb_temperature", D(Quantity::Temperature, |d| d.wet_bulb_c)),
    (
        "wet_bulb_globe_temperature",
        D(Quantity::Temperature, |d| d.wet_bulb_globe_c),
    ),
    ("delta_t", D(Quantity::TemperatureDelta, |d| d.delta_t_c)),
    ("heat_index", D(Quantity::Temperature, |d| d.heat_index_c)),
    ("wind_chill", D(Quantity::Temperature, |d| d.wind_chill_c)),
    ("feels_like", D(Quantity::Temperature, |d| d.feels_like_c)),
    ("air_density", D(Quantity::Plain, |d| d.air_density_kg_m3)),
    ("brightness", M(Field::Illuminance)),
];

const DAY_S: i64 = 86_400;

pub(super) async fn answer(tempest: &Tempest<'_>, id: i64, query: &Query) -> Result<Response<ReplyBody>, Fault> {
    let station = tempest.station(id).await?;
    let units = Units::from_query(query)?;
    let columns = columns(query.filled("obs_fields"))?;
    let asked = Period::from_query(query, tempest.now_s())?;
    // Without a range the answer is the last record of the last day.
    let period = asked.unwrap_or(Period {
        start_s: tempest.now_s() - DAY_S,
        end_s: tempest.now_s() + DAY_S,
    });
    let bucket = Bucket::from_query(query, asked.map_or(0, Period::seconds))?;
    let mut readings = readings(tempest, &station, period, bucket).await?;
    if asked.is_none() {
        readings.drain(..readings.len().saturating_sub(1));
    }
    let records: Vec<Value> = readings
        .iter()
        .map(|reading| record(reading, &columns, &units, station.elevation_m))
        .collect();
    Ok(answer::ok(&json!({
        "status": answer::status(records.is_empty()),
        "station_id": station.id,
        "type": "obs_st",
        "source": "db",
        "timezone": station.timezone,
        "bucket_step_minutes": bucket.step_minutes(),
        "units": units.station_units(),
        "ob_fields": columns.iter().map(|(name, _)| *name).collect::<Vec<_>>(),
        "obs": records,
    })))
}

/// The station's readings by bucket, those of an Air and a Sky joined by minute.
async fn readings(
    tempest: &Tempest<'_>,
    station: &Station,
    period: Period,
    bucket: Bucket,
) -> Result<Vec<Reading>, Fault> {
    let days = LocalDays::in_zone(&station.timezone);
    let sensors = sensors(station);
    // Two devices report at different seconds; their minutes are the same.
    let bucket = match bucket {
        Bucket::Raw if sensors.len() > 1 => Bucket::Minutes(1),
        bucket => bucket,
    };
    let mut joined: BTreeMap<i64, Reading> = BTreeMap::new();
    for device in sensors {
        let series = series::read(tempest, device.id, period, bucket, &days, |full, _| full.reading());
        for reading in series.await? {
            match joined.get_mut(&reading.epoch_s) {
                Some(first) => first.fill_from(&reading),
                None => {
                    joined.insert(reading.epoch_s, reading);
                }
            }
        }
    }
    Ok(joined.into_values().collect())
}

type Column<'a> = (&'a str, Source);

fn columns(asked: Option<&str>) -> Result<Vec<Column<'static>>, Fault> {
    let Some(asked) = asked else {
        return Ok(DEFAULT_COLUMNS.to_vec());
    };
    let known = || DEFAULT_COLUMNS.iter().chain(&MORE_COLUMNS);
    let names = asked.split(',').map(str::trim).filter(|name| !name.is_empty());
    let columns: Result<Vec<_>, _> = names
        .map(|name| {
            known().find(|(column, _)| *column == name).copied().ok_or_else(|| {
                let names: Vec<_> = known().map(|(name, _)| *name).collect();
                let (found, names) = (clip(name), names.join(", "));
                Fault::bad_request(format!(
                    "parameter obs_fields: found \"{found}\", expected names among {names}"
                ))
            })
        })
        .collect();
    columns
}

fn record(reading: &Reading, columns: &[Column<'_>], units: &Units, elevation_m: f64) -> Value {
    let derived = Derived::of(reading, elevation_m);
    let values = columns.iter().map(|(_, source)| match source {
        Epoch => Value::from(reading.epoch_s),
        M(field) => converted(units, quantity(*field), reading.get(*field)),
        D(quantity, value) => converted(units, *quantity, value(&derived)),
    });
    Value::Array(values.collect())
}

fn converted(units: &Units, quantity: Quantity, metric: Option<f64>) -> Value {
    number(metric.map(|metric| round(units.convert(quantity, metric), 4)))
}
