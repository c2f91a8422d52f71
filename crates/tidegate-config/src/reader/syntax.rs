//! Texts with a form of their own: `100 per minute`, `PUT /api/feed`, `query:api_key`.

use schemars::{JsonSchema, json_schema};

use super::{Entry, Read, inline_schema};
use crate::{
    finding::{Fault, Report},
    parts::Parts,
};

/// A type that is written as a text of a certain form.
pub trait Syntax: Sized {
    /// The form, by example, for editors.
    const EXAMPLES: &'static [&'static str];

    /// Reads the text, with the words that the program's parts bring.
    ///
    /// # Errors
    /// What is wrong with it, and what would be right.
    fn parse(text: &str, parts: &Parts) -> Result<Self, Fault>;
}

/// A value by its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written<T>(pub T);

impl<T: Syntax> Read for Written<T> {
    fn read(found: &Entry<'_>, report: &mut Report) -> Option<Written<T>> {
        let text = found.value.as_str();
        let Some(text) = text else {
            let example = T::EXAMPLES.first().copied().unwrap_or_default();
            let mut fault = found.expected("a text in quotes");
            fault.right = format!("write it as `\"{example}\"`");
            report.error(&found.place(), fault);
            return None;
        };
        match T::parse(text, found.parts) {
            Ok(value) => Some(Written(value)),
            Err(fault) => {
                report.error(&found.place(), fault);
                None
            }
        }
    }
}

impl<T: Syntax> JsonSchema for Written<T> {
    inline_schema!("text", json_schema!({ "type": "string", "examples": T::EXAMPLES }));
}
