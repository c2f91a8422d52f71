//! `tidegate top`: which callers use most and which are refused, as a screen or once as text.

mod interactive;
mod model;
mod once;
mod screen;

use std::io::IsTerminal;

use clap::{Args, ValueEnum};
use serde::Serialize;
use tidegate_staff::admin::{SpanStats, TopCaller};

use super::{Failure, say, say_json};
use crate::admin_client::{Client, Reach};

/// `tidegate top`.
#[derive(Debug, Args)]
pub struct Top {
    /// Order of the list
    #[arg(long, default_value = "requests")]
    by: By,
    /// Time span that is counted
    #[arg(long, default_value = "hour")]
    span: Span,
    /// Maximum number of callers shown
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1024))]
    rows: u32,
    /// Print once and exit, which is also the default when the output is not a terminal
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    reach: Reach,
}

/// The order of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum By {
    /// Most requests first
    Requests,
    /// Most refusals first
    Refused,
    /// The callers with most requests, sorted by name
    Name,
}

/// The time span that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Span {
    /// The last hour
    Hour,
    /// The last day
    Day,
}

/// A query to the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Question {
    by: By,
    span: Span,
    rows: u32,
}

/// The server's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Answer {
    callers: Vec<TopCaller>,
    stats: SpanStats,
}

impl Top {
    pub(super) fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.reach)?;
        let question = Question {
            by: self.by,
            span: self.span,
            rows: self.rows,
        };
        let answer = question.ask(&client)?;
        if self.reach.json {
            return say_json(&answer);
        }
        if self.once || !std::io::stdout().is_terminal() {
            say(&once::text(&answer));
            return Ok(());
        }
        Ok(interactive::run(client, question, answer)?)
    }
}

impl Question {
    fn ask(self, client: &Client) -> anyhow::Result<Answer> {
        let (by, span) = (self.by.word(), self.span.word());
        let mut callers: Vec<TopCaller> = client.get(&format!("/top?by={by}&span={span}&limit={}", self.rows))?;
        if self.by == By::Name {
            callers.sort_by(|a, b| a.subject.cmp(&b.subject));
        }
        let stats = client.get(&format!("/stats?span={span}"))?;
        Ok(Answer { callers, stats })
    }
}

impl By {
    fn word(self) -> &'static str {
        match self {
            By::Requests | By::Name => "requests",
            By::Refused => "refused",
        }
    }
}

impl Span {
    fn word(self) -> &'static str {
        match self {
            Span::Hour => "hour",
            Span::Day => "day",
        }
    }
}

/// Formats a number with its digits in groups of three.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
