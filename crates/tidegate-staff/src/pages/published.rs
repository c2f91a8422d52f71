//! The published limits, made from the policy that runs.

use askama::Template;
use http::{Response, StatusCode};
use serde_json::json;
use tidegate_core::{
    policy::Policy,
    refusal::{per, span},
};
use tidegate_gateway::Body;

use super::{reply, visit::Visit};
use crate::table::{self, Row, thousands};

#[derive(Template)]
#[template(path = "pages/limits.html")]
struct Page<'a> {
    prefix: &'a str,
    /// The tenant whose own page it is.
    tenant: Option<&'a str>,
    sections: Vec<Section>,
    has_addresses: bool,
}

/// One platform's page, or what belongs to none.
struct Section {
    name: String,
    rows: Vec<Row>,
    exempt: Vec<table::Exempt>,
}

/// The limits; at a leased instance that tenant's, and of plans its own alone.
pub fn show(visit: &Visit) -> Response<Body> {
    let policy = &visit.snapshot.policy;
    let tenant = visit.instance.as_ref().and_then(|name| policy.tenants.named(name));
    let rows = match tenant {
        Some(tenant) => table::rows_of_tenant(policy, &tenant.name, &visit.snapshot.overrides, visit.now.wall_ms),
        None => table::rows(policy),
    };
    if !visit.html {
        return reply::json(StatusCode::OK, &json!(rows));
    }
    let page = Page {
        prefix: visit.prefix(),
        tenant: tenant.map(|tenant| &*tenant.name),
        has_addresses: rows.iter().any(|row| row.scope.split('+').any(|part| part == "ip")),
        sections: sections(policy, rows),
    };
    reply::page(StatusCode::OK, &page)
}

fn sections(policy: &Policy, rows: Vec<Row>) -> Vec<Section> {
    let mut exempt = table::exempt(policy);
    let mut sections: Vec<Section> = Vec::new();
    for row in rows {
        let name = row.page.clone().unwrap_or_default();
        match sections.iter_mut().find(|section| section.name == name) {
            Some(section) => section.rows.push(row),
            None => sections.push(Section {
                exempt: exempt.extract_if(.., |exempt| exempt.page == name).collect(),
                name,
                rows: vec![row],
            }),
        }
    }
    // What belongs to no page, the guard of these, comes last.
    sections.sort_by_key(|section| section.name.is_empty());
    sections
}

impl Row {
    /// The number people look for: `100`, and what it is of: `per minute for each user`.
    pub(crate) fn amount(&self) -> String {
        self.quota.map(thousands).unwrap_or_default()
    }

    /// What the number is of.
    pub(crate) fn amount_of(&self) -> String {
        if let Some(unit) = table::unit(self.kind) {
            return unit.to_owned();
        }
        let window = self.window_s.map(std::time::Duration::from_secs);
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

    /// What is more to know of it, a sentence each.
    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(burst) = self.burst.filter(|burst| Some(*burst) != self.quota) {
            notes.push(format!("{} at once after a rest.", thousands(burst)));
        }
        if let Some(strings) = self.quota_strings {
            notes.push(format!("Of these at most {} of strings.", thousands(strings)));
        }
        if let Some(within) = &self.within {
            let whose: Vec<&str> = within.scope.split('+').map(part_in_words).collect();
            notes.push(format!(
                "At most {} of these counts at a time for each {}; further ones share one.",
                thousands(within.subkeys_max.into()),
                whose.join(" and ")
            ));
        }
        if let Some(socket) = &self.socket {
            let devices = socket
                .resources_max
                .map_or_else(String::new, |max| format!("{} devices, ", thousands(max.into())));
            notes.push(format!(
                "One socket carries {devices}{} messages a minute from its client, {} bytes a message. It is closed after {} without a message, and after {}.",
                thousands(socket.messages_per_minute_max.into()),
                thousands(socket.message_bytes_max),
                span(std::time::Duration::from_secs(socket.idle_timeout_s)),
                span(std::time::Duration::from_secs(socket.lifetime_s)),
            ));
        }
        if let Some(freed) = self.freed_within_s {
            notes.push(format!("The slot of a client that vanished is free within {freed} s."));
        }
        for plan in &self.plans {
            notes.push(format!("Plan {}: {}.", plan.plan, thousands(plan.quota.into())));
        }
        if self.shadow {
            notes.push("It counts, but does not refuse yet.".to_owned());
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
