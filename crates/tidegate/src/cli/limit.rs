//! `tidegate limit`: quotas set by hand.

use clap::{Args, Subcommand};
use serde_json::json;
use tidegate_config::table::thousands;
use tidegate_staff::{admin::OverrideSet, human_time, limit_standing::StandingRow, url_encoding::escaped};

use super::{Failure, listing, say, say_json};
use crate::admin_client::{Client, Reach};

/// `tidegate limit …`.
#[derive(Debug, Args)]
pub struct LimitCommand {
    #[command(subcommand)]
    command: Verb,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Set a quota for one user or tenant, effective at once; no counter is reset
    Set {
        /// Name of the limit, as `tidegate limits` shows it
        limit: String,
        /// Calls per window; the burst scales with it
        #[arg(value_parser = clap::value_parser!(u32).range(1..))]
        quota: u32,
        #[command(flatten)]
        target: OverrideTarget,
        /// End of the quota: 2026-12-01 (00:00 UTC) or an RFC 3339 time
        #[arg(long, value_parser = human_time::date, value_name = "DATE")]
        until: Option<i64>,
        /// Reason, for the audit trail
        #[arg(long)]
        reason: Option<String>,
    },
    /// Remove a quota that was set by hand
    Unset {
        /// Name of the limit
        limit: String,
        #[command(flatten)]
        target: OverrideTarget,
    },
    /// Show a user's use of each limit, and where each quota comes from
    Show {
        /// Name of the user
        #[arg(long, value_name = "NAME")]
        user: String,
    },
}

#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
struct OverrideTarget {
    /// Name of the user
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Name of the organisation
    #[arg(long, value_name = "T")]
    tenant: Option<String>,
}

impl LimitCommand {
    pub(super) fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.reach)?;
        let json = self.reach.json;
        match self.command {
            Verb::Set {
                limit,
                quota,
                target,
                until,
                reason,
            } => {
                let OverrideTarget { user, tenant } = target.clone();
                let set = OverrideSet {
                    user,
                    tenant,
                    quota,
                    until_ms: until,
                    reason,
                };
                client.put(&format!("/limits/{}/overrides", escaped(&limit)), &set)?;
                if json {
                    return say_json(
                        &json!({ "limit": limit, "scope": target.words(), "quota": quota, "until_ms": until }),
                    );
                }
                say(&format!("The quota of `{limit}` for {} is now {quota}", target.words()));
            }
            Verb::Unset { limit, target } => {
                client.delete(&format!("/limits/{}/overrides?{}", escaped(&limit), target.query()))?;
                if json {
                    return say_json(&json!({ "limit": limit, "scope": target.words(), "quota": null }));
                }
                say(&format!("The quota of `{limit}` set for {} is removed", target.words()));
            }
            Verb::Show { user } => {
                let rows: Vec<StandingRow> = client.get(&format!("/users/{}/limits", escaped(&user)))?;
                if json {
                    return say_json(&rows);
                }
                say(&standings(&rows));
            }
        }
        Ok(())
    }
}

fn standings(rows: &[StandingRow]) -> String {
    let unknown = || "–".to_owned();
    let cells = rows.iter().map(|row| {
        let resets = row.resets_in_s.map_or_else(unknown, |secs| format!("{secs} s"));
        vec![
            row.limit.clone(),
            row.scope.clone(),
            thousands(u64::from(row.quota)),
            row.used.map_or_else(unknown, thousands),
            row.remaining.map_or_else(unknown, thousands),
            resets,
            row.from.clone(),
        ]
    });
    listing::columns(
        &["limit", "scope", "quota", "used", "remaining", "resets in", "from"],
        cells,
    )
}

impl OverrideTarget {
    fn words(&self) -> String {
        match (&self.user, &self.tenant) {
            (Some(user), _) => format!("user {user}"),
            (None, tenant) => format!("tenant {}", tenant.as_deref().unwrap_or_default()),
        }
    }

    fn query(&self) -> String {
        match (&self.user, &self.tenant) {
            (Some(user), _) => format!("user={}", escaped(user)),
            (None, tenant) => format!("tenant={}", escaped(tenant.as_deref().unwrap_or_default())),
        }
    }
}
