//! `tidegate explain`.

use clap::Args;
use tidegate_staff::{explanation::Explanation, sanitize::plain, url_encoding::escaped};

use super::{Failure, say, say_json};
use crate::client::{Client, Reach};

/// `tidegate explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// The value of the answer's Tidegate-Decision field
    #[arg(
        value_name = "DECISION_ID",
        required_unless_present = "user",
        conflicts_with = "user"
    )]
    decision: Option<String>,
    /// The last refusals of a user
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    #[command(flatten)]
    reach: Reach,
}

impl Explain {
    pub(super) fn run(self) -> Result<(), Failure> {
        let path = match (&self.decision, &self.user) {
            (Some(decision), _) => format!("/decisions/{}", escaped(decision)),
            (None, user) => format!("/users/{}/decisions", escaped(user.as_deref().unwrap_or_default())),
        };
        let explanation: Explanation = Client::new(&self.reach)?.get(&path)?;
        if self.reach.json {
            return say_json(&explanation);
        }
        say(&text(&explanation));
        for earlier in &explanation.earlier {
            say(&format!("\n{}", text(earlier)));
        }
        Ok(())
    }
}

fn text(found: &Explanation) -> String {
    let mut lines = vec![plain(&found.why).into_owned()];
    let mut line = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            lines.push(format!("  {name:<9} {}", plain(&value)));
        }
    };
    line("decision", found.decision.clone());
    line("at", found.at.clone());
    line(
        "request",
        found
            .request
            .clone()
            .map(|request| format!("{request} (answered {})", found.status.unwrap_or_default())),
    );
    line("caller", Some(caller(found)).filter(|text| !text.is_empty()));
    line(
        "limit",
        found.limit.clone().map(|limit| {
            format!(
                "{limit}, {} used of {} for {}",
                found.used.unwrap_or_default(),
                found.quota.unwrap_or_default(),
                found.scope.clone().unwrap_or_default()
            )
        }),
    );
    line("from", found.from.clone());
    line("until", found.until.clone());
    lines.join("\n")
}

fn caller(found: &Explanation) -> String {
    match (&found.user, &found.client) {
        (Some(user), Some(client)) => format!("{user}, from {client}"),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => String::new(),
    }
}
