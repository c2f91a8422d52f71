use tidegate_core::testing;

use super::*;

/// The dialect of one page of two.
pub(crate) const STATIONS: &Dialect = &Dialect {
    name: "stations",
    ..*PROBLEM
};

/// The other's.
const FEEDS: &Dialect = &Dialect {
    name: "feeds",
    ..*PROBLEM
};

pub(crate) fn policy() -> Policy {
    let page = |name: &str, dialect| testing::page(name).read(Vec::new()).dialect(dialect).build();
    let route = |name: &str, page, pattern| {
        testing::route(name)
            .page(page)
            .matching(pattern)
            .needs_user(true)
            .build()
    };
    testing::policy()
        .pages(vec![page("stations", STATIONS), page("feeds", FEEDS)])
        .routes(vec![
            route("stations", 0, "GET /swd/rest/stations"),
            route("feed-put", 1, "PUT /api/feed"),
        ])
        .limits(vec![testing::limit("guard").per_ip().rate(60, 60).build()])
        .unmatched(0)
        .build()
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
    for (path, dialect) in [
        ("/swd/rest/nothing", STATIONS),
        ("/swd", STATIONS),
        ("/api/nothing", FEEDS),
        ("/apix", PROBLEM),
        ("/", PROBLEM),
    ] {
        assert_eq!(dialect_by_path(&policy(), path), dialect, "{path}");
    }
}
