use std::time::Duration;

use http::{HeaderMap, Method};
use tidegate_core::{
    identity::Source,
    limit::{CountsAt, OnStoreLoss, Part, Quantity, Who},
    policy::{LimitIndex, Page, PageIndex},
};

use super::*;

const TEMPEST: &Dialect = tidegate_streams::PLATFORMS[0].dialect;
const GROVESTREAMS: &Dialect = tidegate_streams::PLATFORMS[1].dialect;

fn policy() -> Policy {
    let page = |name: &str, dialect: &'static Dialect| Page {
        name: name.into(),
        identity: IdentityRules {
            read: Vec::new(),
            cookie_yields: false,
            app_acts_alone: false,
            sources: vec![Source::Own],
        },
        dialect,
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
        pages: vec![page("tempest", TEMPEST), page("grovestreams", GROVESTREAMS)],
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

fn found(path: &str) -> Way<'static> {
    let policy: &'static Policy = Box::leak(Box::new(policy()));
    let headers: &'static HeaderMap = Box::leak(Box::default());
    let path: &'static str = path.to_owned().leak();
    find(
        policy,
        &Facts {
            method: &Method::GET,
            path,
            query: None,
            headers,
            client: [127, 0, 0, 1].into(),
        },
    )
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
        assert_eq!(matches!(found(path), Way::Pages), pages, "{path}");
    }
}

#[test]
fn a_path_without_route_is_answered_in_the_dialect_of_its_nearest_page() {
    for (path, profile) in [
        ("/swd/rest/nothing", TEMPEST),
        ("/swd", TEMPEST),
        ("/api/nothing", GROVESTREAMS),
        ("/apix", PROBLEM),
        ("/", PROBLEM),
    ] {
        assert_eq!(dialect_by_path(&policy(), path), profile, "{path}");
    }
}
