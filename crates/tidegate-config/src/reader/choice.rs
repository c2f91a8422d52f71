//! A word of a fixed set.

use schemars::{JsonSchema, json_schema};

use super::{Entry, Read, inline_schema};
use crate::{
    diagnostics::{Fault, Report},
    suggest::instead_of,
};

/// A type that is written as one word of a few.
pub trait Word: Copy + 'static {
    /// The words and what they mean.
    const WORDS: &'static [(&'static str, Self)];
    /// Words that a later version will know.
    const LATER: &'static [&'static str] = &[];
}

/// A value of such a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice<T>(pub T);

impl<T: Word> Read for Choice<T> {
    fn read(found: &Entry<'_>, report: &mut Report) -> Option<Choice<T>> {
        let text = String::read(found, report)?;
        if let Some((_, value)) = T::WORDS.iter().find(|(word, _)| *word == text) {
            return Some(Choice(*value));
        }
        let words: Vec<&str> = T::WORDS.iter().map(|(word, _)| *word).collect();
        let fault = if T::LATER.contains(&text.as_str()) {
            Fault::new(
                format!("`{text}` is not supported in this version"),
                instead_of("", &words),
            )
        } else {
            Fault::new(format!("`{text}` is not a valid value"), instead_of(&text, &words))
        };
        report.error(&found.location(), fault);
        None
    }
}

impl<T: Word> JsonSchema for Choice<T> {
    inline_schema!("word", {
        let words: Vec<&str> = T::WORDS.iter().map(|(word, _)| *word).collect();
        json_schema!({ "type": "string", "enum": words })
    });
}
