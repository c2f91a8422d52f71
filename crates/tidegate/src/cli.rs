//! The command line: its commands and exit codes. 0 is success, 1 a refusal or an unreachable server, 2 wrong usage or
//! a bad file.

#![expect(clippy::print_stderr, reason = "only the command line writes to a terminal")]

mod console_link;
mod demo;
mod explain;
mod limit;
mod limits_file;
mod listing;
mod serve;
mod sockets;
mod station;
mod token;
mod top;
mod usage;
mod user;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// An API gateway that enforces a platform's limits page.
///
/// Without a command, it runs `tidegate serve`.
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
    /// Run the gateway, the embedded streams API and the admin API
    Serve(serve::Serve),
    /// Run a demo server with simulated hubs, devices and callers
    Demo(demo::Demo),
    /// Check a limits file
    Check(limits_file::Check),
    /// Show the limits of a limits file or preset as a table
    Limits(limits_file::Limits),
    /// Add users and set their passwords
    User(user::Users),
    /// Create, revoke and list tokens
    Token(token::Tokens),
    /// Add and share stations
    Station(station::Stations),
    /// List a user's open sockets, or close one
    Sockets(sockets::Sockets),
    /// Set, remove or show the quotas of a user or tenant
    Limit(limit::LimitCommand),
    /// Explain a refusal: which limit, why, and until when
    Explain(explain::Explain),
    /// Show a month's usage by tenant, user or route
    Usage(usage::Usage),
    /// Watch which callers use most and which are refused, by which limit
    Top(top::Top),
    /// Reset a user's counters
    Pardon(user::Pardon),
    /// Create a login link for the web console
    Console(console_link::Console),
}

/// The failure of a command, which decides its exit code.
enum Failure {
    /// The request was refused, or the server was not reached: 1.
    Refused(anyhow::Error),
    /// Wrong usage or a bad file: 2. The text is whole.
    Usage(String),
}

/// Reads the command line and runs the command.
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

/// Prints a line to standard output; a closed pipe is no error.
fn say(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "{}", text.trim_end());
}

/// Prints a line to standard error.
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
