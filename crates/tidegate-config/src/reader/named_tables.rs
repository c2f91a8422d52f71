//! Tables that the operator names: `[limit.NAME]`.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;
use toml::de::DeValue;

use super::{Entry, Read, kind};
use crate::{
    diagnostics::{Fault, Report},
    location::Located,
};

/// Values under names of the operator's choice, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named<T>(pub Vec<(String, Located<T>)>);

impl<T: Read> Read for Named<T> {
    fn read(found: &Entry<'_>, report: &mut Report) -> Option<Named<T>> {
        let DeValue::Table(entries) = found.value else {
            let wrong = format!("{} is not a table of named entries", kind(found.value));
            report.error(
                &found.location(),
                Fault::new(wrong, format!("write `[{}.NAME]` with its keys below it", found.key)),
            );
            return None;
        };
        let mut named = Vec::new();
        for (name, entry) in found.entries(entries) {
            if let Some(value) = entry.at(report) {
                named.push((name.to_owned(), value));
            }
        }
        Some(Named(named))
    }
}

// === impl Named ===

impl<T> Named<T> {
    /// Is true when a value has this name.
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|(of, _)| of == name)
    }

    /// The names.
    pub fn names(&self) -> Vec<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }
}

impl<T> Default for Named<T> {
    fn default() -> Named<T> {
        Named(Vec::new())
    }
}

impl<T: JsonSchema> JsonSchema for Named<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "named".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<T>();
        json_schema!({ "type": "object", "additionalProperties": value })
    }
}
