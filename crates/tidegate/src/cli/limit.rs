//! `tidegate limit`: quotas by hand.

use clap::{Args, Subcommand};
use serde_json::json;
use tidegate_config::table::thousands;
use tidegate_staff::{admin::OverrideSet, human_time, limit_standing::StandingRow, url_encoding::escaped};

use super::{Failure, listing, say, say_json};
use crate::client::{Client, Reach};

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
    /// Set a quota for one user or tenant, in force at the next decision; no count is reset
    Set {
        /// The limit, as `tidegate limits` names it
        limit: String,
        /// Units per window; the burst scales with it
        #[arg(value_parser = clap::value_parser!(u32).range(1..))]
        quota: u32,
        #[command(flatten)]
        whose: Whose,
        /// When it ends by itself: 2026-12-01 (its beginning, UTC) or an RFC 3339 time
        #[arg(long, value_parser = human_time::date, value_name = "DATE")]
        until: Option<i64>,
        /// Why, for the audit trail
        #[arg(long)]
        reason: Option<String>,
    },
    /// End a quota set by hand
    Unset {
        /// The limit
        limit: String,
        #[command(flatten)]
        whose: Whose,
    },
    /// Show where a user stands in each limit, and where each quota comes from
    Show {
        /// Whose
        #[arg(long, value_name = "NAME")]
        user: String,
    },
}

#[derive(Clone, Debug, Args)]
#[group(required = true, multiple = false)]
struct Whose {
    /// For one user
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// For one organisation
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
                whose,
                until,
                reason,
            } => {
                let Whose { user, tenant } = whose.clone();
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
                        &json!({ "limit": limit, "scope": whose.words(), "quota": quota, "until_ms": until }),
                    );
                }
                say(&format!(
                    "`{limit}` is {quota} for {} from the next request on",
                    whose.words()
                ));
            }
            Verb::Unset { limit, whose } => {
                client.delete(&format!("/limits/{}/overrides?{}", escaped(&limit), whose.query()))?;
                if json {
                    return say_json(&json!({ "limit": limit, "scope": whose.words(), "quota": null }));
                }
                say(&format!(
                    "`{limit}` is what it was for {} from the next request on",
                    whose.words()
                ));
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

impl Whose {
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
