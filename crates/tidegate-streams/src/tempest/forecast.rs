//! `better_forecast`: the platform's shape, filled with what a station by itself can say. Until there is a
//! source of forecasts, every hour and day ahead is the last observation carried forward, and the
//! answer says so.

use super::Tempest;
use super::answer;
use super::conditions::{Conditions, sensors};
use super::current::Members;
use super::local_day::LocalDays;
use super::record::Field;
use super::sky_conditions::Sky;
use super::sun::SunDay;
use super::units::{Quantity, Units};
use crate::directory::Station;
use crate::fault::Fault;
use crate::query::Query;
use crate::reply::ReplyBody;
use http::Response;
use serde_json::{Value, json};

const SOURCE: &str = "last observation carried forward";
const NOTICE: &str = "This is no forecast: there is no forecast source, so every hour and day ahead repeats the \
station's last observation. Conditions are inferred from its rain, wind and light sensors.";

/// The days that the answer goes ahead, as on the platform.
const DAYS: i64 = 10;
const HOURS: i64 = 24 * DAYS;
const HOUR_S: i64 = 3_600;

pub(super) async fn answer(tempest: &Tempest<'_>, id: i64, query: &Query) -> Result<Response<ReplyBody>, Fault> {
    let station = tempest.station(id).await?;
    let units = Units::from_query(query)?;
    let days = LocalDays::in_zone(&station.timezone);
    let conditions = Conditions::load(tempest, &sensors(&station), &station, &days).await?;
    let now_s = tempest.now_s();
    let (current, daily, hourly) = match &conditions {
        Some(conditions) => {
            let ahead = Ahead {
                conditions,
                sky: Sky::of(&conditions.latest, &station),
                station: &station,
                days: &days,
                units: &units,
            };
            let daily = (0..DAYS).map(|day| ahead.day(now_s, day)).collect();
            let hour_s = now_s - now_s.rem_euclid(HOUR_S);
            let hourly = (1..=HOURS).map(|hour| ahead.hour(hour_s + hour * HOUR_S)).collect();
            (ahead.current(), daily, hourly)
        }
        None => (silent(), Vec::new(), Vec::new()),
    };
    Ok(answer::ok(&json!({
        "status": answer::status(conditions.is_none()),
        "source": SOURCE,
        "notice": NOTICE,
        "location_name": station.name,
        "latitude": station.latitude,
        "longitude": station.longitude,
        "timezone": station.timezone,
        "timezone_offset_minutes": days.offset_minutes(now_s),
        "units": units.forecast_units(),
        "current_conditions": current,
        "forecast": {"daily": daily, "hourly": hourly},
    })))
}

/// Conditions of a station that was never heard: what clients require, as null.
fn silent() -> Value {
    json!({
        "conditions": null,
        "icon": null,
        "feels_like": null,
        "relative_humidity": null,
        "sea_level_pressure": null,
        "wind_avg": null,
        "wind_gust": null,
        "wind_direction": null,
        "wind_direction_cardinal": null,
        "is_precip_local_day_rain_check": false,
    })
}

/// The values that are carried forward.
struct Ahead<'a> {
    conditions: &'a Conditions,
    sky: Sky,
    station: &'a Station,
    days: &'a LocalDays,
    units: &'a Units,
}

impl Ahead<'_> {
    fn current(&self) -> Value {
        let (latest, totals) = (&self.conditions.latest, &self.conditions.totals);
        let mut members = Members::new(self.units);
        members.put_value("time", latest.epoch_s);
        self.put_shared(&mut members);
        for (name, field) in [
            ("station_pressure", Field::Pressure),
            ("solar_radiation", Field::SolarRadiation),
            ("brightness", Field::Illuminance),
        ] {
            members.put_field(name, latest, field);
        }
        members.put_derived(self.conditions);
        // The platform's current conditions have these only within `feels_like`.
        members.map.remove("heat_index");
        members.map.remove("wind_chill");
        members.put_trend(self.conditions);
        let (rain, plain) = (Quantity::Precip, Quantity::Plain);
        members.put("lightning_strike_count_last_1hr", plain, Some(totals.strikes_1h), 0);
        members.put("lightning_strike_count_last_3hr", plain, Some(totals.strikes_3h), 0);
        if let Some((epoch_s, km)) = totals.last_strike {
            // The sensor tells distance to about two kilometres either way.
            let near = self.units.convert(Quantity::Distance, (km - 2.0).max(0.0)).round();
            let far = self.units.convert(Quantity::Distance, km + 2.0).round();
            let unit = &self.units.station_units()["units_distance"];
            let unit = unit.as_str().unwrap_or_default();
            members.put("lightning_strike_last_distance", Quantity::Distance, Some(km), 0);
            members.put_value("lightning_strike_last_distance_msg", format!("{near} - {far} {unit}"));
            members.put_value("lightning_strike_last_epoch", epoch_s);
        }
        members.put("precip_accum_local_day", rain, Some(totals.rain_today_mm), 2);
        members.put("precip_accum_local_yesterday", rain, Some(totals.rain_yesterday_mm), 2);
        members.put("precip_minutes_local_day", plain, Some(totals.rain_minutes_today), 0);
        members.put(
            "precip_minutes_local_yesterday",
            plain,
            Some(totals.rain_minutes_yesterday),
            0,
        );
        members.put_value("is_precip_local_day_rain_check", false);
        members.put_value("is_precip_local_yesterday_rain_check", false);
        Value::Object(members.map)
    }

    fn hour(&self, time_s: i64) -> Value {
        let mut members = Members::new(self.units);
        members.put_value("time", time_s);
        members.put_value("local_hour", self.days.hour(time_s));
        members.put_value("local_day", self.days.date(time_s).day());
        self.put_shared(&mut members);
        let feels_like = self.conditions.derived.feels_like_c;
        members.put("feels_like", Quantity::Temperature, feels_like, 1);
        members.put(
            "precip",
            Quantity::Precip,
            self.conditions.latest.get(Field::Rain).or(Some(0.0)),
            4,
        );
        self.put_precip(&mut members);
        Value::Object(members.map)
    }

    fn day(&self, now_s: i64, day: i64) -> Value {
        let totals = &self.conditions.totals;
        let start_s = self.days.start_s(now_s, day);
        let date = self.days.date(start_s);
        let (high, low) = match day {
            0 => (totals.high_today_c, totals.low_today_c),
            _ => (totals.high_24h_c, totals.low_24h_c),
        };
        let last = self.conditions.latest.get(Field::AirTemperature);
        let mut members = Members::new(self.units);
        members.put_value("day_start_local", start_s);
        members.put_value("day_num", date.day());
        members.put_value("month_num", date.month());
        members.put_value("conditions", self.sky.conditions);
        members.put_value("icon", self.sky.icon);
        let noon_s = start_s + 12 * HOUR_S;
        let sun = SunDay::near(noon_s, self.station.latitude, self.station.longitude);
        let (rise_s, set_s) = sun.rise_and_set_s().unzip();
        members.put_value("sunrise", rise_s);
        members.put_value("sunset", set_s);
        // Clients require both, so a station without a thermometer says null.
        members.put_value("air_temp_high", Value::Null);
        members.put_value("air_temp_low", Value::Null);
        members.put("air_temp_high", Quantity::Temperature, high.or(last), 1);
        members.put("air_temp_low", Quantity::Temperature, low.or(last), 1);
        self.put_precip(&mut members);
        Value::Object(members.map)
    }

    /// Writes the members that current conditions and hours share; required by clients, so null when unknown.
    fn put_shared(&self, members: &mut Members<'_>) {
        let latest = &self.conditions.latest;
        members.put_value("conditions", self.sky.conditions);
        members.put_value("icon", self.sky.icon);
        for (name, field) in [
            ("air_temperature", Field::AirTemperature),
            ("relative_humidity", Field::RelativeHumidity),
            ("wind_avg", Field::WindAvg),
            ("wind_gust", Field::WindGust),
            ("wind_direction", Field::WindDirection),
            ("uv", Field::Uv),
        ] {
            members.put_value(name, Value::Null);
            members.put_field(name, latest, field);
        }
        for name in ["feels_like", "sea_level_pressure"] {
            members.put_value(name, Value::Null);
        }
        let sea_level = self.conditions.derived.sea_level_pressure_mb;
        members.put("sea_level_pressure", Quantity::Pressure, sea_level, 1);
        let degrees = latest.get(Field::WindDirection).unwrap_or(0.0);
        members.put_value("wind_direction_cardinal", cardinal(degrees));
    }

    fn put_precip(&self, members: &mut Members<'_>) {
        // Carried forward: it rains, or it does not.
        members.put_value("precip_probability", if self.sky.raining { 100 } else { 0 });
        members.put_value("precip_type", "rain");
        members.put_value("precip_icon", "chance-rain");
    }
}

/// The nearest of the sixteen points of the compass.
fn cardinal(degrees: f64) -> &'static str {
    const POINTS: [&str; 16] = [
        "N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW",
    ];
    let point = (degrees / 22.5).round().rem_euclid(16.0);
    POINTS[point as usize % POINTS.len()]
}
