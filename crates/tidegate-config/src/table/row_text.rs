//! A row in words, as the limits pages for people say it.

use std::time::Duration;

use tidegate_core::refusal::{per, span};

use super::{Row, thousands, unit};

impl Row {
    /// The number people look for: `100`, and what it is of: `per minute for each user`.
    pub fn amount(&self) -> String {
        self.quota.map(thousands).unwrap_or_default()
    }

    /// Returns the unit of the number.
    pub fn amount_of(&self) -> String {
        if let Some(unit) = unit(self.kind) {
            return unit.to_owned();
        }
        let window = self.window_s.map(Duration::from_secs);
        let time = match (self.kind, self.period, window) {
            ("slots", ..) => "open at once".to_owned(),
            ("sliding", _, Some(window)) => format!("in any {}", per(window).trim_start_matches("per ")),
            (_, Some(period), _) => format!("per calendar {period} (UTC)"),
            (_, None, Some(window)) => per(window),
            (_, None, None) => String::new(),
        };
        let parts: Vec<&str> = self.scope.split('+').map(part_in_words).collect();
        let whose = match parts.as_slice() {
            ["everyone"] => "for everyone together".to_owned(),
            parts => format!("for each {}", parts.join(" and ")),
        };
        format!("{time} {whose}").trim().to_owned()
    }

    /// Returns further notes on the limit, a sentence each.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(burst) = self.burst.filter(|burst| Some(*burst) != self.quota) {
            notes.push(format!("Up to {} at once after a pause.", thousands(burst)));
        }
        if let Some(strings) = self.quota_strings {
            notes.push(format!(
                "At most {} of them for streams of strings.",
                thousands(strings)
            ));
        }
        if let Some(within) = &self.within {
            let whose: Vec<&str> = within.scope.split('+').map(part_in_words).collect();
            notes.push(format!(
                "At most {} separate counts at a time for each {}; further ones share one count.",
                thousands(within.subkeys_max.into()),
                whose.join(" and ")
            ));
        }
        if let Some(socket) = &self.socket {
            let devices = socket
                .resources_max
                .map_or_else(String::new, |max| format!("{} devices, ", thousands(max.into())));
            notes.push(format!(
                "One socket carries at most {devices}{} messages per minute from its client and {} bytes per message. It is closed after {} without a message, and after {} in any case.",
                thousands(socket.messages_per_minute_max.into()),
                thousands(socket.message_bytes_max),
                span(Duration::from_secs(socket.idle_timeout_s)),
                span(Duration::from_secs(socket.lifetime_s)),
            ));
        }
        if let Some(freed) = self.freed_within_s {
            notes.push(format!("The slot of a client that vanished is freed within {freed} s."));
        }
        for plan in &self.plans {
            notes.push(format!("Plan {}: {}.", plan.plan, thousands(plan.quota.into())));
        }
        if self.shadow {
            notes.push("It counts calls but does not refuse them yet.".to_owned());
        }
        notes
    }
}

/// `ip` as people say it.
fn part_in_words(part: &str) -> &str {
    match part {
        "ip" => "address",
        "app" => "app key",
        "tenant" => "organisation",
        other => other.strip_prefix("header:").unwrap_or(other),
    }
}
