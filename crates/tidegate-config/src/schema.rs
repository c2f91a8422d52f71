//! The JSON Schema of a limits file, for editors; committed as `docs/limits.schema.json`.

use std::collections::BTreeMap;

use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::{
    parts::Parts,
    reader::{describe, number},
    text::FileText,
};

/// The schema, as the committed file holds it.
pub fn json(parts: &Parts) -> String {
    let mut schema = SchemaSettings::draft07()
        .into_generator()
        .into_root_schema_for::<FileText>();
    schema.insert("title".to_owned(), "A Tidegate limits file".into());
    let mut schema = schema.to_value();
    for bound in parts.bounds() {
        let key = describe(
            number::schema(bound.min, bound.max),
            bound.doc,
            Some(bound.default.into()),
        );
        schema["definitions"]["Server"]["properties"][bound.key] = key.to_value();
    }
    parts.vocabulary.describe(&mut schema);
    // A schema is plain JSON, and a map of strings always has a text.
    format!("{:#}\n", sorted(schema))
}

/// With the keys of every object in the order of the alphabet, so that the committed file does not depend on whether some
/// other crate has serde_json keep an order of its own.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let sorted: BTreeMap<String, Value> = object.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            Value::Object(sorted.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
