//! The types of values, and values as they lie in the store.

use super::write::Datum;
use serde_json::Value;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// The type of a stream's values, declared or set by its first sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// 64-bit floating point.
    Number,
    /// True or false.
    Boolean,
    /// Text.
    Text,
}

/// A value in its stream's type, ready to bind.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fitted<'a> {
    Real(f64),
    Integer(i64),
    Text(&'a str),
}

impl ValueKind {
    pub(super) fn name(self) -> &'static str {
        match self {
            ValueKind::Number => "number",
            ValueKind::Boolean => "boolean",
            ValueKind::Text => "string",
        }
    }

    /// The store writes only its own names; anything else is read as the widest kind.
    pub(super) fn from_name(name: &str) -> ValueKind {
        match name {
            "number" => ValueKind::Number,
            "boolean" => ValueKind::Boolean,
            _ => ValueKind::Text,
        }
    }

    /// The value in column `index` of a row.
    pub(super) fn read(self, row: &SqliteRow, index: usize) -> Result<Value, sqlx::Error> {
        Ok(match self {
            ValueKind::Number => number(row.try_get(index)?),
            ValueKind::Boolean => Value::Bool(row.try_get::<i64, _>(index)? != 0),
            ValueKind::Text => Value::String(row.try_get(index)?),
        })
    }

    /// Returns the stored form of a value that was sent; `None` when it is of another type.
    pub(super) fn fit(self, datum: &Datum) -> Option<Fitted<'_>> {
        match (self, datum) {
            (ValueKind::Number, Datum::Number(number)) => Some(Fitted::Real(*number)),
            (ValueKind::Boolean, Datum::Boolean(flag)) => Some(Fitted::Integer(i64::from(*flag))),
            (ValueKind::Text, Datum::Text(text)) => Some(Fitted::Text(text)),
            (ValueKind::Number, Datum::Untyped(text)) => text.number().map(Fitted::Real),
            (ValueKind::Boolean, Datum::Untyped(text)) => text.boolean().map(|flag| Fitted::Integer(i64::from(flag))),
            (ValueKind::Text, Datum::Untyped(text)) => Some(Fitted::Text(&text.0)),
            _ => None,
        }
    }
}

impl std::fmt::Display for ValueKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// A whole number is answered as one (`21`, not `21.0`), as devices send it.
fn number(value: f64) -> Value {
    const WHOLE_MAX: f64 = 9_007_199_254_740_992.0; // 2^53: beyond it not every whole number has an f64.
    if value.fract() == 0.0 && value.abs() < WHOLE_MAX {
        Value::from(value as i64)
    } else {
        Value::from(value)
    }
}
