//! Observation records: the positional arrays hubs send, as one common reading.
//!
//! Layouts: apidocs.tempestwx.com/reference/observation-record-format and the UDP reference.

use serde_json::Value;

/// The fields of an `obs_st` record, at their places in it; the other layouts name the same fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub(crate) enum Field {
    WindLull = 1,
    WindAvg,
    WindGust,
    WindDirection,
    WindSampleInterval,
    Pressure,
    AirTemperature,
    RelativeHumidity,
    Illuminance,
    Uv,
    SolarRadiation,
    Rain,
    PrecipType,
    StrikeDistance,
    StrikeCount,
    Battery,
    ReportInterval,
    DayRain,
    NearcastRain,
    NearcastDayRain,
    PrecipAnalysisType,
}

/// The number of places in an `obs_st` record, the epoch included.
pub(crate) const FIELDS: usize = 22;

/// Every field, in the order of `obs_st`.
pub(crate) const ALL_FIELDS: [Field; FIELDS - 1] = {
    use Field::*;
    [
        WindLull,
        WindAvg,
        WindGust,
        WindDirection,
        WindSampleInterval,
        Pressure,
        AirTemperature,
        RelativeHumidity,
        Illuminance,
        Uv,
        SolarRadiation,
        Rain,
        PrecipType,
        StrikeDistance,
        StrikeCount,
        Battery,
        ReportInterval,
        DayRain,
        NearcastRain,
        NearcastDayRain,
        PrecipAnalysisType,
    ]
};

const AIR_FIELDS: [Field; 7] = {
    use Field::*;
    [
        Pressure,
        AirTemperature,
        RelativeHumidity,
        StrikeCount,
        StrikeDistance,
        Battery,
        ReportInterval,
    ]
};

const SKY_FIELDS: [Field; 16] = {
    use Field::*;
    [
        Illuminance,
        Uv,
        Rain,
        WindLull,
        WindAvg,
        WindGust,
        WindDirection,
        Battery,
        ReportInterval,
        SolarRadiation,
        DayRain,
        PrecipType,
        WindSampleInterval,
        NearcastRain,
        NearcastDayRain,
        PrecipAnalysisType,
    ]
};

/// The layout of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RecordKind {
    St,
    Air,
    Sky,
}

/// One observation, whatever layout it came in: metric values, `None` where the device is silent.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Reading {
    /// Unix seconds.
    pub(crate) epoch_s: i64,
    values: [Option<f64>; FIELDS],
}

impl RecordKind {
    /// The kind a broadcast of this type carries.
    pub(crate) fn from_type(name: &str) -> Option<RecordKind> {
        match name {
            "obs_st" => Some(RecordKind::St),
            "obs_air" => Some(RecordKind::Air),
            "obs_sky" => Some(RecordKind::Sky),
            _ => None,
        }
    }

    /// The kind a device of this kind sends; a hub sends none.
    pub(crate) fn from_device(kind: &str) -> Option<RecordKind> {
        match kind {
            "ST" => Some(RecordKind::St),
            "AR" => Some(RecordKind::Air),
            "SK" => Some(RecordKind::Sky),
            _ => None,
        }
    }

    pub(crate) fn type_name(self) -> &'static str {
        match self {
            RecordKind::St => "obs_st",
            RecordKind::Air => "obs_air",
            RecordKind::Sky => "obs_sky",
        }
    }

    /// The fields that follow the epoch, in their order.
    pub(crate) fn fields(self) -> &'static [Field] {
        match self {
            RecordKind::St => &ALL_FIELDS,
            RecordKind::Air => &AIR_FIELDS,
            RecordKind::Sky => &SKY_FIELDS,
        }
    }

    /// The least places a hub's record has: hubs leave out what only the service computes.
    fn places_min(self) -> usize {
        match self {
            RecordKind::St => 18,
            RecordKind::Air => 8,
            RecordKind::Sky => 14,
        }
    }
}

/// Later firmware may append fields; more than this is not a record.
const PLACES_MAX: usize = 64;

impl Reading {
    /// A reading of that time that says nothing yet.
    pub(crate) fn at(epoch_s: i64) -> Reading {
        Reading {
            epoch_s,
            ..Reading::default()
        }
    }

    pub(crate) fn get(&self, field: Field) -> Option<f64> {
        self.values[field as usize]
    }

    pub(crate) fn set(&mut self, field: Field, value: Option<f64>) {
        self.values[field as usize] = value;
    }

    /// Reads a record; the error names the place, what was found and what would be right.
    pub(crate) fn from_record(kind: RecordKind, record: &[Value]) -> Result<Reading, String> {
        let (min, name) = (kind.places_min(), kind.type_name());
        if record.len() < min || record.len() > PLACES_MAX {
            let found = record.len();
            return Err(format!("found {found} values, {name} has {min} or more"));
        }
        let epoch_s = record[0]
            .as_i64()
            .ok_or_else(|| format!("value 0 (epoch): found {}, expected epoch seconds", record[0]))?;
        let mut reading = Reading::at(epoch_s);
        for (place, value) in record.iter().enumerate().skip(1) {
            let number = match value {
                Value::Null => None,
                Value::Number(number) => number.as_f64(),
                other => {
                    return Err(format!("value {place}: found {other}, expected a number or null"));
                }
            };
            if let Some(field) = kind.fields().get(place - 1) {
                reading.set(*field, number);
            }
        }
        Ok(reading)
    }

    /// Writes the record in `kind`'s layout, every place filled or null.
    pub(crate) fn to_record(&self, kind: RecordKind) -> Vec<Value> {
        let mut record = vec![Value::from(self.epoch_s)];
        record.extend(kind.fields().iter().map(|field| number(self.get(*field))));
        record
    }

    /// Fills what this reading is silent about from another device's reading of the same time.
    pub(crate) fn fill_from(&mut self, other: &Reading) {
        for (mine, theirs) in self.values.iter_mut().zip(other.values) {
            *mine = mine.or(theirs);
        }
    }
}

/// A JSON number that stays whole when it is whole; null for nothing and for what has no JSON form.
pub(crate) fn number(value: Option<f64>) -> Value {
    match value {
        Some(value) if value.fract() == 0.0 && value.abs() < 1e15 => Value::from(value as i64),
        Some(value) => Value::from(value),
        None => Value::Null,
    }
}

#[cfg(test)]
mod tests;
