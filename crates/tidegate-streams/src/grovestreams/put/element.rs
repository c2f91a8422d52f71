//! One element of a JSON batch: `{"compId","streamId","data","time"}`, with `data` and `time` one value each
//! or arrays of the same length.

use crate::grovestreams::batch::Batch;
use crate::store::Datum;
use serde::de::{Deserialize, Deserializer, Error, SeqAccess, Visitor};
use std::fmt;

/// Members it does not know are passed over, as devices send more than they must.
#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Element {
    comp_id: Option<String>,
    stream_id: Option<String>,
    comp_name: Option<String>,
    #[serde(default, deserialize_with = "present")]
    data: Option<OneOrMany<Value>>,
    time: Option<OneOrMany<TimeMs>>,
}

impl Element {
    /// Adds the element's samples. The error names the member at fault.
    pub(super) fn into_batch(self, index: usize, batch: &mut Batch) -> Result<(), String> {
        let comp_id = self.comp_id.ok_or("compId is missing")?;
        let stream_id = self.stream_id.ok_or("streamId is missing")?;
        let comp_name = self.comp_name.filter(|name| !name.is_empty());
        let stream = batch.stream(&comp_id, comp_name.as_deref(), &stream_id)?;
        let data = self.data.ok_or("data is missing")?;
        pair(data, self.time, |time, value| batch.add(stream, index, time, value))
    }
}

/// Hands on values with their times: one of each, or as many of the one as of the other.
pub(super) fn pair(
    data: OneOrMany<Value>,
    time: Option<OneOrMany<TimeMs>>,
    mut add: impl FnMut(Option<i64>, Option<Datum>) -> Result<(), String>,
) -> Result<(), String> {
    match (data, time) {
        (OneOrMany::One(value), None) => add(None, value.0),
        (OneOrMany::One(value), Some(OneOrMany::One(time))) => add(Some(time.0), value.0),
        (OneOrMany::Many(values), Some(OneOrMany::Many(times))) => {
            if values.len() != times.len() {
                let (found, expected) = (times.len(), values.len());
                return Err(format!("time: found {found} times for {expected} values in data"));
            }
            let mut pairs = times.into_iter().zip(values);
            pairs.try_for_each(|(time, value)| add(Some(time.0), value.0))
        }
        // The platform's own examples send lists of one.
        (OneOrMany::Many(mut values), None) if values.len() == 1 => add(None, values.remove(0).0),
        (OneOrMany::Many(_), _) => Err("time: data is an array, so time is an array of the same length".to_owned()),
        (OneOrMany::One(_), Some(OneOrMany::Many(_))) => Err("time: found an array, but data is one value".to_owned()),
    }
}

/// Keeps `"data": null`, which is no sample, apart from a missing member, which is a mistake.
pub(super) fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<OneOrMany<Value>>, D::Error> {
    OneOrMany::deserialize(deserializer).map(Some)
}

#[derive(Clone, Debug)]
pub(super) enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

/// A value of a sample; `None` is null.
#[derive(Clone, Debug)]
pub(super) struct Value(Option<Datum>);

/// Unix milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct TimeMs(i64);

/// The value that a JSON scalar becomes. Written by hand, as an untagged enum would hold every array twice.
pub(super) trait Scalar: Sized {
    const EXPECTED: &'static str;
    fn from_number(number: f64) -> Option<Self>;
    fn from_integer(integer: i64) -> Option<Self>;
    fn from_boolean(_: bool) -> Option<Self> {
        None
    }
    fn from_text(_: &str) -> Option<Self> {
        None
    }
    fn from_null() -> Option<Self> {
        None
    }
}

impl Scalar for Value {
    const EXPECTED: &'static str = "a number, boolean or string";
    fn from_number(number: f64) -> Option<Value> {
        Some(Value(Some(Datum::Number(number))))
    }
    fn from_integer(integer: i64) -> Option<Value> {
        Value::from_number(integer as f64)
    }
    fn from_boolean(flag: bool) -> Option<Value> {
        Some(Value(Some(Datum::Boolean(flag))))
    }
    fn from_text(text: &str) -> Option<Value> {
        Some(Value(Some(Datum::Text(text.to_owned()))))
    }
    fn from_null() -> Option<Value> {
        Some(Value(None))
    }
}

impl Scalar for TimeMs {
    const EXPECTED: &'static str = "milliseconds since 1970";
    /// `1.7e12` is the same time as 1700000000000; half a millisecond is none.
    fn from_number(number: f64) -> Option<TimeMs> {
        let whole = number.fract() == 0.0 && number.abs() < 1e15;
        whole.then_some(TimeMs(number as i64))
    }
    fn from_integer(integer: i64) -> Option<TimeMs> {
        Some(TimeMs(integer))
    }
}

struct ScalarVisitor<T> {
    many: bool,
    scalar: std::marker::PhantomData<T>,
}

impl<'de, T: Scalar> Visitor<'de> for ScalarVisitor<T> {
    type Value = OneOrMany<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)?;
        f.write_str(if self.many { ", or an array of them" } else { "" })
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<OneOrMany<T>, E> {
        one(T::from_boolean(flag), &self, serde::de::Unexpected::Bool(flag))
    }

    fn visit_i64<E: Error>(self, integer: i64) -> Result<OneOrMany<T>, E> {
        one(T::from_integer(integer), &self, serde::de::Unexpected::Signed(integer))
    }

    fn visit_u64<E: Error>(self, integer: u64) -> Result<OneOrMany<T>, E> {
        let value = match i64::try_from(integer) {
            Ok(integer) => T::from_integer(integer),
            Err(_) => T::from_number(integer as f64),
        };
        one(value, &self, serde::de::Unexpected::Unsigned(integer))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<OneOrMany<T>, E> {
        one(T::from_number(number), &self, serde::de::Unexpected::Float(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<OneOrMany<T>, E> {
        one(T::from_text(text), &self, serde::de::Unexpected::Str(text))
    }

    fn visit_unit<E: Error>(self) -> Result<OneOrMany<T>, E> {
        one(T::from_null(), &self, serde::de::Unexpected::Unit)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<OneOrMany<T>, A::Error> {
        if !self.many {
            return Err(A::Error::invalid_type(serde::de::Unexpected::Seq, &self));
        }
        let mut many = Vec::new();
        while let Some(Inner(scalar)) = elements.next_element()? {
            many.push(scalar);
        }
        Ok(OneOrMany::Many(many))
    }
}

fn one<T: Scalar, E: Error>(
    scalar: Option<T>,
    expected: &ScalarVisitor<T>,
    found: serde::de::Unexpected<'_>,
) -> Result<OneOrMany<T>, E> {
    scalar
        .map(OneOrMany::One)
        .ok_or_else(|| E::invalid_type(found, expected))
}

impl<'de, T: Scalar> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<OneOrMany<T>, D::Error> {
        deserializer.deserialize_any(ScalarVisitor {
            many: true,
            scalar: std::marker::PhantomData,
        })
    }
}

/// A scalar within an array, where another array has no meaning.
struct Inner<T>(T);

impl<'de, T: Scalar> Deserialize<'de> for Inner<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Inner<T>, D::Error> {
        let scalar = deserializer.deserialize_any(ScalarVisitor::<T> {
            many: false,
            scalar: std::marker::PhantomData,
        })?;
        match scalar {
            OneOrMany::One(scalar) => Ok(Inner(scalar)),
            OneOrMany::Many(_) => Err(D::Error::custom("found an array in an array")),
        }
    }
}
