//! The published limits, made from the policy in force.

use askama::Template;
use http::{Response, StatusCode};
use serde_json::json;
use tidegate_config::table::{self, Row};
use tidegate_core::policy::Policy;
use tidegate_gateway::Body;

use super::{filters, page_request::PageRequest, response};

#[derive(Template)]
#[template(path = "pages/limits.html")]
struct Page<'a> {
    prefix: &'a str,
    /// The tenant whose limits the page shows.
    tenant: Option<&'a str>,
    sections: Vec<Section>,
    has_addresses: bool,
}

/// The limits of one page of the policy, or those that belong to none.
struct Section {
    name: String,
    rows: Vec<Row>,
    exempt: Vec<table::Exempt>,
}

/// Shows the limits. At a leased instance, they are those of its tenant, with only that tenant's plan.
pub fn show(visit: &PageRequest) -> Response<Body> {
    let policy = &visit.snapshot.policy;
    let tenant = visit.instance.as_ref().and_then(|name| policy.tenants.named(name));
    let rows = match tenant {
        Some(tenant) => table::rows_of_tenant(policy, &tenant.name, &visit.snapshot.overrides, visit.now.wall_ms),
        None => table::rows(policy),
    };
    if !visit.html {
        return response::json(StatusCode::OK, &json!(rows));
    }
    let page = Page {
        prefix: visit.prefix(),
        tenant: tenant.map(|tenant| &*tenant.name),
        has_addresses: rows.iter().any(|row| row.scope.split('+').any(|part| part == "ip")),
        sections: sections(policy, rows),
    };
    response::page(StatusCode::OK, &page)
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
    // Limits that belong to no page, such as the guard of these pages, come last.
    sections.sort_by_key(|section| section.name.is_empty());
    sections
}
