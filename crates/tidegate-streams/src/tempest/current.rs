//! Present conditions as named JSON members, shared by three answers.

use super::conditions::{Conditions, round};
use super::record::{Field, Reading, number};
use super::units::{Quantity, Units};
use serde_json::{Map, Value};

/// Collects members; what is not known is left out.
pub(super) struct Members<'a> {
    units: &'a Units,
    pub(super) map: Map<String, Value>,
}

impl<'a> Members<'a> {
    pub(super) fn new(units: &'a Units) -> Members<'a> {
        Members { units, map: Map::new() }
    }

    /// Puts a metric value, converted and rounded.
    pub(super) fn put(&mut self, name: &str, quantity: Quantity, metric: Option<f64>, decimals: i32) {
        if let Some(metric) = metric {
            let value = round(self.units.convert(quantity, metric), decimals);
            self.map.insert(name.to_owned(), number(Some(value)));
        }
    }

    pub(super) fn put_value(&mut self, name: &str, value: impl Into<Value>) {
        self.map.insert(name.to_owned(), value.into());
    }

    /// Puts a measured field as it is, but for the unit.
    pub(super) fn put_field(&mut self, name: &str, reading: &Reading, field: Field) {
        let quantity = quantity(field);
        self.put(name, quantity, reading.get(field), 4);
    }

    /// Writes the values derived from the reading.
    pub(super) fn put_derived(&mut self, conditions: &Conditions) {
        let derived = &conditions.derived;
        let t = Quantity::Temperature;
        self.put("feels_like", t, derived.feels_like_c, 1);
        self.put("heat_index", t, derived.heat_index_c, 1);
        self.put("wind_chill", t, derived.wind_chill_c, 1);
        self.put("dew_point", t, derived.dew_point_c, 1);
        self.put("wet_bulb_temperature", t, derived.wet_bulb_c, 1);
        self.put("wet_bulb_globe_temperature", t, derived.wet_bulb_globe_c, 1);
        self.put("delta_t", Quantity::TemperatureDelta, derived.delta_t_c, 1);
        self.put("air_density", Quantity::Plain, derived.air_density_kg_m3, 5);
    }

    /// Always there, as clients of 2024 cannot read an observation without it: with no pressure from three hours ago
    /// no change was seen, which is what `steady` says.
    pub(super) fn put_trend(&mut self, conditions: &Conditions) {
        let trend = conditions.totals.pressure_trend(&conditions.windows);
        self.put_value("pressure_trend", trend.unwrap_or("steady"));
    }
}

/// Returns the quantity that a field measures.
pub(super) fn quantity(field: Field) -> Quantity {
    match field {
        Field::WindLull | Field::WindAvg | Field::WindGust => Quantity::Wind,
        Field::Pressure => Quantity::Pressure,
        Field::AirTemperature => Quantity::Temperature,
        Field::Rain | Field::DayRain | Field::NearcastRain | Field::NearcastDayRain => Quantity::Precip,
        Field::StrikeDistance => Quantity::Distance,
        _ => Quantity::Plain,
    }
}
