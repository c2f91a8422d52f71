//! Reads values out of parsed TOML, each with its place, and goes on after a mistake.
//!
//! A type says once how it is written ([`Read`]); [`crate::config::text`] lists the keys of each table once, and from
//! that list come the struct, the reader, the known keys of "did you mean", and the JSON Schema.

use toml::de::{DeTable, DeValue};

use super::{
    finding::{Fault, Report},
    later,
    later::Table,
    place::{At, File, Place, join},
    suggest::instead_of,
};

mod choice;
mod list;
mod named;
mod number;
mod syntax;

pub use choice::{Choice, Word};
pub use list::OneOrMany;
pub use named::Named;
pub use number::Whole;
pub use syntax::{Syntax, Written};

/// A value as it was found in a file.
#[derive(Clone, Debug)]
pub struct Found<'a> {
    /// The file.
    pub file: &'a File,
    /// The value.
    pub value: &'a DeValue<'a>,
    /// The byte it begins at; of a table's entry its key's.
    pub offset: usize,
    /// The dotted key.
    pub key: String,
}

/// A type that can be read from a value.
pub trait Read: Sized {
    /// Reads; a mistake goes to the report, and `None` comes back where nothing can be made of it.
    fn read(found: &Found<'_>, report: &mut Report) -> Option<Self>;
}

/// A table with a fixed set of keys.
pub trait KeyedTable: Default {
    /// Which table it is.
    const TABLE: Table;

    /// The keys it knows.
    fn keys() -> Vec<&'static str>;

    /// The keys found so far, known or not.
    fn written(&mut self) -> &mut Vec<String>;

    /// Reads one of them.
    fn set(&mut self, key: &str, found: &Found<'_>, report: &mut Report);
}

/// Reads a table key by key, in the order in which they stand in the file; an unknown one is a mistake.
pub fn read_table<T: KeyedTable>(found: &Found<'_>, report: &mut Report) -> Option<T> {
    let DeValue::Table(entries) = found.value else {
        let wrong = format!("{} is not a table", kind(found.value));
        report.error(
            &found.place(),
            Fault::new(wrong, format!("write `[{}]`, and its keys below", found.key)),
        );
        return None;
    };
    let mut table = T::default();
    let known = T::keys();
    for (key, entry) in found.entries(entries) {
        table.written().push(key.to_owned());
        if known.contains(&key) {
            table.set(key, &entry, report);
        } else {
            let fault = later::key(T::TABLE, key).unwrap_or_else(|| Fault::new("unknown key", instead_of(key, &known)));
            report.error(&entry.place(), fault);
        }
    }
    Some(table)
}

// === impl Found ===

impl<'a> Found<'a> {
    /// Its place.
    pub fn place(&self) -> Place {
        self.file.place(self.offset, self.key.clone())
    }

    /// The fault of a value of another type.
    pub fn expected(&self, what: &str) -> Fault {
        Fault::new(format!("{} is not {what}", kind(self.value)), format!("write {what}"))
    }

    /// A table's entries, in the order in which they stand in the file.
    pub fn entries(&self, table: &'a DeTable<'a>) -> Vec<(&'a str, Found<'a>)> {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        entries
            .into_iter()
            .map(|(key, value)| {
                let name: &str = key.get_ref();
                (
                    name,
                    Found {
                        file: self.file,
                        value: value.get_ref(),
                        offset: key.span().start,
                        key: join(&self.key, name),
                    },
                )
            })
            .collect()
    }

    /// Reads with the place kept.
    pub fn at<T: Read>(&self, report: &mut Report) -> Option<At<T>> {
        Some(At {
            value: T::read(self, report)?,
            place: self.place(),
        })
    }
}

fn kind(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(text) => format!("the text \"{text}\""),
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
    fn read(found: &Found<'_>, report: &mut Report) -> Option<bool> {
        let value = found.value.as_bool();
        if value.is_none() {
            report.error(
                &found.place(),
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
    fn read(found: &Found<'_>, report: &mut Report) -> Option<String> {
        let value = found.value.as_str();
        if value.is_none() {
            report.error(&found.place(), found.expected("a text in quotes"));
        }
        value.map(str::to_owned)
    }
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
