//! A policy built by hand.

use tidegate_core::{
    credential::Place,
    dialect::{Dialect, PROBLEM},
    limit::{Limit, Part, Who},
    policy::{Page, Policy, Upstream},
    resource::ResourceKind,
    route::{GrantRule, Route},
    testing,
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
        testing::policy()
            .pages(vec![
                page("api", PROBLEM, upstream),
                page("tempest", tidegate_streams::PLATFORMS[0].dialect, Upstream::Embedded),
            ])
            .routes(vec![
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
            ])
            .limits(vec![
                limit("per-user", Who::Known, Part::User, self.user_quota),
                limit("anonymous-per-ip", Who::Anonymous, Part::Ip, self.anonymous_quota),
                limit("pages-guard", Who::Everyone, Part::Ip, self.guard_quota),
            ])
            .unmatched(1)
            .guard(2)
            .build()
    }
}

fn page(name: &str, dialect: &'static Dialect, upstream: Upstream) -> Page {
    let read = vec![Place::Bearer, Place::Query("token".into())];
    testing::page(name)
        .read(read)
        .dialect(dialect)
        .upstream(upstream)
        .build()
}

fn route(name: &str, page: usize, pattern: &str, needs_user: bool, grants: Vec<GrantRule>) -> Route {
    testing::route(name)
        .page(page)
        .matching(pattern)
        .needs_user(needs_user)
        .grants(grants)
        .limits(&[0, 1])
        .build()
}

fn limit(name: &str, who: Who, part: Part, quota: u32) -> Limit {
    testing::limit(name).who(who).per(&[part]).rate(quota, 60).build()
}
