//! A parsed limits file, and the files it includes.

use std::{fs, ops::Range, path::PathBuf, sync::Arc};

use toml::de::{DeTable, DeValue};

use super::{
    diagnostics::{Fault, Report},
    extensions::ConfigExtensions,
    location::{Location, SourceText, join},
    reader::{Entry, Read},
    sections::FileText,
    source::Source,
};

/// A parsed file.
#[derive(Debug)]
pub struct ParsedFile {
    /// The file's name in messages.
    pub name: Arc<str>,
    /// The path on disk; a preset has none.
    pub path: Option<PathBuf>,
    /// The name of its page.
    pub page: String,
    /// The parsed tables.
    pub text: FileText,
}

/// Files may include files this many levels deep.
const DEPTH_MAX: usize = 4;
/// Files read in all.
const FILES_MAX: usize = 64;

/// Reads a file and those it includes; it comes first. `None` after a mistake that leaves a file unread: whatever
/// names something in it would seem wrong too.
pub fn read_all(source: &Source, extensions: &ConfigExtensions, report: &mut Report) -> Option<Vec<ParsedFile>> {
    match source.text() {
        Ok(text) => read(source, text, extensions, report),
        Err(fault) => {
            report.error(
                &Location {
                    file: source.name().into(),
                    line: 0,
                    key: String::new(),
                },
                fault,
            );
            None
        }
    }
}

/// Reads a text that stands in no file, and the files it includes.
pub fn read_text(
    name: &str,
    text: &str,
    extensions: &ConfigExtensions,
    report: &mut Report,
) -> Option<Vec<ParsedFile>> {
    read(&Source::File(PathBuf::from(name)), text.to_owned(), extensions, report)
}

fn read(source: &Source, text: String, extensions: &ConfigExtensions, report: &mut Report) -> Option<Vec<ParsedFile>> {
    let mut reading = Reading {
        files: Vec::new(),
        seen: Vec::new(),
        complete: true,
        extensions,
        report,
    };
    reading.file(source, text, 0);
    reading.complete.then_some(reading.files)
}

struct Reading<'r> {
    files: Vec<ParsedFile>,
    seen: Vec<Source>,
    /// Every file was read.
    complete: bool,
    extensions: &'r ConfigExtensions,
    report: &'r mut Report,
}

impl Reading<'_> {
    fn file(&mut self, source: &Source, text: String, depth: usize) {
        self.seen.push(canonical(source));
        let file = SourceText {
            name: source.name().into(),
            text,
        };
        let Some(text) = parse(&file, self.extensions, self.report) else {
            self.complete = false;
            return;
        };
        let includes = text
            .include
            .as_ref()
            .map(|include| include.value.0.clone())
            .unwrap_or_default();
        let page = self.free_page_name(source.page());
        self.files.push(ParsedFile {
            name: file.name.clone(),
            path: source.path().map(ToOwned::to_owned),
            page,
            text,
        });
        for include in includes {
            let next = source.include(&include.value);
            let fault = if self.seen.contains(&canonical(&next)) {
                Fault::new(
                    format!("`{}` is already included", include.value),
                    "include each page once",
                )
            } else if depth + 1 >= DEPTH_MAX || self.seen.len() >= FILES_MAX {
                Fault::new(
                    "includes are nested too deep or too many",
                    format!("include at most {DEPTH_MAX} levels and {FILES_MAX} files"),
                )
            } else {
                match next.text() {
                    Ok(text) => {
                        self.file(&next, text, depth + 1);
                        continue;
                    }
                    Err(fault) => Fault::new(format!("`{}`: {}", include.value, fault.wrong), fault.right),
                }
            };
            self.report.error(&include.location, fault);
            self.complete = false;
        }
    }

    /// Returns a page name that is not taken: two files of one name in two folders are two pages.
    fn free_page_name(&self, name: String) -> String {
        let taken = |name: &str| self.files.iter().any(|file| file.page == name);
        let mut free = name.clone();
        let mut copy = 2;
        while taken(&free) {
            free = format!("{name}-{copy}");
            copy += 1;
        }
        free
    }
}

/// Resolves links, so that a file reached by two paths is read once.
fn canonical(source: &Source) -> Source {
    match source {
        Source::Default => Source::Preset("default".to_owned()),
        Source::Preset(name) => Source::Preset(name.clone()),
        Source::File(path) => Source::File(fs::canonicalize(path).unwrap_or_else(|_| path.clone())),
    }
}

/// Parses TOML and reads its tables. Of several mistakes of syntax the first is told: the others may follow from it.
fn parse(file: &SourceText, extensions: &ConfigExtensions, report: &mut Report) -> Option<FileText> {
    match DeTable::parse(&file.text) {
        Ok(table) => {
            let value = DeValue::Table(table.into_inner());
            FileText::read(
                &Entry {
                    file,
                    extensions,
                    value: &value,
                    offset: 0,
                    key: String::new(),
                },
                report,
            )
        }
        Err(error) => {
            let span = error.span().unwrap_or_default();
            let key = if error.message().contains(DUPLICATE) {
                key_at(&file.text, span.clone())
            } else {
                String::new()
            };
            report.error(&file.location(span.start, key), syntax_fault(error.message()));
            None
        }
    }
}

/// The parser's words for a key that is defined twice.
const DUPLICATE: &str = "duplicate key";

/// The dotted key of a span that holds one: in a table's heading all of the heading, elsewhere the key below the last one.
fn key_at(text: &str, span: Range<usize>) -> String {
    let key = text.get(span.clone()).unwrap_or_default();
    let before = text.get(..span.start).unwrap_or_default();
    let heading = |line: &str| line.trim().trim_matches(['[', ']']).to_owned();
    if before
        .lines()
        .next_back()
        .is_some_and(|line| !before.ends_with('\n') && line.trim_start().starts_with('['))
    {
        return text
            .get(before.rfind('[').unwrap_or_default()..)
            .and_then(|rest| rest.lines().next())
            .map(heading)
            .unwrap_or_default();
    }
    match before.lines().rev().find(|line| line.trim_start().starts_with('[')) {
        Some(line) => join(&heading(line), key),
        None => key.to_owned(),
    }
}

fn syntax_fault(message: &str) -> Fault {
    if message.contains(DUPLICATE) {
        return Fault::new("is defined twice", "remove one of the two");
    }
    match message.split_once(", expected ") {
        Some((wrong, right)) => Fault::new(wrong, format!("expected {right}")),
        None => Fault::new(message, ""),
    }
}
