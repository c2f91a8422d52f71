//! The look of the sky, inferred from rain, wind and light: there is no eye on it.

use super::record::{Field, Reading};
use super::sun::{SunDay, clear_sky};
use crate::directory::Station;

/// One word for the weather and the platform's icon for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sky {
    pub(super) conditions: &'static str,
    pub(super) icon: &'static str,
    pub(super) raining: bool,
}

/// Mean wind from which the weather is "Windy": 6 Beaufort.
const WINDY_MPS: f64 = 10.8;

/// Below this sine of its elevation (about 6 degrees) the sun says nothing about clouds.
const LOW_SUN_SINE: f64 = 0.1;

impl Sky {
    /// The sky at the time of the reading. At night, and without a light sensor, "Clear" means no more
    /// than that neither rain nor strong wind was measured.
    pub(super) fn of(reading: &Reading, station: &Station) -> Sky {
        let sun = SunDay::near(reading.epoch_s, station.latitude, station.longitude);
        let sine = sun.elevation_sine(reading.epoch_s);
        let day = sine > 0.0;
        let minutes = reading.get(Field::ReportInterval).unwrap_or(1.0).max(1.0);
        let rain_mm_h = reading.get(Field::Rain).unwrap_or(0.0) / minutes * 60.0;
        if rain_mm_h > 0.0 {
            return Sky {
                conditions: rain_word(rain_mm_h),
                icon: "rainy",
                raining: true,
            };
        }
        let (conditions, icon) = if reading.get(Field::WindAvg).unwrap_or(0.0) >= WINDY_MPS {
            ("Windy", "windy")
        } else {
            match reading.get(Field::SolarRadiation) {
                Some(solar) if sine > LOW_SUN_SINE => by_light(solar / clear_sky(sine)),
                _ if day => ("Clear", "clear-day"),
                _ => ("Clear", "clear-night"),
            }
        };
        Sky {
            conditions,
            icon,
            raining: false,
        }
    }
}

/// Names the clouds by the share of a clear sky's light that arrives.
fn by_light(share: f64) -> (&'static str, &'static str) {
    match share {
        share if share >= 0.7 => ("Clear", "clear-day"),
        share if share >= 0.35 => ("Partly Cloudy", "partly-cloudy-day"),
        _ => ("Cloudy", "cloudy"),
    }
}

/// The platform's words for rain, by mm/h.
fn rain_word(rain_mm_h: f64) -> &'static str {
    match rain_mm_h {
        rate if rate < 0.25 => "Very Light Rain",
        rate if rate < 1.0 => "Light Rain",
        rate if rate < 4.0 => "Moderate Rain",
        rate if rate < 16.0 => "Heavy Rain",
        rate if rate < 50.0 => "Very Heavy Rain",
        _ => "Extreme Rain",
    }
}
