//! `tidegate check` and `tidegate limits`: limits files, without a server.

use std::path::PathBuf;

use clap::Args;

use super::{Failure, listing, say, say_json, serve::Preset};
use crate::{
    config::{self, Config, Source},
    table,
};

/// Flags of `tidegate check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Limits file; without it the default policy is checked
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Flags of `tidegate limits`.
#[derive(Debug, Args)]
pub struct Limits {
    /// Limits file; without it the default policy is shown
    #[arg(value_name = "FILE", conflicts_with = "preset")]
    file: Option<PathBuf>,

    /// Limits page of a platform
    #[arg(long)]
    preset: Option<Preset>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Loads a limits file, saying its warnings; a bad one is wrong usage.
pub(super) fn load(source: &Source, upstream: Option<&str>) -> Result<Config, Failure> {
    let config = config::load(source, upstream).map_err(|errors| Failure::Usage(errors.to_string()))?;
    for warning in &config.warnings {
        eprintln!("{warning}");
    }
    Ok(config)
}

impl Check {
    pub(super) fn run(self) -> Result<(), Failure> {
        let loaded = config::load(&source(self.file, None), None);
        say(&config::summary(
            &loaded.map_err(|errors| Failure::Usage(errors.to_string()))?,
        ));
        Ok(())
    }
}

impl Limits {
    pub(super) fn run(self) -> Result<(), Failure> {
        let config = load(&source(self.file, self.preset), None)?;
        if self.json {
            return say_json(&table::rows(&config.policy));
        }
        say(&table::text(&config.policy, listing::style_of(&std::io::stdout())));
        Ok(())
    }
}

fn source(file: Option<PathBuf>, preset: Option<Preset>) -> Source {
    match (file, preset) {
        (Some(file), _) => Source::File(file),
        (None, Some(preset)) => preset.source(),
        (None, None) => Source::Default,
    }
}
