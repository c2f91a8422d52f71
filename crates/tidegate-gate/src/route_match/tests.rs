use std::time::Duration;

use tidegate_core::{
    identity::Source,
    limit::{CountsAt, OnStoreLoss, Part, Quantity, Who},
    policy::{LimitIndex, Page, PageIndex},
};

use super::*;

pub(crate) fn policy() -> Policy {
    let page = |name: &str, profile| Page {
        name: name.into(),
        identity: IdentityRules {
            read: Vec::new(),
            cookie_yields: false,
            app_acts_alone: false,
            sources: vec![Source::Own],
        },
        profile,
        upstream: Upstream::Embedded,
    };
    let route = |name: &str, page, pattern| Route {
        name: name.into(),
        page: PageIndex(page),
        patterns: vec![Pattern::parse(pattern).unwrap()],
        needs_user: true,
        payload_limits: Vec::new(),
        range: None,
        body: None,
        socket: None,
        cache: None,
        drops: [].into(),
        grants: Vec::new(),
        limits: vec![],
    };
    let guard = Limit {
        name: "guard".into(),
        who: Who::Everyone,
        per: vec![Part::Ip],
        quantity: Quantity::Rate {
            quota: 60,
            burst: 60,
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
        pages: vec![
            page("tempest", Profile::Tempest),
            page("grovestreams", Profile::GroveStreams),
        ],
        routes: vec![
            route("stations", 0, "GET /swd/rest/stations"),
            route("feed-put", 1, "PUT /api/feed"),
        ],
        limits: vec![guard],
        unmatched: Some(LimitIndex(0)),
        guard: LimitIndex(0),
        payload_limits: Vec::new(),
        pages_prefix: "/limits".into(),
        pages_login: Vec::new(),
        trust: None,
        tenants: Default::default(),
    }
}

#[test]
fn the_callers_pages_are_the_prefix_and_what_is_below_it() {
    for (path, pages) in [
        ("/limits", true),
        ("/limits/", true),
        ("/limits/me", true),
        ("/limitsx", false),
        ("/", false),
        ("/api/limits", false),
    ] {
        assert_eq!(is_to_pages(&policy(), path), pages, "{path}");
    }
}

#[test]
fn a_path_without_route_is_answered_in_the_dialect_of_its_nearest_page() {
    for (path, profile) in [
        ("/swd/rest/nothing", Profile::Tempest),
        ("/swd", Profile::Tempest),
        ("/api/nothing", Profile::GroveStreams),
        ("/apix", Profile::Problem),
        ("/", Profile::Problem),
    ] {
        assert_eq!(profile_by_path(&policy(), path), profile, "{path}");
    }
}
