//! Errors and warnings about a limits file: location, fault, cure.

use std::fmt;

use super::location::Location;

/// A message about a file: `FILE:LINE: key: what is wrong; what would be right`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The location.
    pub location: Location,
    /// The fault and its cure.
    pub fault: Fault,
}

/// A fault and its cure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The fault.
    pub wrong: String,
    /// The cure; empty when the fault says it.
    pub right: String,
}

/// A warning about something that is allowed, but probably not meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning(pub Diagnostic);

/// The reasons why a limits file is not in force: all that were found at once, one per line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors(pub Vec<Diagnostic>);

/// Collects what is found while a file is read and compiled, so that nobody has to mend one mistake at a time.
#[derive(Debug, Default)]
pub struct Report {
    errors: Vec<Diagnostic>,
    warnings: Vec<Warning>,
}

// === impl Report ===

impl Report {
    /// Notes a mistake.
    pub fn error(&mut self, location: &Location, fault: Fault) {
        self.errors.push(Diagnostic {
            location: location.clone(),
            fault,
        });
    }

    /// Notes a doubt.
    pub fn warn(&mut self, location: &Location, fault: Fault) {
        self.warnings.push(Warning(Diagnostic {
            location: location.clone(),
            fault,
        }));
    }

    /// The value and its warnings if there is no mistake, the mistakes in the order of their lines otherwise.
    ///
    /// # Errors
    /// Fails when there is at least one error, or no value.
    pub fn finish<T>(self, value: Option<T>) -> Result<(T, Vec<Warning>), ConfigErrors> {
        match value {
            Some(value) if self.errors.is_empty() => Ok((value, self.warnings)),
            _ => Err(ConfigErrors(by_file_and_line(self.errors))),
        }
    }
}

/// Files stay in the order in which they were first spoken of.
fn by_file_and_line(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut files = Vec::new();
    for diagnostic in &diagnostics {
        if !files.contains(&diagnostic.location.file) {
            files.push(diagnostic.location.file.clone());
        }
    }
    diagnostics.sort_by_key(|diagnostic| {
        (
            files.iter().position(|file| *file == diagnostic.location.file),
            diagnostic.location.line,
        )
    });
    diagnostics
}

/// Characters of either half: what is quoted from a file has no bound of its own.
const CHARS_MAX: usize = 800;

/// Returns one line without control characters, whatever a file holds: a message goes to a terminal.
fn plain(text: String) -> String {
    if text.len() <= CHARS_MAX && !text.contains(char::is_control) {
        return text;
    }
    let shown = text.chars().take(CHARS_MAX);
    let mut plain: String = shown.map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(CHARS_MAX).is_some() {
        plain.push('…');
    }
    plain
}

// === impl Fault ===

impl Fault {
    /// Makes a fault with its cure.
    pub fn new(wrong: impl Into<String>, right: impl Into<String>) -> Fault {
        Fault {
            wrong: plain(wrong.into()),
            right: plain(right.into()),
        }
    }
}

// === impl words ===

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.wrong)?;
        if self.right.is_empty() {
            Ok(())
        } else {
            write!(f, "; {}", self.right)
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}{}", self.location, Keyed(&self.location), self.fault)
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: warning: {}{}",
            self.0.location,
            Keyed(&self.0.location),
            self.0.fault
        )
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, diagnostic) in self.0.iter().enumerate() {
            let newline = if i == 0 { "" } else { "\n" };
            write!(f, "{newline}{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigErrors {}

/// A place's key before a colon, if there is one.
struct Keyed<'a>(&'a Location);

impl fmt::Display for Keyed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.key.is_empty() {
            Ok(())
        } else {
            write!(f, "{}: ", self.0.key)
        }
    }
}
