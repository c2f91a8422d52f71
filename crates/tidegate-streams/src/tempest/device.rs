//! `observations/device/{id}`: a device's records as it sent them, or bucketed; JSON or CSV.

use super::Tempest;
use super::answer;
use super::bucket::{Aggregate, Bucket};
use super::conditions::Conditions;
use super::current::Members;
use super::local_day::LocalDays;
use super::period::Period;
use super::record::{Field, RecordKind, number};
use super::series;
use super::totals::Totals;
use super::units::{Quantity, Units};
use crate::directory::{Device, Station};
use crate::fault::Fault;
use crate::query::{Query, QueryError, clip};
use crate::reply::{self, ReplyBody};
use http::{Response, StatusCode};
use serde_json::{Value, json};

pub(super) async fn answer(tempest: &Tempest<'_>, device_id: i64, query: &Query) -> Result<Response<ReplyBody>, Fault> {
    let (device, station) = tempest.device(device_id).await?;
    let days = LocalDays::in_zone(&station.timezone);
    let csv = wants_csv(query)?;
    let period = Period::from_query(query, tempest.now_s())?;
    let bucket = Bucket::from_query(query, period.map_or(0, Period::seconds))?;
    let Some(kind) = RecordKind::from_device(&device.kind) else {
        // A hub observes nothing.
        return Ok(answer::ok(&document(
            &device,
            Value::Null,
            bucket,
            &station,
            Vec::new(),
        )));
    };
    let Some(period) = period else {
        return latest(tempest, &device, &station, &days, kind, csv).await;
    };
    // Daily records of a Tempest have a layout of their own; those of the older devices keep theirs.
    let extended = bucket == Bucket::Day && kind == RecordKind::St;
    let (type_name, finish): (_, fn(&Aggregate, &LocalDays) -> Vec<Value>) = match kind {
        RecordKind::St if extended => ("obs_st_ext", daily_record),
        RecordKind::St => ("obs_st", |full, _| full.reading().to_record(RecordKind::St)),
        RecordKind::Air => ("obs_air", |full, _| full.reading().to_record(RecordKind::Air)),
        RecordKind::Sky => ("obs_sky", |full, _| full.reading().to_record(RecordKind::Sky)),
    };
    let records = series::read(tempest, device.id, period, bucket, &days, finish).await?;
    if csv {
        return Ok(csv_answer(&device, type_name, bucket, &records));
    }
    Ok(answer::ok(&document(
        &device,
        type_name.into(),
        bucket,
        &station,
        records,
    )))
}

async fn latest(
    tempest: &Tempest<'_>,
    device: &Device,
    station: &Station,
    days: &LocalDays,
    kind: RecordKind,
    csv: bool,
) -> Result<Response<ReplyBody>, Fault> {
    let conditions = Conditions::load(tempest, &[device], station, days).await?;
    let records: Vec<_> = conditions.iter().map(|now| now.latest.to_record(kind)).collect();
    if csv {
        return Ok(csv_answer(device, kind.type_name(), Bucket::Raw, &records));
    }
    let mut document = document(device, kind.type_name().into(), Bucket::Raw, station, records);
    document["summary"] = summary(conditions.as_ref())?;
    Ok(answer::ok(&document))
}

fn document(device: &Device, type_name: Value, bucket: Bucket, station: &Station, records: Vec<Vec<Value>>) -> Value {
    json!({
        "status": answer::status(records.is_empty()),
        "device_id": device.id,
        "type": type_name,
        "source": "db",
        "bucket_step_minutes": bucket.step_minutes(),
        "tz_name": station.timezone,
        "obs": records,
    })
}

/// The `summary` member: what clients show beside the last record. Some require the members that are set
/// to null first, also for a device that was never heard.
pub(super) fn summary(conditions: Option<&Conditions>) -> Result<Value, Fault> {
    // A summary is metric whatever was asked for, as the records are.
    let units = Units::from_query(&Query::default())?;
    let silent = Totals::default();
    let totals = conditions.map_or(&silent, |conditions| &conditions.totals);
    let mut members = Members::new(&units);
    for name in ["feels_like", "heat_index", "wind_chill"] {
        members.put_value(name, Value::Null);
    }
    let (rain, plain) = (Quantity::Precip, Quantity::Plain);
    let yesterday = totals.rain_yesterday_mm;
    let minutes_yesterday = totals.rain_minutes_yesterday;
    for (name, quantity, value, decimals) in [
        ("strike_count_1h", plain, totals.strikes_1h, 0),
        ("strike_count_3h", plain, totals.strikes_3h, 0),
        ("precip_total_1h", rain, totals.rain_1h_mm, 4),
        ("precip_accum_local_yesterday", rain, yesterday, 4),
        ("precip_accum_local_yesterday_final", rain, yesterday, 4),
        ("precip_analysis_type_yesterday", plain, 0.0, 0),
        ("precip_minutes_local_day", plain, totals.rain_minutes_today, 0),
        ("precip_minutes_local_yesterday", plain, minutes_yesterday, 0),
    ] {
        members.put(name, quantity, Some(value), decimals);
    }
    if let Some((epoch_s, distance_km)) = totals.last_strike {
        members.put("strike_last_dist", Quantity::Distance, Some(distance_km), 0);
        members.put_value("strike_last_epoch", epoch_s);
    }
    if let Some(conditions) = conditions {
        members.put_trend(conditions);
        members.put_derived(conditions);
    }
    Ok(Value::Object(members.map))
}

/// An `obs_st_ext` record: 34 values from one local midnight to the next. There is no Nearcast here, so the
/// "final" sums are the sensor's own.
fn daily_record(day: &Aggregate, days: &LocalDays) -> Vec<Value> {
    let mut record = vec![Value::from(days.date(day.start_s).to_string())];
    for field in [
        Field::Pressure,
        Field::AirTemperature,
        Field::RelativeHumidity,
        Field::Illuminance,
        Field::Uv,
        Field::SolarRadiation,
    ] {
        record.extend([day.mean(field), day.high(field), day.low(field)].map(number));
    }
    let rain = day.sum(Field::Rain);
    record.extend(
        [
            day.mean(Field::WindAvg),
            day.high(Field::WindGust),
            day.low(Field::WindLull),
            day.wind_direction(),
            day.last(Field::WindSampleInterval),
            day.sum(Field::StrikeCount),
            day.strike_distance(),
            Some(f64::from(day.records)),
            day.last(Field::Battery),
            rain,
            day.sum(Field::NearcastRain).or(rain),
            Some(day.rain_minutes),
            Some(day.rain_minutes),
            day.high(Field::PrecipType),
            Some(day.last(Field::PrecipAnalysisType).unwrap_or(0.0)),
        ]
        .map(number),
    );
    record
}

fn wants_csv(query: &Query) -> Result<bool, QueryError> {
    match query.filled("format") {
        None | Some("json") => Ok(false),
        Some("csv") => Ok(true),
        Some(other) => Err(QueryError::Value {
            name: "format".to_owned(),
            found: clip(other),
            expected: "csv or json".to_owned(),
        }),
    }
}

const ST_COLUMNS: &str = "timestamp,wind_lull,wind_avg,wind_gust,wind_dir,wind_interval,pressure,temperature,\
humidity,lux,uv,solar_radiation,precip,precip_type,strike_distance,strike_count,battery,report_interval,\
local_daily_precip,precip_final,local_daily_precip_final,precip_analysis_type";
const AIR_COLUMNS: &str =
    "timestamp,pressure,temperature,humidity,strike_count,strike_distance,battery,report_interval";
const SKY_COLUMNS: &str = "timestamp,lux,uv,precip,wind_lull,wind_avg,wind_gust,wind_dir,battery,report_interval,\
solar_radiation,local_daily_precip,precip_type,wind_interval,precip_final,local_daily_precip_final,\
precip_analysis_type";
const DAILY_COLUMNS: &str = "local_day,pressure,pressure_high,pressure_low,temperature,temperature_high,\
temperature_low,humidity,humidity_high,humidity_low,lux,lux_high,lux_low,uv,uv_high,uv_low,solar_radiation,\
solar_radiation_high,solar_radiation_low,wind_avg,wind_gust,wind_lull,wind_dir,wind_interval,strike_count,\
strike_distance,record_count,battery,local_daily_precip,local_daily_precip_final,precip_minutes,\
precip_minutes_final,precip_type,precip_analysis_type";

fn csv_answer(device: &Device, type_name: &str, bucket: Bucket, records: &[Vec<Value>]) -> Response<ReplyBody> {
    let columns = match type_name {
        "obs_air" => AIR_COLUMNS,
        "obs_sky" => SKY_COLUMNS,
        "obs_st_ext" => DAILY_COLUMNS,
        _ => ST_COLUMNS,
    };
    let mut text = format!("device_id,type,bucket_step_minutes,{columns}\n");
    for record in records {
        text.push_str(&format!("{},{type_name},{}", device.id, bucket.step_minutes()));
        for value in record {
            text.push(',');
            // Nothing needs quotes: values are numbers and dates.
            match value {
                Value::Null => {}
                Value::String(date) => text.push_str(date),
                other => text.push_str(&other.to_string()),
            }
        }
        text.push('\n');
    }
    reply::bytes(StatusCode::OK, "text/csv; charset=utf-8", text)
}
