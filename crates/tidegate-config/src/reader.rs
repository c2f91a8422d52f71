//! Reads values out of parsed TOML, each with its place, and goes on after a mistake.
//!
//! A type says once how it is written ([`Read`]); [`crate::sections`] lists the keys of each table once, and from
//! that list come the struct, the reader, the known keys of "did you mean", and the JSON Schema.

use schemars::Schema;
use serde_json::Value;
use tidegate_core::bounds::Bound;
use toml::de::{DeTable, DeValue};

use super::{
    diagnostics::{Fault, Report},
    extensions::ConfigExtensions,
    location::{Located, Location, SourceText, join},
    suggest::instead_of,
};

mod choice;
mod list;
mod named_tables;
pub(crate) mod number;
mod parsed_string;

pub use choice::{Choice, Word};
pub use list::OneOrMany;
pub use named_tables::Named;
pub use number::Whole;
pub use parsed_string::{Syntax, Written};

/// A value as it was found in a file.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The file.
    pub file: &'a SourceText,
    /// The additions of the program to the language.
    pub extensions: &'a ConfigExtensions,
    /// The value.
    pub value: &'a DeValue<'a>,
    /// The byte it begins at; of a table's entry its key's.
    pub offset: usize,
    /// The dotted key.
    pub key: String,
}

/// A type that can be read from a value.
pub trait Read: Sized {
    /// Reads the value. A mistake goes to the report; `None` means that there is no usable value.
    fn read(found: &Entry<'_>, report: &mut Report) -> Option<Self>;
}

/// A table with a fixed set of keys.
pub trait KeyedTable: Default {
    /// The keys of its own.
    fn keys() -> Vec<&'static str>;

    /// The keys found so far, known or not.
    fn written(&mut self) -> &mut Vec<String>;

    /// The numbers found so far, of a table that takes the parts' bounds too.
    fn numbers(&mut self) -> Option<&mut Vec<(&'static str, u64)>> {
        None
    }

    /// Reads one of its own keys.
    fn set(&mut self, key: &str, found: &Entry<'_>, report: &mut Report);
}

/// The table of a later version.
const LATER: &str = "ingest";

/// Reads a table key by key, in the order in which they stand in the file; an unknown one is a mistake.
pub fn read_table<T: KeyedTable>(found: &Entry<'_>, report: &mut Report) -> Option<T> {
    let DeValue::Table(entries) = found.value else {
        let wrong = format!("{} is not a table", kind(found.value));
        report.error(
            &found.location(),
            Fault::new(wrong, format!("write `[{}]` with its keys below it", found.key)),
        );
        return None;
    };
    let mut table = T::default();
    let own = T::keys();
    let bounds: Vec<&Bound> = table
        .numbers()
        .map_or_else(Vec::new, |_| found.extensions.bounds().collect());
    for (key, entry) in found.entries(entries) {
        table.written().push(key.to_owned());
        if own.contains(&key) {
            table.set(key, &entry, report);
        } else if let Some(bound) = bounds.iter().find(|bound| bound.key == key) {
            let read = number::read(&entry, bound.min, bound.max, report);
            if let (Some(numbers), Some(number)) = (table.numbers(), read) {
                numbers.push((bound.key, number));
            }
        } else if entry.key == LATER {
            report.error(
                &entry.location(),
                Fault::new("not supported in this version", "remove the table"),
            );
        } else {
            let known: Vec<&str> = bounds
                .iter()
                .map(|bound| bound.key)
                .chain(own.iter().copied())
                .collect();
            report.error(&entry.location(), Fault::new("unknown key", instead_of(key, &known)));
        }
    }
    Some(table)
}

// === impl Entry ===

impl<'a> Entry<'a> {
    /// Returns its location.
    pub fn location(&self) -> Location {
        self.file.location(self.offset, self.key.clone())
    }

    /// The fault of a value of another type.
    pub fn expected(&self, what: &str) -> Fault {
        Fault::new(format!("{} is not {what}", kind(self.value)), format!("write {what}"))
    }

    /// A table's entries, in the order in which they stand in the file.
    pub fn entries(&self, table: &'a DeTable<'a>) -> Vec<(&'a str, Entry<'a>)> {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        entries
            .into_iter()
            .map(|(key, value)| {
                let name: &str = key.get_ref();
                (
                    name,
                    Entry {
                        file: self.file,
                        extensions: self.extensions,
                        value: value.get_ref(),
                        offset: key.span().start,
                        key: join(&self.key, name),
                    },
                )
            })
            .collect()
    }

    /// Reads with the place kept.
    pub fn at<T: Read>(&self, report: &mut Report) -> Option<Located<T>> {
        Some(Located {
            value: T::read(self, report)?,
            location: self.location(),
        })
    }
}

fn kind(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the string \"{text}\""),
        DeValue::Integer(number) => format!("the number {number}"),
        DeValue::Float(number) => format!("the number {number}"),
        DeValue::Boolean(word) => word.to_string(),
        DeValue::Datetime(_) => "a date".to_owned(),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}

// === impl Read ===

impl Read for bool {
    fn read(found: &Entry<'_>, report: &mut Report) -> Option<bool> {
        let value = found.value.as_bool();
        if value.is_none() {
            report.error(
                &found.location(),
                Fault::new(
                    format!("{} is neither true nor false", kind(found.value)),
                    "write `true` or `false`",
                ),
            );
        }
        value
    }
}

impl Read for String {
    fn read(found: &Entry<'_>, report: &mut Report) -> Option<String> {
        let value = found.value.as_str();
        if value.is_none() {
            report.error(&found.location(), found.expected("a quoted string"));
        }
        value.map(str::to_owned)
    }
}

/// A key's schema with its doc comment and its default.
pub(crate) fn describe(mut schema: Schema, doc: &str, default: Option<Value>) -> Schema {
    // Siblings of a reference are not read, so a table that is referred to keeps its own description.
    if schema.get("$ref").is_none() {
        schema.insert("description".to_owned(), doc.trim().into());
    }
    if let Some(default) = default {
        schema.insert("default".to_owned(), default);
    }
    schema
}

/// A schema of its own, written in place.
macro_rules! inline_schema {
    ($name:expr, $schema:expr) => {
        fn inline_schema() -> bool {
            true
        }

        fn schema_name() -> std::borrow::Cow<'static, str> {
            $name.into()
        }

        fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
            $schema
        }
    };
}
pub(crate) use inline_schema;
