//! `tidegate usage`.

use clap::{Args, Subcommand, ValueEnum};

use super::{Failure, listing, say, say_json};
use crate::client::{Client, Reach};
use tidegate_core::usage::Month;
use tidegate_staff::{
    admin::usage::{By, MonthUsage, UsageHealth},
    url_encoding::escaped,
    usage_audit::Audit,
    usage_row::{Row, csv},
};

/// `tidegate usage …`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Usage {
    #[command(subcommand)]
    command: Option<UsageCommand>,
    /// The month in UTC; without it the one that is now
    #[arg(long, value_name = "YYYY-MM")]
    month: Option<Month>,
    /// Of this tenant alone
    #[arg(long, value_name = "NAME")]
    tenant: Option<String>,
    /// What rows tell apart
    #[arg(long, value_enum, default_value = "tenant")]
    by: By,
    /// The form of the list
    #[arg(long, value_enum, default_value = "table")]
    format: Format,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Debug, Subcommand)]
enum UsageCommand {
    /// Read the log again and compare it with the ledger
    Verify,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Table,
    Json,
    Csv,
}

impl Usage {
    pub(super) fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.reach)?;
        if let Some(UsageCommand::Verify) = self.command {
            return verify(&client, self.reach.json);
        }
        let by = self
            .by
            .to_possible_value()
            .map_or_else(String::new, |by| by.get_name().to_owned());
        let mut path = format!("/usage?by={by}");
        if let Some(month) = self.month {
            path += &format!("&month={month}");
        }
        if let Some(tenant) = &self.tenant {
            path += &format!("&tenant={}", escaped(tenant));
        }
        let found: MonthUsage = client.get(&path)?;
        warn(&found);
        match self.format {
            _ if self.reach.json => say_json(&found.rows),
            Format::Json => say_json(&found.rows),
            Format::Csv => {
                let lines: Vec<_> = csv(&found.rows)
                    .lines()
                    .map(|line| tidegate_staff::sanitize::plain(line).into_owned())
                    .collect();
                say(&lines.join("\r\n"));
                Ok(())
            }
            Format::Table => {
                say(&listed(&found, self.by));
                Ok(())
            }
        }
    }
}

fn listed(found: &MonthUsage, by: By) -> String {
    if found.rows.is_empty() {
        return format!("nothing was used in {}", found.month);
    }
    let second = match by {
        By::Tenant => None,
        By::User => Some("user"),
        By::Route => Some("route"),
    };
    let headings: Vec<&str> = ["tenant"]
        .into_iter()
        .chain(second)
        .chain([
            "month",
            "transactions",
            "cached",
            "refused",
            "unbilled",
            "bytes in",
            "bytes out",
            "samples",
        ])
        .collect();
    let rows = found.rows.iter().map(|row| cells(row, second));
    listing::columns(&headings, rows)
}

fn cells(row: &Row, second: Option<&str>) -> Vec<String> {
    let name = |name: &Option<String>| name.clone().unwrap_or_else(|| "–".to_owned());
    let second = match second {
        Some("user") => Some(name(&row.user)),
        Some(_) => Some(name(&row.route)),
        None => None,
    };
    // Cached bytes and samples are for machines.
    let sums = row.sums.values().into_iter().take(7).map(|sum| sum.to_string());
    let names = [name(&row.tenant)].into_iter().chain(second).chain([row.month.clone()]);
    names.chain(sums).collect()
}

/// What keeps the month from being exact is said beside it.
fn warn(found: &MonthUsage) {
    let UsageHealth {
        write_error,
        ship_error,
        damaged_bytes,
        ..
    } = &found.state;
    let tell = |text: String| super::tell(&format!("tidegate: {}", tidegate_staff::sanitize::plain_lines(&text)));
    if let Some(error) = write_error {
        tell(format!("usage is not written down now: {error}"));
    }
    if let Some(error) = ship_error {
        tell(format!("not all that was written is in this list yet: {error}"));
    }
    if *damaged_bytes > 0 {
        tell(format!(
            "the log is damaged: {damaged_bytes} bytes of it say nothing; `tidegate usage verify` says more"
        ));
    }
    if found.has_more {
        tell("there are more rows than are listed at once: name a tenant with --tenant".to_owned());
    }
}

fn verify(client: &Client, as_json: bool) -> Result<(), Failure> {
    let audit: Audit = client.get("/usage/verify")?;
    if as_json {
        say_json(&audit)?;
    } else {
        say(&audited(&audit));
    }
    match audit.ok {
        true => Ok(()),
        false => Err(Failure::Refused(anyhow::anyhow!("the ledger is not what the log says"))),
    }
}

fn audited(audit: &Audit) -> String {
    let Audit {
        segments,
        bytes,
        batches,
        pending,
        missing,
        damaged_bytes,
        torn_bytes,
        differences,
        ok: _,
    } = audit;
    let mut text = format!(
        "read {batches} batches in {segments} segments ({bytes} bytes)\n\
         not in the ledger yet: {pending}; lost: {missing}; damaged bytes: {damaged_bytes}; torn off by crashes: {torn_bytes}\n"
    );
    if differences.is_empty() {
        text += "the ledger is the sum of the log";
        return text;
    }
    let rows = differences.iter().map(|found| {
        let tenant = found.tenant.clone().unwrap_or_else(|| "–".to_owned());
        vec![
            found.month.clone(),
            tenant,
            found.sum.clone(),
            found.ledger.to_string(),
            found.log.to_string(),
        ]
    });
    text + &listing::columns(&["month", "tenant", "sum", "ledger", "log"], rows)
}
