//! Whole numbers with bounds.

use schemars::{JsonSchema, Schema, json_schema};
use toml::de::DeValue;

use super::{Entry, Read, inline_schema};
use crate::diagnostics::{Fault, Report};

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole<const MIN: u64, const MAX: u64>(pub u64);

/// Reads a whole number from `min` to `max`.
pub(crate) fn read(found: &Entry<'_>, min: u64, max: u64, report: &mut Report) -> Option<u64> {
    let right = format!("write a whole number from {min} to {max}");
    let DeValue::Integer(number) = found.value else {
        let mut fault = found.expected("a whole number");
        fault.right = right;
        report.error(&found.location(), fault);
        return None;
    };
    match u64::from_str_radix(number.as_str(), number.radix()) {
        Ok(value) if (min..=max).contains(&value) => Some(value),
        _ => {
            report.error(
                &found.location(),
                Fault::new(format!("{number} is out of range"), right),
            );
            None
        }
    }
}

/// The schema of a whole number from `min` to `max`.
pub(crate) fn schema(min: u64, max: u64) -> Schema {
    json_schema!({ "type": "integer", "minimum": min, "maximum": max })
}

impl<const MIN: u64, const MAX: u64> Read for Whole<MIN, MAX> {
    fn read(found: &Entry<'_>, report: &mut Report) -> Option<Whole<MIN, MAX>> {
        read(found, MIN, MAX, report).map(Whole)
    }
}

impl<const MIN: u64, const MAX: u64> JsonSchema for Whole<MIN, MAX> {
    inline_schema!("whole number", schema(MIN, MAX));
}

// === impl Whole ===

impl<const MIN: u64, const MAX: u64> Whole<MIN, MAX> {
    /// The number where `MAX` is a 32-bit one; larger ones are cut to it.
    pub fn to_u32(self) -> u32 {
        u32::try_from(self.0).unwrap_or(u32::MAX)
    }
}
