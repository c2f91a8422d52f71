//! Whole numbers with bounds.

use schemars::{JsonSchema, json_schema};
use toml::de::DeValue;

use super::{Found, Read, inline_schema};
use crate::config::finding::{Fault, Report};

/// A whole number from `MIN` to `MAX`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole<const MIN: u64, const MAX: u64>(pub u64);

impl<const MIN: u64, const MAX: u64> Read for Whole<MIN, MAX> {
    fn read(found: &Found<'_>, report: &mut Report) -> Option<Whole<MIN, MAX>> {
        let DeValue::Integer(number) = found.value else {
            let mut fault = found.expected("a whole number");
            fault.right = format!("write one from {MIN} to {MAX}");
            report.error(&found.place(), fault);
            return None;
        };
        match u64::from_str_radix(number.as_str(), number.radix()) {
            Ok(value) if (MIN..=MAX).contains(&value) => Some(Whole(value)),
            _ => {
                let wrong = format!("{number} is out of range");
                report.error(
                    &found.place(),
                    Fault::new(wrong, format!("write one from {MIN} to {MAX}")),
                );
                None
            }
        }
    }
}

impl<const MIN: u64, const MAX: u64> JsonSchema for Whole<MIN, MAX> {
    inline_schema!(
        "whole number",
        json_schema!({ "type": "integer", "minimum": MIN, "maximum": MAX })
    );
}

// === impl Whole ===

impl<const MIN: u64, const MAX: u64> Whole<MIN, MAX> {
    /// The number where `MAX` is a 32-bit one; larger ones are cut to it.
    pub fn to_u32(self) -> u32 {
        u32::try_from(self.0).unwrap_or(u32::MAX)
    }
}
