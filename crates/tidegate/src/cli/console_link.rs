//! `tidegate console link`: a login link for the web console.

use clap::{Args, Subcommand};
use tidegate_staff::admin::{LinkCreate, LinkCreated, staff::Role};

use super::{Failure, say, say_json};
use crate::admin_client::{Client, Reach};

/// `tidegate console …`.
#[derive(Debug, Args)]
pub struct Console {
    #[command(subcommand)]
    command: Verb,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Create a login link for the console; it works once, within 15 minutes
    Link {
        /// Role of the person who logs in
        #[arg(long, default_value = "owner")]
        role: Role,
        /// Name of that person in the audit trail
        #[arg(long)]
        name: Option<String>,
    },
}

impl Console {
    pub(super) fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.reach)?;
        let Verb::Link { role, name } = self.command;
        let asked = LinkCreate { name, role: Some(role) };
        let made: LinkCreated = client.post("/console/links", &asked)?;
        let url = client.url(&made.path);
        if self.reach.json {
            return say_json(&serde_json::json!({ "url": url, "staff": made.staff, "until": made.until }));
        }
        say(&url);
        Ok(())
    }
}
