//! The command line: what can be asked, and how it ends. 0 is done, 1 refused or not reached, 2 wrong usage or a bad file.

#![expect(clippy::print_stderr, reason = "this is the one place that speaks to a terminal")]

mod console;
mod demo;
mod explain;
mod limit;
mod listing;
mod policy;
mod serve;
mod sockets;
mod station;
mod token;
mod top;
mod usage;
mod user;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The limits page of a device-data platform, running.
///
/// Without a command it serves, as `tidegate serve` does.
#[derive(Debug, Parser)]
#[command(name = "tidegate", version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::Serve,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve: the gateway, the embedded streams API and the admin API
    Serve(serve::Serve),
    /// Serve, with simulated hubs, devices and callers of every temper
    Demo(demo::Demo),
    /// Check a limits file
    Check(policy::Check),
    /// Show limits as the limits page shows them
    Limits(policy::Limits),
    /// Users
    User(user::Users),
    /// Tokens
    Token(token::Tokens),
    /// Stations
    Station(station::Stations),
    /// Open sockets of a user
    Sockets(sockets::Sockets),
    /// Quotas by hand, for one user or tenant
    Limit(limit::LimitCommand),
    /// Say why a request was refused, by which limit, until when
    Explain(explain::Explain),
    /// What was used in a month, by tenant
    Usage(usage::Usage),
    /// Show who uses most and who is refused, by which limit, as it happens
    Top(top::Top),
    /// Clear what was counted of a user
    Pardon(user::Pardon),
    /// The console, for staff with a browser
    Console(console::Console),
}

/// How a command failed.
enum Failure {
    /// Refused, or the server was not reached: 1.
    Refused(anyhow::Error),
    /// Wrong usage or a bad file: 2. The text is whole.
    Usage(String),
}

/// Reads the command line and does it.
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let done = match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Serve(serve) => serve.run(),
        Command::Demo(demo) => demo.run(),
        Command::Check(check) => check.run(),
        Command::Limits(limits) => limits.run(),
        Command::User(users) => users.run(),
        Command::Token(tokens) => tokens.run(),
        Command::Station(stations) => stations.run(),
        Command::Sockets(sockets) => sockets.run(),
        Command::Limit(limit) => limit.run(),
        Command::Explain(explain) => explain.run(),
        Command::Usage(usage) => usage.run(),
        Command::Top(top) => top.run(),
        Command::Pardon(pardon) => pardon.run(),
        Command::Console(console) => console.run(),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Refused(error)) => {
            eprintln!(
                "tidegate: {}",
                tidegate_staff::sanitize::plain_lines(&format!("{error:#}"))
            );
            ExitCode::from(1)
        }
        Err(Failure::Usage(text)) => {
            eprintln!("{}", text.trim_end());
            ExitCode::from(2)
        }
    }
}

/// Prints a line; somebody who stopped reading is no error of ours.
fn say(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
}

/// Says something beside what is printed.
fn tell(text: &str) {
    eprintln!("{text}");
}

fn say_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string_pretty(value).map_err(anyhow::Error::from)?;
    say(&tidegate_staff::sanitize::plain_lines(&text));
    Ok(())
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Failure {
        Failure::Refused(error)
    }
}
