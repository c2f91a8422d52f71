//! The origin of a limits file: a preset or a file on disk.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
};

use super::{diagnostics::Fault, suggest::instead_of};

/// The origin of a limits file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Both platforms' pages: the preset `default`.
    Default,
    /// A page that is built in.
    Preset(String),
    /// A file.
    File(PathBuf),
}

/// The pages that are built in.
pub const PRESETS: &[(&str, &str)] = &[
    ("default", include_str!("../../../presets/default.toml")),
    ("tempest", include_str!("../../../presets/tempest.toml")),
    ("grovestreams", include_str!("../../../presets/grovestreams.toml")),
    ("any", include_str!("../../../presets/any.toml")),
];

/// A limits file is read whole; a larger one is no limits file.
const FILE_BYTES_MAX: u64 = 1 << 20;

// === impl Source ===

impl Source {
    /// Returns its name in messages.
    pub fn name(&self) -> String {
        match self {
            Source::Default => "preset:default".to_owned(),
            Source::Preset(name) => format!("preset:{name}"),
            Source::File(path) => path.display().to_string(),
        }
    }

    /// Returns its path on disk; a preset has none.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Source::File(path) => Some(path),
            Source::Default | Source::Preset(_) => None,
        }
    }

    /// The name of the page in it.
    pub fn page(&self) -> String {
        match self {
            Source::Default => "default".to_owned(),
            Source::Preset(name) => name.clone(),
            Source::File(path) => path
                .file_stem()
                .map_or_else(|| "page".to_owned(), |stem| stem.to_string_lossy().into_owned()),
        }
    }

    /// Reads its text.
    ///
    /// # Errors
    /// Fails when there is no such preset, or the file cannot be read.
    pub fn text(&self) -> Result<String, Fault> {
        match self {
            Source::Default => Source::Preset("default".to_owned()).text(),
            Source::Preset(name) => match PRESETS.iter().find(|(preset, _)| preset == name) {
                Some((_, text)) => Ok((*text).to_owned()),
                None => {
                    let names: Vec<&str> = PRESETS.iter().map(|(name, _)| *name).collect();
                    Err(Fault::new(
                        format!("there is no preset `{name}`"),
                        instead_of(name, &names),
                    ))
                }
            },
            Source::File(path) => read(path),
        }
    }

    /// Resolves an `include` of this source's file: `preset:NAME`, or a path relative to it.
    pub fn include(&self, text: &str) -> Source {
        match (text.strip_prefix("preset:"), self) {
            (Some(name), _) => Source::Preset(name.to_owned()),
            (None, Source::File(path)) => Source::File(
                path.parent()
                    .map_or_else(|| PathBuf::from(text), |folder| folder.join(text)),
            ),
            (None, _) => Source::File(PathBuf::from(text)),
        }
    }
}

fn read(path: &PathBuf) -> Result<String, Fault> {
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes))
        .map_err(|error| Fault::new(format!("cannot be read: {error}"), "check the path of the limits file"))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(Fault::new("is larger than 1 MiB", "check the path of the limits file"));
    }
    String::from_utf8(bytes).map_err(|_| Fault::new("is not UTF-8 text", "save the file as UTF-8"))
}
