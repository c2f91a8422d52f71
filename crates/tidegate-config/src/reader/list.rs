//! A value, or a list of such values.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use std::borrow::Cow;
use toml::de::DeValue;

use super::{Entry, Read};
use crate::{diagnostics::Report, location::Located};

/// A value, or a list of such values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneOrMany<T>(pub Vec<Located<T>>);

impl<T: Read> Read for OneOrMany<T> {
    fn read(found: &Entry<'_>, report: &mut Report) -> Option<OneOrMany<T>> {
        let DeValue::Array(items) = found.value else {
            return Some(OneOrMany(vec![found.at(report)?]));
        };
        let read = items.iter().map(|item| {
            let item = Entry {
                file: found.file,
                extensions: found.extensions,
                value: item.get_ref(),
                offset: item.span().start,
                key: found.key.clone(),
            };
            item.at(report)
        });
        // All are read before one that is wrong makes the list unusable, so that each mistake is told.
        let read: Vec<Option<Located<T>>> = read.collect();
        read.into_iter().collect::<Option<Vec<_>>>().map(OneOrMany)
    }
}

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "one or many".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [one.clone(), { "type": "array", "items": one }] })
    }
}
