//! `tidegate user` and `tidegate pardon`.

mod password;

use clap::{Args, Subcommand};
use serde_json::json;
use tidegate_staff::{
    admin::{self, PasswordSet, UserAdd, UserRow},
    url_encoding::escaped,
};

use super::{Failure, say, say_json};
use crate::client::{Client, Reach};

/// `tidegate user …`.
#[derive(Debug, Args)]
pub struct Users {
    #[command(subcommand)]
    command: UserCommand,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Add a user
    Add {
        /// The user's name: letters, digits and . _ @ + -
        name: String,
        /// The organisation; without it, a new one of the user's own name
        #[arg(long)]
        tenant: Option<String>,
        /// What they bought: a [plan.NAME] of the limits file
        #[arg(long)]
        plan: Option<String>,
    },
    /// Set the password that a user logs in with, read from standard input; their sessions end
    Password {
        /// The user's name
        name: String,
        /// Take it away instead: they log in no more
        #[arg(long)]
        remove: bool,
    },
}

/// `tidegate pardon`.
#[derive(Debug, Args)]
pub struct Pardon {
    /// Whom
    #[arg(long, value_name = "NAME")]
    user: String,
    /// In one limit only
    #[arg(long)]
    limit: Option<String>,
    #[command(flatten)]
    reach: Reach,
}

impl Users {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.command {
            UserCommand::Add { name, tenant, plan } => {
                let new = UserAdd {
                    user: name,
                    tenant,
                    plan,
                };
                add(&self.reach, &new)
            }
            UserCommand::Password { name, remove } => set_password(&self.reach, &name, remove),
        }
    }
}

fn add(reach: &Reach, new: &UserAdd) -> Result<(), Failure> {
    let user: UserRow = Client::new(reach)?.post("/users", new)?;
    if reach.json {
        return say_json(&user);
    }
    let plan = user.plan.map(|plan| format!(", plan {plan}")).unwrap_or_default();
    say(&format!("user {} added, tenant {}{plan}", user.user, user.tenant));
    Ok(())
}

fn set_password(reach: &Reach, name: &str, remove: bool) -> Result<(), Failure> {
    let client = Client::new(reach)?;
    let path = format!("/users/{}/password", escaped(name));
    if remove {
        client.delete(&path)?;
    } else {
        let password = password::read(name)?.into();
        client.put(&path, &PasswordSet { password })?;
    }
    if reach.json {
        return say_json(&json!({ "user": name, "password": !remove }));
    }
    let done = if remove {
        "has no password any more"
    } else {
        "has a new password"
    };
    say(&format!("{name} {done}; their sessions are ended"));
    Ok(())
}

impl Pardon {
    pub(super) fn run(self) -> Result<(), Failure> {
        let path = format!("/users/{}/pardon", escaped(&self.user));
        let done: admin::Pardoned = Client::new(&self.reach)?.post(&path, &json!({ "limit": self.limit }))?;
        if self.reach.json {
            return say_json(&done);
        }
        let what = self
            .limit
            .map_or_else(|| "in all limits".to_owned(), |limit| format!("in `{limit}`"));
        let counters = if done.cells == 1 { "counter" } else { "counters" };
        say(&format!(
            "{} is pardoned {what}: {} {counters} cleared",
            done.user, done.cells
        ));
        Ok(())
    }
}
