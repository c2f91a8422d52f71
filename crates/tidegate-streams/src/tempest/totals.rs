//! The sums over the last hours and the station's days.

use super::local_day::LocalDays;
use super::record::{Field, Reading};

/// The beginnings of the windows, unix seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Windows {
    pub(super) now_s: i64,
    pub(super) today_s: i64,
    pub(super) yesterday_s: i64,
}

/// Sums over the windows.
#[derive(Clone, Debug, Default)]
pub(super) struct Totals {
    pub(super) rain_today_mm: f64,
    pub(super) rain_yesterday_mm: f64,
    pub(super) rain_minutes_today: f64,
    pub(super) rain_minutes_yesterday: f64,
    pub(super) rain_1h_mm: f64,
    pub(super) strikes_1h: f64,
    pub(super) strikes_3h: f64,
    /// Epoch and distance (km) of the last strike.
    pub(super) last_strike: Option<(i64, f64)>,
    pub(super) low_today_c: Option<f64>,
    pub(super) high_today_c: Option<f64>,
    pub(super) low_24h_c: Option<f64>,
    pub(super) high_24h_c: Option<f64>,
    /// The last pressure that is three hours old or older, and its epoch.
    three_hours_ago: Option<(i64, f64)>,
    last_pressure: Option<f64>,
}

const HOUR_S: i64 = 3_600;

/// A change of more than this over three hours is a trend, mb; as the platform has it.
const TREND_MB: f64 = 1.0;

/// A pressure is taken for the one of three hours ago when it is at most this much older.
const TREND_SLACK_S: i64 = HOUR_S;

impl Windows {
    pub(super) fn at(now_s: i64, days: &LocalDays) -> Windows {
        Windows {
            now_s,
            today_s: days.start_s(now_s, 0),
            yesterday_s: days.start_s(now_s, -1),
        }
    }

    /// Returns the time from which readings are needed.
    pub(super) fn start_s(&self) -> i64 {
        self.yesterday_s.min(self.now_s - 24 * HOUR_S)
    }
}

impl Totals {
    /// Takes the next reading; they come oldest first.
    pub(super) fn add(&mut self, windows: &Windows, reading: &Reading) {
        let epoch_s = reading.epoch_s;
        let age_s = windows.now_s - epoch_s;
        let rain = reading.get(Field::Rain).unwrap_or(0.0);
        let minutes = if rain > 0.0 {
            reading.get(Field::ReportInterval).unwrap_or(1.0)
        } else {
            0.0
        };
        if epoch_s >= windows.today_s {
            self.rain_today_mm += rain;
            self.rain_minutes_today += minutes;
        } else if epoch_s >= windows.yesterday_s {
            self.rain_yesterday_mm += rain;
            self.rain_minutes_yesterday += minutes;
        }
        if age_s < HOUR_S {
            self.rain_1h_mm += rain;
        }
        self.add_strikes(reading, age_s);
        self.add_temperature(windows, reading, age_s);
        if let Some(pressure) = reading.get(Field::Pressure) {
            self.last_pressure = Some(pressure);
            if age_s >= 3 * HOUR_S {
                self.three_hours_ago = Some((epoch_s, pressure));
            }
        }
    }

    fn add_strikes(&mut self, reading: &Reading, age_s: i64) {
        let strikes = reading.get(Field::StrikeCount).unwrap_or(0.0);
        if strikes <= 0.0 {
            return;
        }
        if age_s < HOUR_S {
            self.strikes_1h += strikes;
        }
        if age_s < 3 * HOUR_S {
            self.strikes_3h += strikes;
        }
        let distance = reading.get(Field::StrikeDistance).unwrap_or(0.0);
        self.strike(reading.epoch_s, distance);
    }

    /// Takes a strike, unless a newer one is known.
    pub(super) fn strike(&mut self, epoch_s: i64, distance_km: f64) {
        if self.last_strike.is_none_or(|(last_s, _)| epoch_s >= last_s) {
            self.last_strike = Some((epoch_s, distance_km));
        }
    }

    fn add_temperature(&mut self, windows: &Windows, reading: &Reading, age_s: i64) {
        let Some(temperature) = reading.get(Field::AirTemperature) else {
            return;
        };
        let lower = |low: Option<f64>| Some(low.map_or(temperature, |low| low.min(temperature)));
        let higher = |high: Option<f64>| Some(high.map_or(temperature, |high| high.max(temperature)));
        if age_s < 24 * HOUR_S {
            self.low_24h_c = lower(self.low_24h_c);
            self.high_24h_c = higher(self.high_24h_c);
        }
        if reading.epoch_s >= windows.today_s {
            self.low_today_c = lower(self.low_today_c);
            self.high_today_c = higher(self.high_today_c);
        }
    }

    /// `rising`, `falling` or `steady` over the last three hours; `None` without a pressure from then.
    pub(super) fn pressure_trend(&self, windows: &Windows) -> Option<&'static str> {
        let oldest_s = windows.now_s - 3 * HOUR_S - TREND_SLACK_S;
        match (self.three_hours_ago, self.last_pressure) {
            (Some((then_s, then)), Some(now)) if then_s >= oldest_s => Some(match now - then {
                change if change > TREND_MB => "rising",
                change if change < -TREND_MB => "falling",
                _ => "steady",
            }),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
