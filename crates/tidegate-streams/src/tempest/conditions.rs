//! The present state of a station or device: its last reading, what follows from it, what has added up.

use super::Tempest;
use super::derived;
use super::local_day::LocalDays;
use super::record::{Field, Reading};
use super::series;
use super::totals::{Totals, Windows};
use crate::directory::{Device, Station};
use crate::fault::Fault;
use crate::store::ObservationRow;

/// The present state.
#[derive(Clone, Debug)]
pub(super) struct Conditions {
    pub(super) latest: Reading,
    pub(super) totals: Totals,
    pub(super) windows: Windows,
    pub(super) derived: Derived,
}

/// The values derived from a reading; `None` where a measured value is missing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Derived {
    pub(super) dew_point_c: Option<f64>,
    pub(super) wet_bulb_c: Option<f64>,
    pub(super) wet_bulb_globe_c: Option<f64>,
    pub(super) delta_t_c: Option<f64>,
    pub(super) heat_index_c: Option<f64>,
    pub(super) wind_chill_c: Option<f64>,
    pub(super) feels_like_c: Option<f64>,
    pub(super) air_density_kg_m3: Option<f64>,
    pub(super) sea_level_pressure_mb: Option<f64>,
}

/// The devices that speak for a station: its first Tempest, else its first Air and first Sky. A second
/// device of a kind would count rain and strikes twice.
pub(super) fn sensors(station: &Station) -> Vec<&Device> {
    let first = |kind: &str| station.devices.iter().find(|device| device.kind == kind);
    match first("ST") {
        Some(tempest) => vec![tempest],
        None => ["AR", "SK"].into_iter().filter_map(first).collect(),
    }
}

impl Conditions {
    /// Loads the state of these devices; `None` when none of them was ever heard.
    pub(super) async fn load(
        tempest: &Tempest<'_>,
        devices: &[&Device],
        station: &Station,
        days: &LocalDays,
    ) -> Result<Option<Conditions>, Fault> {
        let Some(mut latest) = latest(tempest, devices).await? else {
            return Ok(None);
        };
        let windows = Windows::at(tempest.now_s(), days);
        let totals = totals(tempest, devices, &windows).await?;
        let raining_gauge = latest.get(Field::Rain).is_some() && latest.get(Field::DayRain).is_none();
        if raining_gauge && latest.epoch_s >= windows.today_s {
            latest.set(Field::DayRain, Some(round(totals.rain_today_mm, 4)));
        }
        let derived = Derived::of(&latest, station.elevation_m);
        Ok(Some(Conditions {
            latest,
            totals,
            windows,
            derived,
        }))
    }
}

/// The newest reading, its gaps filled from the other devices' newest.
async fn latest(tempest: &Tempest<'_>, devices: &[&Device]) -> Result<Option<Reading>, Fault> {
    let mut readings = Vec::new();
    for device in devices {
        if let Some(row) = tempest.store.latest_observation(device.id).await? {
            readings.push(series::reading(&row).map_err(Fault::internal)?);
        }
    }
    readings.sort_by_key(|reading| std::cmp::Reverse(reading.epoch_s));
    Ok(readings.into_iter().reduce(|mut newest, older| {
        newest.fill_from(&older);
        newest
    }))
}

async fn totals(tempest: &Tempest<'_>, devices: &[&Device], windows: &Windows) -> Result<Totals, Fault> {
    let mut totals = Totals::default();
    for device in devices {
        let each = |row: ObservationRow| {
            // A row that cannot be read is missing from the sums; reading it by itself says so.
            if let Ok(reading) = series::reading(&row) {
                totals.add(windows, &reading);
            }
            true
        };
        let store = tempest.store;
        store
            .each_observation(device.id, windows.start_s(), i64::MAX, each)
            .await?;
        if let Some(strike) = store.last_strike(device.id).await? {
            totals.strike(strike.epoch_s, strike.distance_km);
        }
    }
    Ok(totals)
}

impl Derived {
    pub(super) fn of(reading: &Reading, elevation_m: f64) -> Derived {
        let temperature = reading.get(Field::AirTemperature);
        let humidity = reading.get(Field::RelativeHumidity);
        let pressure = reading.get(Field::Pressure).filter(|pressure| *pressure > 0.0);
        let wind = reading.get(Field::WindAvg).unwrap_or(0.0);
        let solar = reading.get(Field::SolarRadiation).unwrap_or(0.0);
        let moist = temperature.zip(humidity);
        let wet_bulb_c = moist.zip(pressure).map(|((t, h), p)| derived::wet_bulb_c(t, h, p));
        let wet = temperature.zip(wet_bulb_c);
        Derived {
            dew_point_c: moist.map(|(t, h)| derived::dew_point_c(t, h)),
            wet_bulb_c,
            wet_bulb_globe_c: wet.map(|(t, w)| derived::wet_bulb_globe_c(t, w, solar, wind)),
            delta_t_c: wet.map(|(t, w)| t - w),
            heat_index_c: moist.map(|(t, h)| derived::heat_index_c(t, h)),
            wind_chill_c: temperature.map(|t| derived::wind_chill_c(t, wind)),
            feels_like_c: moist.map(|(t, h)| derived::feels_like_c(t, h, wind)),
            air_density_kg_m3: temperature.zip(pressure).map(|(t, p)| derived::air_density_kg_m3(t, p)),
            sea_level_pressure_mb: pressure.map(|p| derived::sea_level_pressure_mb(p, elevation_m)),
        }
    }
}

/// Rounds to so many decimals.
pub(super) fn round(value: f64, decimals: i32) -> f64 {
    let scale = 10f64.powi(decimals);
    (value * scale).round() / scale
}
