//! `tidegate check` and `tidegate limits`: limits files, without a server.

use std::path::PathBuf;

use clap::Args;
use tidegate_config::{Config, Source, suggest, table};

use tidegate_core::{overrides::Overrides, policy::Policy, tenant::Tenant};

use super::{Failure, listing, say, say_json, serve::Preset};
use crate::config_extensions::CONFIG_EXTENSIONS;

/// Flags of `tidegate check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Limits file; by default, the built-in policy is checked
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Flags of `tidegate limits`.
#[derive(Debug, Args)]
pub struct Limits {
    /// Limits file; by default, the built-in policy is shown
    #[arg(value_name = "FILE", conflicts_with = "preset")]
    file: Option<PathBuf>,

    /// Built-in limits page of a platform
    #[arg(long)]
    preset: Option<Preset>,

    /// Show the limits of this tenant, a [tenant.NAME] of the file
    #[arg(long, value_name = "T")]
    tenant: Option<String>,

    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Loads a limits file and prints its warnings; a bad file is wrong usage.
pub(super) fn load(source: &Source, upstream: Option<&str>) -> Result<Config, Failure> {
    let config = tidegate_config::load(source, upstream, &CONFIG_EXTENSIONS)
        .map_err(|errors| Failure::Usage(errors.to_string()))?;
    for warning in &config.warnings {
        eprintln!("{warning}");
    }
    Ok(config)
}

impl Check {
    pub(super) fn run(self) -> Result<(), Failure> {
        let loaded = tidegate_config::load(&source(self.file, None), None, &CONFIG_EXTENSIONS);
        say(&tidegate_config::summary(
            &loaded.map_err(|errors| Failure::Usage(errors.to_string()))?,
        ));
        Ok(())
    }
}

impl Limits {
    pub(super) fn run(self) -> Result<(), Failure> {
        let policy = load(&source(self.file, self.preset), None)?.policy;
        let tenant = self.tenant.map(|name| tenant(&policy, &name)).transpose()?;
        let style = listing::style_of(&std::io::stdout());
        match (tenant, self.json) {
            (None, true) => return say_json(&table::rows(&policy)),
            (Some(tenant), true) => {
                return say_json(&table::rows_of_tenant(&policy, &tenant.name, &Overrides::default(), 0));
            }
            (None, false) => say(&table::text(&policy, style)),
            (Some(tenant), false) => say(&table::text_of_tenant(&policy, tenant, style)),
        }
        Ok(())
    }
}

fn tenant<'p>(policy: &'p Policy, name: &str) -> Result<&'p Tenant, Failure> {
    policy.tenants.named(name).ok_or_else(|| {
        let names: Vec<&str> = policy.tenants.iter().map(|tenant| &*tenant.name).collect();
        let instead = match names.as_slice() {
            [] => "the file defines no tenant".to_owned(),
            names => suggest::instead_of(name, names),
        };
        Failure::Usage(format!("there is no `[tenant.{name}]`; {instead}"))
    })
}

fn source(file: Option<PathBuf>, preset: Option<Preset>) -> Source {
    match (file, preset) {
        (Some(file), _) => Source::File(file),
        (None, Some(preset)) => preset.source(),
        (None, None) => Source::Default,
    }
}
