//! Buckets: many readings become one, by a rule for each field.

use super::local_day::LocalDays;
use super::record::{ALL_FIELDS, FIELDS, Field, Reading};
use crate::query::{Query, QueryError, clip};

/// The span of time that one answered record covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bucket {
    /// Records as the device sent them, one a minute.
    Raw,
    /// 5, 30 or 180 minutes, counted from the epoch.
    Minutes(i64),
    /// Midnight to midnight on the station's clock.
    Day,
}

const DAY_S: i64 = 86_400;

impl Bucket {
    /// Reads `bucket`: minutes (1, 5, 30, 180, 1440) or a letter (a, b, c, d, e in the same order).
    /// Without it the range decides, as on the platform: a day in minutes, 5 days in 5, 30 days in 30,
    /// 180 days in 180, longer ranges in days.
    pub(crate) fn from_query(query: &Query, range_s: i64) -> Result<Bucket, QueryError> {
        let Some(found) = query.filled("bucket") else {
            return Ok(match range_s {
                range if range <= DAY_S => Bucket::Raw,
                range if range <= 5 * DAY_S => Bucket::Minutes(5),
                range if range <= 30 * DAY_S => Bucket::Minutes(30),
                range if range <= 180 * DAY_S => Bucket::Minutes(180),
                _ => Bucket::Day,
            });
        };
        match found {
            "1" | "a" => Ok(Bucket::Raw),
            "5" | "b" => Ok(Bucket::Minutes(5)),
            "30" | "c" => Ok(Bucket::Minutes(30)),
            "180" | "d" => Ok(Bucket::Minutes(180)),
            "1440" | "e" => Ok(Bucket::Day),
            _ => Err(QueryError::Value {
                name: "bucket".to_owned(),
                found: clip(found),
                expected: "1, 5, 30, 180 or 1440 (minutes), or a, b, c, d or e".to_owned(),
            }),
        }
    }

    /// `bucket_step_minutes` of the answer.
    pub(crate) fn step_minutes(self) -> i64 {
        match self {
            Bucket::Raw => 1,
            Bucket::Minutes(minutes) => minutes,
            Bucket::Day => 1_440,
        }
    }

    fn start_s(self, epoch_s: i64, days: &LocalDays) -> i64 {
        match self {
            Bucket::Raw => epoch_s,
            Bucket::Minutes(minutes) => epoch_s - epoch_s.rem_euclid(minutes * 60),
            Bucket::Day => days.start_s(epoch_s, 0),
        }
    }
}

/// The aggregate of the readings of one bucket.
#[derive(Clone, Debug)]
pub(crate) struct Aggregate {
    pub(crate) start_s: i64,
    pub(crate) records: u32,
    pub(crate) rain_minutes: f64,
    last: Reading,
    spans: [Span; FIELDS],
    /// Wind as a vector, so that 350 and 10 degrees average to 0.
    east: f64,
    north: f64,
    strike_distance_sum: f64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Span {
    count: u32,
    sum: f64,
    low: f64,
    high: f64,
}

impl Aggregate {
    fn begin(start_s: i64) -> Aggregate {
        Aggregate {
            start_s,
            records: 0,
            rain_minutes: 0.0,
            last: Reading::default(),
            spans: [Span::default(); FIELDS],
            east: 0.0,
            north: 0.0,
            strike_distance_sum: 0.0,
        }
    }

    fn add(&mut self, reading: &Reading) {
        self.records += 1;
        for field in ALL_FIELDS {
            if let Some(value) = reading.get(field) {
                self.spans[field as usize].add(value);
                self.last.set(field, Some(value));
            }
        }
        self.last.epoch_s = reading.epoch_s;
        if let Some(degrees) = reading.get(Field::WindDirection) {
            // Calm air still has a vane; a little weight keeps its direction when there was no wind.
            let weight = reading.get(Field::WindAvg).unwrap_or(0.0).max(0.001);
            let (sin, cos) = degrees.to_radians().sin_cos();
            self.east += weight * sin;
            self.north += weight * cos;
        }
        if reading.get(Field::Rain).is_some_and(|rain| rain > 0.0) {
            self.rain_minutes += reading.get(Field::ReportInterval).unwrap_or(1.0);
        }
        let strikes = reading.get(Field::StrikeCount).unwrap_or(0.0);
        self.strike_distance_sum += strikes * reading.get(Field::StrikeDistance).unwrap_or(0.0);
    }

    pub(crate) fn mean(&self, field: Field) -> Option<f64> {
        let span = self.spans[field as usize];
        (span.count > 0).then(|| tidy(span.sum / f64::from(span.count)))
    }

    pub(crate) fn low(&self, field: Field) -> Option<f64> {
        let span = self.spans[field as usize];
        (span.count > 0).then_some(span.low)
    }

    pub(crate) fn high(&self, field: Field) -> Option<f64> {
        let span = self.spans[field as usize];
        (span.count > 0).then_some(span.high)
    }

    pub(crate) fn sum(&self, field: Field) -> Option<f64> {
        let span = self.spans[field as usize];
        (span.count > 0).then(|| tidy(span.sum))
    }

    pub(crate) fn last(&self, field: Field) -> Option<f64> {
        self.last.get(field)
    }

    pub(crate) fn wind_direction(&self) -> Option<f64> {
        let degrees = self.east.atan2(self.north).to_degrees().rem_euclid(360.0);
        // 359.6 rounds to north, which is 0.
        (self.spans[Field::WindDirection as usize].count > 0).then(|| degrees.round() % 360.0)
    }

    pub(crate) fn strike_distance(&self) -> Option<f64> {
        let strikes = self.sum(Field::StrikeCount)?;
        Some(if strikes > 0.0 {
            tidy(self.strike_distance_sum / strikes)
        } else {
            0.0
        })
    }

    /// The bucket as one reading. A bucket of one reading is that reading, untouched.
    pub(crate) fn reading(&self) -> Reading {
        let mut reading = self.last.clone();
        if self.records > 1 {
            for field in ALL_FIELDS {
                reading.set(field, self.value(field));
            }
        }
        reading.epoch_s = self.start_s;
        reading
    }

    fn value(&self, field: Field) -> Option<f64> {
        match field {
            Field::WindAvg
            | Field::Pressure
            | Field::AirTemperature
            | Field::RelativeHumidity
            | Field::Illuminance
            | Field::Uv
            | Field::SolarRadiation => self.mean(field),
            Field::WindLull => self.low(field),
            Field::WindGust | Field::PrecipType => self.high(field),
            Field::Rain | Field::NearcastRain | Field::StrikeCount => self.sum(field),
            Field::WindDirection => self.wind_direction(),
            Field::StrikeDistance => self.strike_distance(),
            Field::WindSampleInterval
            | Field::Battery
            | Field::ReportInterval
            | Field::DayRain
            | Field::NearcastDayRain
            | Field::PrecipAnalysisType => self.last(field),
        }
    }
}

impl Span {
    fn add(&mut self, value: f64) {
        let first = self.count == 0;
        self.low = if first { value } else { self.low.min(value) };
        self.high = if first { value } else { self.high.max(value) };
        self.sum += value;
        self.count += 1;
    }
}

/// Four decimals: finer than any sensor here, and free of the noise of sums.
fn tidy(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// Turns readings, oldest first, into finished buckets.
pub(crate) struct Buckets<T> {
    bucket: Bucket,
    days: LocalDays,
    finish: fn(&Aggregate, &LocalDays) -> T,
    open: Option<Aggregate>,
    done: Vec<T>,
}

impl<T> Buckets<T> {
    pub(crate) fn new(bucket: Bucket, days: LocalDays, finish: fn(&Aggregate, &LocalDays) -> T) -> Buckets<T> {
        Buckets {
            bucket,
            days,
            finish,
            open: None,
            done: Vec::new(),
        }
    }

    pub(crate) fn push(&mut self, reading: &Reading) {
        let start_s = self.bucket.start_s(reading.epoch_s, &self.days);
        match &mut self.open {
            Some(open) if open.start_s == start_s => open.add(reading),
            open => {
                let mut next = Aggregate::begin(start_s);
                next.add(reading);
                if let Some(full) = open.replace(next) {
                    self.done.push((self.finish)(&full, &self.days));
                }
            }
        }
    }

    /// Returns the number of buckets so far.
    pub(crate) fn len(&self) -> usize {
        self.done.len() + usize::from(self.open.is_some())
    }

    pub(crate) fn finish(mut self) -> Vec<T> {
        if let Some(last) = self.open.take() {
            self.done.push((self.finish)(&last, &self.days));
        }
        self.done
    }
}

#[cfg(test)]
mod tests;
