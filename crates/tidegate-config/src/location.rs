//! The location of a value in a limits file.

use std::sync::Arc;

/// A file, a line and a dotted key: what an operator needs to find a mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// The file as it was named, or `preset:NAME`.
    pub file: Arc<str>,
    /// The line, from 1; 0 for what stands in no file.
    pub line: usize,
    /// The key with its tables, e.g. `limit.rest-per-user.rate`; empty for the file as a whole.
    pub key: String,
}

/// A value and the place it was written at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// The location of the value.
    pub location: Location,
}

/// The text of one file, and where its lines begin.
#[derive(Debug)]
pub struct SourceText {
    /// The file's name in messages.
    pub name: Arc<str>,
    /// The file's text.
    pub text: String,
}

// === impl Location ===

impl Location {
    /// The place of a key below this one, for messages about what is not written.
    pub fn below(&self, key: &str) -> Location {
        Location {
            key: join(&self.key, key),
            ..self.clone()
        }
    }
}

/// A dotted key, one step further down.
pub fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

// === impl SourceText ===

impl SourceText {
    /// The place of a byte of the text.
    pub fn location(&self, offset: usize, key: impl Into<String>) -> Location {
        let before = self.text.as_bytes().get(..offset).unwrap_or(self.text.as_bytes());
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        Location {
            file: self.name.clone(),
            line,
            key: key.into(),
        }
    }
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            0 => f.write_str(&self.file),
            line => write!(f, "{}:{line}", self.file),
        }
    }
}
