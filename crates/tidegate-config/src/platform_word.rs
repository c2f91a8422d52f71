//! A word of a limits file that a platform brings.

use schemars::{JsonSchema, json_schema};

use crate::{
    diagnostics::{Fault, Report},
    reader::{Entry, Read, inline_schema},
    suggest::instead_of,
    vocabulary::Known,
};

/// One of the platforms' words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlatformWord<T>(pub T);

impl<T: Known> Read for PlatformWord<T> {
    fn read(found: &Entry<'_>, report: &mut Report) -> Option<PlatformWord<T>> {
        let text = String::read(found, report)?;
        let known = T::known(&found.extensions.vocabulary);
        if let Some((_, value)) = known.iter().find(|(word, _)| *word == text) {
            return Some(PlatformWord(*value));
        }
        let words: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
        let fault = Fault::new(format!("`{text}` is not a valid value"), instead_of(&text, &words));
        report.error(&found.location(), fault);
        None
    }
}

impl<T> JsonSchema for PlatformWord<T> {
    inline_schema!("platform word", json_schema!({ "type": "string" }));
}
