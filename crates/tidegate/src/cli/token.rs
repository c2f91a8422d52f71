//! `tidegate token`.

use std::time::Duration;

use clap::{Args, Subcommand, ValueEnum};
use tidegate_staff::{
    admin::{TokenCreate, TokenCreated},
    human_time,
    token_row::TokenListed,
    url_encoding::escaped,
};

use super::{Failure, listing, say, say_json};
use crate::client::{Client, Reach};

/// `tidegate token …`.
#[derive(Debug, Args)]
pub struct Tokens {
    #[command(subcommand)]
    command: TokenCommand,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make a token; it is printed alone, this once
    Create {
        /// Whose
        #[arg(long, value_name = "NAME")]
        user: String,
        /// What kind
        #[arg(long, default_value = "personal")]
        kind: Kind,
        /// When it ends: 90s, 12h, 90d
        #[arg(long, value_parser = human_time::span, value_name = "SPAN")]
        expires: Option<Duration>,
        /// Which stations: ids with commas, or `all`
        #[arg(long, value_name = "IDS|all")]
        stations: Option<String>,
        /// What its holder calls it
        #[arg(long, value_name = "TEXT")]
        name: Option<String>,
    },
    /// Take a token back, from the next request on
    Revoke {
        /// The token's id, as `token list` shows it
        id: String,
    },
    /// List a user's tokens
    List {
        /// Whose
        #[arg(long, value_name = "NAME")]
        user: String,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    /// A person's own: own and shared stations
    Personal,
    /// Names an application; reads nothing by itself on Tempest routes
    App,
    /// Shared in public, with an end date; counts by itself
    Development,
    /// Named stations or all; counts by itself
    Enterprise,
}

impl Tokens {
    pub(super) fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.reach)?;
        match self.command {
            TokenCommand::Create {
                user,
                kind,
                expires,
                stations,
                name,
            } => {
                let expires_s = expires.map(|span| span.as_secs());
                let new = TokenCreate {
                    user,
                    kind: Some(kind.word().to_owned()),
                    expires_s,
                    stations,
                    name,
                };
                let made: TokenCreated = client.post("/tokens", &new)?;
                if self.reach.json {
                    return say_json(&made);
                }
                say(&made.token);
            }
            TokenCommand::Revoke { id } => {
                client.delete(&format!("/tokens/{}", escaped(&id)))?;
                if self.reach.json {
                    return say_json(&serde_json::json!({ "id": id, "revoked": true }));
                }
                say(&format!("token {id} revoked"));
            }
            TokenCommand::List { user } => {
                let tokens: Vec<TokenListed> = client.get(&format!("/tokens?user={}", escaped(&user)))?;
                if self.reach.json {
                    return say_json(&tokens);
                }
                say(&listing(&user, &tokens));
            }
        }
        Ok(())
    }
}

fn listing(user: &str, tokens: &[TokenListed]) -> String {
    if tokens.is_empty() {
        return format!("{user} has no tokens");
    }
    let rows = tokens.iter().map(|token| {
        let stations = token.stations.clone().unwrap_or_else(|| "own and shared".to_owned());
        let ends = token.expires.clone().unwrap_or_else(|| "never".to_owned());
        vec![
            token.id.clone(),
            token.kind_or_session().to_owned(),
            token.state.clone(),
            format!("…{}", token.hint),
            stations,
            ends,
            token.name.clone(),
        ]
    });
    listing::columns(&["id", "kind", "state", "token", "stations", "ends", "name"], rows)
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Kind::Personal => "personal",
            Kind::App => "app",
            Kind::Development => "development",
            Kind::Enterprise => "enterprise",
        }
    }
}
