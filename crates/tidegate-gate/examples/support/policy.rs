//! A policy made by hand, until the example reads one from text.

use std::time::Duration;

use tidegate_core::{
    dialect::PROBLEM,
    identity::IdentityRules,
    limit::{CountsAt, Limit, OnStoreLoss, Part, Quantity, Who},
    policy::{LimitIndex, Page, PageIndex, Policy, Upstream},
    route::{Pattern, Route},
};

/// One route, on which an address has one request a minute.
pub fn one_request_a_minute() -> Policy {
    let page = Page {
        name: "api".into(),
        identity: IdentityRules {
            read: Vec::new(),
            cookie_yields: false,
            app_acts_alone: false,
            sources: Vec::new(),
        },
        dialect: PROBLEM,
        upstream: Upstream::Embedded,
    };
    let route = Route {
        name: "feed".into(),
        page: PageIndex(0),
        patterns: Pattern::parse("GET /api/feed").into_iter().collect(),
        needs_user: false,
        grants: Vec::new(),
        limits: vec![LimitIndex(0)],
        payload_limits: Vec::new(),
        range: None,
        body: None,
        socket: None,
        cache: None,
        drops: [].into(),
    };
    let limit = Limit {
        name: "feed-per-address".into(),
        who: Who::Everyone,
        per: vec![Part::Ip],
        quantity: Quantity::Rate {
            quota: 1,
            burst: 1,
            window: Duration::from_secs(60),
        },
        within: None,
        counts_at: CountsAt::Edge,
        on_store_loss: OnStoreLoss::Allow,
        shadow: false,
        hint: None,
        plans: Vec::new(),
        tenants: Default::default(),
    };
    Policy {
        pages: vec![page],
        routes: vec![route],
        limits: vec![limit],
        payload_limits: Vec::new(),
        unmatched: None,
        guard: LimitIndex(0),
        pages_prefix: "/limits".into(),
        pages_login: Vec::new(),
        trust: None,
        tenants: Default::default(),
    }
}
