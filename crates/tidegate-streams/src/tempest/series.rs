//! A device's observations over a period, bucketed.

use super::Tempest;
use super::bucket::{Aggregate, Bucket, Buckets};
use super::local_day::LocalDays;
use super::period::Period;
use super::record::{Field, Reading, RecordKind};
use crate::fault::Fault;
use crate::store::ObservationRow;
use serde_json::Value;

/// The most records one answer may carry; a question that needs more is refused with 422 and says how
/// to ask for less.
pub const RECORDS_PER_GET_MAX: usize = 55_000;

/// Reads the device's observations in `period` and gives each bucket through `finish`.
pub(super) async fn read<T: Send>(
    tempest: &Tempest<'_>,
    device_id: i64,
    period: Period,
    bucket: Bucket,
    days: &LocalDays,
    finish: fn(&Aggregate, &LocalDays) -> T,
) -> Result<Vec<T>, Fault> {
    let mut buckets = Buckets::new(bucket, days.clone(), finish);
    let mut day_rain = DayRain::new(days.clone());
    let mut unreadable = None;
    // The day's rain so far is summed from its midnight on, so reading starts there.
    let midnight_s = days.start_s(period.start_s, 0).min(period.start_s);
    let each = |row: ObservationRow| {
        match reading(&row) {
            Ok(mut reading) => {
                day_rain.complete(&mut reading);
                if reading.epoch_s >= period.start_s {
                    buckets.push(&reading);
                }
            }
            Err(problem) => unreadable = Some(problem),
        }
        unreadable.is_none() && buckets.len() <= RECORDS_PER_GET_MAX
    };
    let store = tempest.store;
    store
        .each_observation(device_id, midnight_s, period.end_s, each)
        .await?;
    if let Some(problem) = unreadable {
        return Err(Fault::internal(problem));
    }
    if buckets.len() > RECORDS_PER_GET_MAX {
        return Err(Fault::asks_too_much(format!(
            "ASKS TOO MUCH - time_start to time_end holds over {RECORDS_PER_GET_MAX} records at bucket={}; \
             ask for a shorter range or a larger bucket (5, 30, 180, 1440)",
            bucket.step_minutes()
        )));
    }
    Ok(buckets.finish())
}

/// Reads a stored row; an error means that the file was changed from outside.
pub(super) fn reading(row: &ObservationRow) -> Result<Reading, String> {
    let place = || format!("observation of device {} at {}", row.device_id, row.epoch_s);
    let kind = RecordKind::from_type(&row.kind).ok_or_else(|| format!("{}: unknown kind {}", place(), row.kind))?;
    let fields: Vec<Value> = serde_json::from_str(&row.fields).map_err(|error| format!("{}: {error}", place()))?;
    let mut reading = Reading::from_record(kind, &fields).map_err(|error| format!("{}: {error}", place()))?;
    if kind != RecordKind::Air && reading.get(Field::PrecipAnalysisType).is_none() {
        // Nearcast did not look at this rain: 0 says so, and clients accept no null here.
        reading.set(Field::PrecipAnalysisType, Some(0.0));
    }
    Ok(reading)
}

/// Adds up the rain of each local day: hubs leave that field to the service.
struct DayRain {
    days: LocalDays,
    end_s: i64,
    sum_mm: f64,
}

impl DayRain {
    fn new(days: LocalDays) -> DayRain {
        DayRain {
            days,
            end_s: i64::MIN,
            sum_mm: 0.0,
        }
    }

    fn complete(&mut self, reading: &mut Reading) {
        let Some(rain) = reading.get(Field::Rain) else {
            return;
        };
        if reading.epoch_s >= self.end_s {
            self.end_s = self.days.start_s(reading.epoch_s, 1);
            self.sum_mm = 0.0;
        }
        self.sum_mm += rain;
        if reading.get(Field::DayRain).is_none() {
            let sum = (self.sum_mm * 1e4).round() / 1e4;
            reading.set(Field::DayRain, Some(sum));
        }
    }
}
