//! `units_*` parameters: metric values in, the caller's units out.

use crate::query::{Query, QueryError, clip};
use serde_json::{Value, json};

/// The units of one answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Units {
    temp: Unit,
    wind: Unit,
    pressure: Unit,
    precip: Unit,
    distance: Unit,
}

/// One unit: its name as asked for, and how a metric value becomes one in it.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Unit {
    name: &'static str,
    factor: f64,
    offset: f64,
}

/// The quantity that a value measures, which decides its unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantity {
    Temperature,
    /// A difference of temperatures: scaled, not shifted.
    TemperatureDelta,
    Wind,
    Pressure,
    Precip,
    Distance,
    /// Has no unit to choose.
    Plain,
}

const fn unit(name: &'static str, factor: f64, offset: f64) -> Unit {
    Unit { name, factor, offset }
}

const TEMP: [Unit; 2] = [unit("c", 1.0, 0.0), unit("f", 1.8, 32.0)];
/// `lfm` is feet per minute. Beaufort (`bft`) is no factor and is computed apart.
const WIND: [Unit; 6] = [
    unit("mps", 1.0, 0.0),
    unit("mph", 1.0 / 0.44704, 0.0),
    unit("kph", 3.6, 0.0),
    unit("kts", 3600.0 / 1852.0, 0.0),
    unit("bft", 1.0, 0.0),
    unit("lfm", 60.0 / 0.3048, 0.0),
];
const PRESSURE: [Unit; 4] = [
    unit("mb", 1.0, 0.0),
    unit("hpa", 1.0, 0.0),
    unit("inhg", 1.0 / 33.863_886, 0.0),
    unit("mmhg", 1.0 / 1.333_223_87, 0.0),
];
const PRECIP: [Unit; 3] = [unit("mm", 1.0, 0.0), unit("cm", 0.1, 0.0), unit("in", 1.0 / 25.4, 0.0)];
const DISTANCE: [Unit; 2] = [unit("km", 1.0, 0.0), unit("mi", 1.0 / 1.609_344, 0.0)];

impl Units {
    /// Reads the `units_*` parameters; what is not asked for stays metric.
    pub(crate) fn from_query(query: &Query) -> Result<Units, QueryError> {
        Ok(Units {
            temp: choose(query, "units_temp", &TEMP)?,
            wind: choose(query, "units_wind", &WIND)?,
            pressure: choose(query, "units_pressure", &PRESSURE)?,
            precip: choose(query, "units_precip", &PRECIP)?,
            distance: choose(query, "units_distance", &DISTANCE)?,
        })
    }

    /// A metric value in the chosen unit.
    pub(crate) fn convert(&self, quantity: Quantity, metric: f64) -> f64 {
        let unit = match quantity {
            Quantity::Plain => return metric,
            Quantity::TemperatureDelta => return metric * self.temp.factor,
            Quantity::Temperature => self.temp,
            Quantity::Wind if self.wind.name == "bft" => return beaufort(metric),
            Quantity::Wind => self.wind,
            Quantity::Pressure => self.pressure,
            Quantity::Precip => self.precip,
            Quantity::Distance => self.distance,
        };
        metric * unit.factor + unit.offset
    }

    /// The `station_units` object of an observation answer.
    pub(crate) fn station_units(&self) -> Value {
        json!({
            "units_temp": self.temp.name,
            "units_wind": self.wind.name,
            "units_precip": self.precip.name,
            "units_pressure": self.pressure.name,
            "units_distance": self.distance.name,
            "units_direction": "degrees",
            "units_other": "metric",
        })
    }

    /// The `units` object of a forecast answer.
    pub(crate) fn forecast_units(&self) -> Value {
        json!({
            "units_temp": self.temp.name,
            "units_wind": self.wind.name,
            "units_precip": self.precip.name,
            "units_pressure": self.pressure.name,
            "units_distance": self.distance.name,
            "units_brightness": "lux",
            "units_solar_radiation": "w/m2",
            "units_other": "metric",
            "units_air_density": "kg/m3",
        })
    }
}

fn choose(query: &Query, name: &str, units: &'static [Unit]) -> Result<Unit, QueryError> {
    let Some(found) = query.filled(name) else {
        return Ok(units[0]);
    };
    units.iter().find(|unit| unit.name == found).copied().ok_or_else(|| {
        let names: Vec<_> = units.iter().map(|unit| unit.name).collect();
        QueryError::Value {
            name: name.to_owned(),
            found: clip(found),
            expected: format!("one of {}", names.join(", ")),
        }
    })
}

/// The Beaufort number of a wind speed: the WMO scale's limits are those of v = 0.836 B^1.5 m/s.
fn beaufort(wind_mps: f64) -> f64 {
    const FROM_MPS: [f64; 12] = [0.3, 1.6, 3.4, 5.5, 8.0, 10.8, 13.9, 17.2, 20.8, 24.5, 28.5, 32.7];
    FROM_MPS.iter().filter(|from| wind_mps >= **from).count() as f64
}

#[cfg(test)]
mod tests;
