//! From a limits file to the policy in force: text, checks, compiled rules.
//!
//! ```text
//! source ─► sheet (one parsed file) ─► text (keys and values with places) ─► compile ─► Config
//!                     every mistake on the way goes to one report: FILE:LINE: key: what is wrong; what would be right
//! ```
//!
//! [`Parts`] brings in what this crate must not link: the bounds that the doors, the engine and the program declare, and
//! how certificates and keys are read. To add a bound of `[server]`, declare it in the `bounds!` of the part that keeps it
//! (default, range, key, and the operator's sentence as the first line of its doc comment), use it there, and write its row
//! in docs/config.md. Reading, mistakes, schema and the difference after a reload follow from the declaration.

pub mod compile;
pub mod finding;
pub mod parts;
pub mod place;
pub mod platform_word;
pub mod reader;
pub mod schema;
pub mod server;
pub mod sheet;
pub mod source;
pub mod suggest;
pub mod table;
pub mod text;
pub mod vocabulary;

use std::{path::PathBuf, sync::Arc};

use tidegate_core::policy::{Policy, Upstream};

pub use finding::{ConfigErrors, Warning};
pub use server::Server;
pub use source::Source;

use finding::Report;
use parts::Parts;
use place::Place;
use reader::Syntax;
use sheet::Sheet;
use text::upstream::AddressText;

/// A limits file, compiled.
#[derive(Clone, Debug)]
pub struct Config {
    /// What requests are decided by.
    pub policy: Policy,
    /// The gate's own bounds.
    pub server: Server,
    /// What is allowed, but probably not meant.
    pub warnings: Vec<Warning>,
    /// The files read, the started one first.
    pub files: Vec<Arc<str>>,
    /// Those of them that are on disk, for whoever watches them.
    pub paths: Vec<PathBuf>,
}

/// Reads, checks and compiles. `upstream`, the command line's `--upstream`, replaces what the pages say; without a
/// preset or file it is put behind `presets/any.toml` (docs/semantics.md rule 4).
///
/// # Errors
/// Every mistake that could be found in one go.
pub fn load(source: &Source, upstream: Option<&str>, parts: &Parts) -> Result<Config, ConfigErrors> {
    let mut report = Report::default();
    let upstream = upstream.and_then(|text| override_of(text, parts, &mut report));
    let source = match source {
        Source::Default if upstream.is_some() => &Source::Preset("any".to_owned()),
        other => other,
    };
    let sheets = sheet::read_all(source, parts, &mut report);
    finish(sheets, upstream.as_ref(), parts, report)
}

/// Compiles a text that stands in no file; its includes are presets or paths relative to the working directory.
///
/// # Errors
/// Every mistake that could be found in one go.
pub fn parse(name: &str, text: &str, parts: &Parts) -> Result<Config, ConfigErrors> {
    let mut report = Report::default();
    let sheets = sheet::read_text(name, text, parts, &mut report);
    finish(sheets, None, parts, report)
}

/// What `tidegate check` prints of a valid file: the warnings, then what it found.
pub fn summary(config: &Config) -> String {
    let mut lines: Vec<String> = config.warnings.iter().map(ToString::to_string).collect();
    let policy = &config.policy;
    let counted = [
        (policy.pages.len(), "page"),
        (policy.routes.len(), "route"),
        (policy.limits.len() + policy.payload_limits.len(), "limit"),
    ];
    let counted: Vec<String> = counted
        .iter()
        .map(|(n, noun)| format!("{n} {noun}{}", if *n == 1 { "" } else { "s" }))
        .collect();
    let file = config.files.first().map_or("", |file| file);
    lines.push(format!("{file}: valid: {}", counted.join(", ")));
    lines.join("\n")
}

fn finish(
    sheets: Option<Vec<Sheet>>,
    upstream: Option<&Upstream>,
    parts: &Parts,
    mut report: Report,
) -> Result<Config, ConfigErrors> {
    let sheets = sheets.unwrap_or_default();
    let compiled = compile::compile(&sheets, upstream, parts, &mut report);
    let ((policy, server), warnings) = report.finish(compiled)?;
    Ok(Config {
        policy,
        server,
        warnings,
        files: sheets.iter().map(|sheet| sheet.file.clone()).collect(),
        paths: sheets.iter().filter_map(|sheet| sheet.path.clone()).collect(),
    })
}

fn override_of(text: &str, parts: &Parts, report: &mut Report) -> Option<Upstream> {
    match AddressText::parse(text, parts) {
        Ok(upstream) => Some(upstream.0),
        Err(fault) => {
            let place = Place {
                file: "--upstream".into(),
                line: 0,
                key: String::new(),
            };
            report.error(&place, fault);
            None
        }
    }
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
