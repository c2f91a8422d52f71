//! `tidegate sockets`.

use clap::{Args, Subcommand};
use tidegate_staff::{socket_row::SocketRow, url_encoding::escaped};

use super::{Failure, listing, say, say_json};
use crate::client::{Client, Reach};

/// `tidegate sockets …`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Sockets {
    #[command(subcommand)]
    command: Option<SocketCommand>,
    /// Whose open sockets to list
    #[arg(long, value_name = "NAME", required = true)]
    user: Option<String>,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Debug, Subcommand)]
enum SocketCommand {
    /// Close one
    Close {
        /// The socket's id, as `tidegate sockets --user` shows it
        id: String,
    },
}

impl Sockets {
    pub(super) fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.reach)?;
        if let Some(SocketCommand::Close { id }) = self.command {
            client.delete(&format!("/sockets/{}", escaped(&id)))?;
            if self.reach.json {
                return say_json(&serde_json::json!({ "id": id, "closed": true }));
            }
            say(&format!("socket {id} is closing"));
            return Ok(());
        }
        let user = self.user.unwrap_or_default();
        let open: Vec<SocketRow> = client.get(&format!("/users/{}/sockets", escaped(&user)))?;
        if self.reach.json {
            return say_json(&open);
        }
        say(&listed(&user, &open));
        Ok(())
    }
}

fn listed(user: &str, open: &[SocketRow]) -> String {
    if open.is_empty() {
        return format!("{user} has no open sockets");
    }
    let rows = open.iter().map(|socket| {
        vec![
            socket.id.clone(),
            socket.since.clone(),
            socket.peer.clone(),
            socket.route.clone(),
            format!("{} s", socket.idle_s),
            socket.devices.join(","),
        ]
    });
    listing::columns(&["id", "since", "peer", "route", "idle", "devices"], rows)
}
