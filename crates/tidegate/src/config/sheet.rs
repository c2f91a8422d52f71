//! One parsed limits file, and the files it includes.

use std::{fs, path::PathBuf, sync::Arc};

use toml::de::{DeTable, DeValue};

use super::{
    finding::{Fault, Report},
    place::{File, Place},
    reader::{Found, Read},
    source::Source,
    text::FileText,
};

/// One parsed file.
#[derive(Debug)]
pub struct Sheet {
    /// The file's name in messages.
    pub file: Arc<str>,
    /// The name of its page.
    pub page: String,
    /// What it says.
    pub text: FileText,
}

/// Files may include files this many levels deep.
const DEPTH_MAX: usize = 4;
/// Files read in all.
const FILES_MAX: usize = 64;

/// Reads a file and those it includes; it comes first.
pub fn read_all(source: &Source, report: &mut Report) -> Vec<Sheet> {
    let mut reading = Reading { sheets: Vec::new(), seen: Vec::new(), report };
    match source.text() {
        Ok(text) => reading.file(source, text, 0),
        Err(fault) => reading.report.error(&whole(&source.name()), fault),
    }
    reading.sheets
}

/// Reads a text that stands in no file, and the files it includes.
pub fn read_text(name: &str, text: &str, report: &mut Report) -> Vec<Sheet> {
    let mut reading = Reading { sheets: Vec::new(), seen: Vec::new(), report };
    reading.file(&Source::File(PathBuf::from(name)), text.to_owned(), 0);
    reading.sheets
}

/// The place of what concerns a whole file.
fn whole(name: &str) -> Place {
    Place { file: name.into(), line: 1, key: String::new() }
}

struct Reading<'r> {
    sheets: Vec<Sheet>,
    seen: Vec<Source>,
    report: &'r mut Report,
}

impl Reading<'_> {
    fn file(&mut self, source: &Source, text: String, depth: usize) {
        self.seen.push(canonical(source));
        let file = File { name: source.name().into(), text };
        let text = parse(&file, self.report);
        let includes = text.include.as_ref().map(|include| include.value.0.clone()).unwrap_or_default();
        let page = self.free_page_name(source.page());
        self.sheets.push(Sheet { file: file.name.clone(), page, text });
        for include in includes {
            let next = source.include(&include.value);
            let fault = if self.seen.contains(&canonical(&next)) {
                Fault::new(format!("`{}` is already part of this policy", include.value), "include each page once")
            } else if depth + 1 >= DEPTH_MAX || self.seen.len() >= FILES_MAX {
                Fault::new("too many files deep", format!("include at most {DEPTH_MAX} levels and {FILES_MAX} files"))
            } else {
                match next.text() {
                    Ok(text) => {
                        self.file(&next, text, depth + 1);
                        continue;
                    }
                    Err(fault) => Fault::new(format!("`{}`: {}", include.value, fault.wrong), fault.right),
                }
            };
            self.report.error(&include.place, fault);
        }
    }

    /// Two files of one name in two folders are two pages.
    fn free_page_name(&self, name: String) -> String {
        let taken = |name: &str| self.sheets.iter().any(|sheet| sheet.page == name);
        let mut free = name.clone();
        let mut copy = 2;
        while taken(&free) {
            free = format!("{name}-{copy}");
            copy += 1;
        }
        free
    }
}

/// One file reached by two paths is one.
fn canonical(source: &Source) -> Source {
    match source {
        Source::Default => Source::Preset("default".to_owned()),
        Source::Preset(name) => Source::Preset(name.clone()),
        Source::File(path) => Source::File(fs::canonicalize(path).unwrap_or_else(|_| path.clone())),
    }
}

/// Parses TOML, as far as it goes, and reads its tables. After a mistake of syntax only syntax is reported: what else
/// seems wrong may follow from it.
fn parse(file: &File, report: &mut Report) -> FileText {
    let (table, errors) = DeTable::parse_recoverable(&file.text);
    for error in &errors {
        let offset = error.span().map_or(0, |span| span.start);
        let key = match error.span().and_then(|span| file.text.get(span)) {
            Some(key) if error.message().contains("duplicate key") => key.to_owned(),
            _ => String::new(),
        };
        report.error(&file.place(offset, key), syntax_fault(error.message()));
    }
    if !errors.is_empty() {
        return FileText::default();
    }
    let value = DeValue::Table(table.into_inner());
    let root = Found { file, value: &value, offset: 0, key: String::new() };
    FileText::read(&root, report).unwrap_or_default()
}

fn syntax_fault(message: &str) -> Fault {
    if message.contains("duplicate key") {
        return Fault::new("stands here twice", "keep one of the two");
    }
    match message.split_once(", expected ") {
        Some((wrong, right)) => Fault::new(wrong, format!("expected {right}")),
        None => Fault::new(message, ""),
    }
}
