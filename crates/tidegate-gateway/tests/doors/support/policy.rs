//! A policy built by hand.

use std::time::Duration;

use tidegate_core::{
    credential::Place,
    dialect::{Dialect, PROBLEM},
    identity::{IdentityRules, Source},
    limit::{CountsAt, Limit, OnStoreLoss, Part, Quantity, Who},
    policy::{LimitIndex, Page, PageIndex, Policy, Upstream},
    resource::ResourceKind,
    route::{GrantRule, Pattern, Route},
};

/// A kind of resource, as a platform makes one.
pub const STATION: ResourceKind = ResourceKind::new("station", "Station", "No such station or device");

/// The usual policy, with what tests vary.
///
/// `/api/**` needs a user and goes to the upstream; `/open/**` needs nobody; `/swd/**` is the Tempest page and goes
/// inside; the callers' pages are under `/limits`.
pub struct Setup {
    pub upstream: String,
    pub user_quota: u32,
    pub anonymous_quota: u32,
    pub guard_quota: u32,
}

impl Setup {
    pub fn before(upstream: &str) -> Setup {
        Setup {
            upstream: upstream.to_owned(),
            user_quota: 1_000_000,
            anonymous_quota: 1_000_000,
            guard_quota: 60,
        }
    }

    pub fn policy(&self) -> Policy {
        let upstream = Upstream::server(self.upstream.parse().unwrap());
        let station = |param: &str| GrantRule {
            kind: STATION,
            param: param.into(),
        };
        Policy {
            pages: vec![
                page("api", PROBLEM, upstream),
                page("tempest", tidegate_streams::PLATFORMS[0].dialect, Upstream::Embedded),
            ],
            routes: vec![
                route("api", 0, "* /api/**", true, vec![]),
                route("open", 0, "* /open/**", false, vec![]),
                route(
                    "station",
                    1,
                    "GET /swd/rest/stations/{station_id}",
                    true,
                    vec![station("station_id")],
                ),
                route("swd", 1, "* /swd/rest/**", true, vec![]),
            ],
            limits: vec![
                limit("per-user", Who::Known, Part::User, self.user_quota),
                limit("anonymous-per-ip", Who::Anonymous, Part::Ip, self.anonymous_quota),
                limit("pages-guard", Who::Everyone, Part::Ip, self.guard_quota),
            ],
            unmatched: Some(LimitIndex(1)),
            guard: LimitIndex(2),
            payload_limits: Vec::new(),
            pages_prefix: "/limits".into(),
            pages_login: Vec::new(),
            trust: None,
            tenants: Default::default(),
        }
    }
}

fn page(name: &str, dialect: &'static Dialect, upstream: Upstream) -> Page {
    let read = vec![Place::Bearer, Place::Query("token".into())];
    Page {
        name: name.into(),
        identity: IdentityRules {
            read,
            cookie_yields: false,
            app_acts_alone: false,
            sources: vec![Source::Own],
        },
        dialect,
        upstream,
    }
}

fn route(name: &str, page: usize, pattern: &str, needs_user: bool, grants: Vec<GrantRule>) -> Route {
    let limits = vec![LimitIndex(0), LimitIndex(1)];
    Route {
        name: name.into(),
        page: PageIndex(page),
        patterns: vec![Pattern::parse(pattern).unwrap()],
        needs_user,
        payload_limits: Vec::new(),
        range: None,
        body: None,
        socket: None,
        cache: None,
        drops: [].into(),
        grants,
        limits,
    }
}

fn limit(name: &str, who: Who, part: Part, quota: u32) -> Limit {
    Limit {
        name: name.into(),
        who,
        per: vec![part],
        quantity: Quantity::Rate {
            quota,
            burst: quota,
            window: Duration::from_secs(60),
        },
        within: None,
        counts_at: CountsAt::Edge,
        on_store_loss: OnStoreLoss::Allow,
        shadow: false,
        hint: None,
        plans: Vec::new(),
        tenants: Default::default(),
    }
}
