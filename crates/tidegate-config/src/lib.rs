//! Reads a limits file, checks it, and compiles it to a policy.
//!
//! ```text
//! source ─► parsed_file ─► sections (keys and values with locations) ─► compile ─► Config
//!                     every mistake on the way goes to one report: FILE:LINE: key: what is wrong; what would be right
//! ```
//!
//! [`ConfigExtensions`] brings in what this crate must not link: the bounds that gateway, engine and program declare, and
//! how certificates and keys are read. To add a bound of `[server]`, declare it in the `bounds!` of the part that keeps it
//! (default, range, key, and the operator's sentence as the first line of its doc comment), use it there, and write its row
//! in docs/config.md. Reading, mistakes, schema and the difference after a reload follow from the declaration.

pub mod compile;
pub mod diagnostics;
pub mod extensions;
pub mod location;
pub mod parsed_file;
pub mod platform_word;
pub mod reader;
pub mod schema;
pub mod sections;
pub mod server;
pub mod source;
pub mod suggest;
pub mod table;
pub mod vocabulary;

use std::{path::PathBuf, sync::Arc};

use tidegate_core::policy::{Policy, Upstream};

pub use diagnostics::{ConfigErrors, Warning};
pub use server::Server;
pub use source::Source;

use diagnostics::Report;
use extensions::ConfigExtensions;
use location::Location;
use parsed_file::ParsedFile;
use reader::Syntax;
use sections::upstream::AddressText;

/// A limits file, compiled.
#[derive(Clone, Debug)]
pub struct Config {
    /// The policy that requests are decided by.
    pub policy: Policy,
    /// The gate's own bounds.
    pub server: Server,
    /// The warnings: what is allowed, but probably not meant.
    pub warnings: Vec<Warning>,
    /// The files read, the started one first.
    pub files: Vec<Arc<str>>,
    /// The paths of the files on disk, to be watched.
    pub paths: Vec<PathBuf>,
}

/// Reads, checks and compiles. `upstream`, the command line's `--upstream`, replaces what the pages say; without a
/// preset or file it is put behind `presets/any.toml` (docs/semantics.md rule 4).
///
/// # Errors
/// Every mistake that could be found in one go.
pub fn load(source: &Source, upstream: Option<&str>, extensions: &ConfigExtensions) -> Result<Config, ConfigErrors> {
    let mut report = Report::default();
    let upstream = upstream.and_then(|text| override_of(text, extensions, &mut report));
    let source = match source {
        Source::Default if upstream.is_some() => &Source::Preset("any".to_owned()),
        other => other,
    };
    let files = parsed_file::read_all(source, extensions, &mut report);
    finish(files, upstream.as_ref(), extensions, report)
}

/// Compiles a text that stands in no file; its includes are presets or paths relative to the working directory.
///
/// # Errors
/// Every mistake that could be found in one go.
pub fn parse(name: &str, text: &str, extensions: &ConfigExtensions) -> Result<Config, ConfigErrors> {
    let mut report = Report::default();
    let files = parsed_file::read_text(name, text, extensions, &mut report);
    finish(files, None, extensions, report)
}

/// Returns the output of `tidegate check` for a valid file: the warnings, then the number of pages, routes and limits.
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
    files: Option<Vec<ParsedFile>>,
    upstream: Option<&Upstream>,
    extensions: &ConfigExtensions,
    mut report: Report,
) -> Result<Config, ConfigErrors> {
    let files = files.unwrap_or_default();
    let compiled = compile::compile(&files, upstream, extensions, &mut report);
    let ((policy, server), warnings) = report.finish(compiled)?;
    Ok(Config {
        policy,
        server,
        warnings,
        files: files.iter().map(|file| file.name.clone()).collect(),
        paths: files.iter().filter_map(|file| file.path.clone()).collect(),
    })
}

fn override_of(text: &str, parts: &ConfigExtensions, report: &mut Report) -> Option<Upstream> {
    match AddressText::parse(text, parts) {
        Ok(upstream) => Some(upstream.0),
        Err(fault) => {
            let location = Location {
                file: "--upstream".into(),
                line: 0,
                key: String::new(),
            };
            report.error(&location, fault);
            None
        }
    }
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
