use http::{Request, request::Parts};

use super::*;
use crate::identity::{IdentityRules, Source};

fn rules(read: &[&str], cookie_yields: bool) -> IdentityRules {
    let read = read.iter().map(|text| Place::parse(text).unwrap()).collect();
    IdentityRules {
        read,
        cookie_yields,
        app_acts_alone: false,
        sources: vec![Source::Own],
    }
}

fn head(target: &str, fields: &[(&str, &str)]) -> Parts {
    let request = Request::builder().uri(target).header("host", "h");
    fields
        .iter()
        .fold(request, |request, (name, value)| request.header(*name, *value))
        .body(())
        .unwrap()
        .into_parts()
        .0
}

fn check_with(rules: &IdentityRules, target: &str, fields: &[(&str, &str)], expect: &[&str]) {
    let head = head(target, fields);
    let facts = Facts::read(&head, "192.0.2.1".parse().unwrap()).unwrap();
    let found: Vec<String> = rules
        .credentials(&facts)
        .into_iter()
        .map(|found| found.secret.into_owned())
        .collect();
    assert_eq!(found, expect, "{target} {fields:?}");
}

fn check(target: &str, fields: &[(&str, &str)], expect: &[&str]) {
    check_with(
        &rules(&["bearer", "query:api_key", "cookie:api_key"], false),
        target,
        fields,
        expect,
    );
}

#[test]
fn credentials_are_read_from_each_place() {
    check("/", &[], &[]);
    check("/", &[("authorization", "Bearer k")], &["k"]);
    check("/?api_key=k", &[], &["k"]);
    check("/?&api%5Fkey=%6B", &[], &["k"]);
    check("/", &[("cookie", "a=1; api_key=k; b=2")], &["k"]);
    check("/", &[("cookie", "a=1"), ("cookie", "api_key=\"k\"")], &["k"]);
    check("/", &[("cookie", "api_key=k%3D")], &["k="]);
}

#[test]
fn bearer_scheme_is_read_in_any_case() {
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        check("/", &[("authorization", &format!("{scheme}  k"))], &["k"]);
    }
    for other in ["Basic k", "Bearerk", "k", "Bearer", "Bearer "] {
        check("/", &[("authorization", other)], &[]);
    }
}

#[test]
fn empty_values_are_no_credentials() {
    check("/?api_key=", &[("cookie", "api_key=")], &[]);
    check("/?api_key", &[("authorization", "Bearer  ")], &[]);
    check("/?api_key=&api_key=k", &[], &["k"]);
}

#[test]
fn one_credential_in_many_places_is_one() {
    check(
        "/?api_key=k&api_key=k",
        &[("authorization", "Bearer k"), ("cookie", "api_key=k")],
        &["k"],
    );
    check(
        "/?api_key=b&api_key=c",
        &[("authorization", "Bearer a"), ("cookie", "api_key=d")],
        &["a", "b", "c", "d"],
    );
}

#[test]
fn no_more_than_the_bound_are_looked_up() {
    let many: Vec<String> = (0..1_000).map(|number| format!("api_key=k{number}")).collect();
    check(&format!("/?{}", many.join("&")), &[], &["k0", "k1", "k2", "k3"]);
}

#[test]
fn cookie_yields_to_every_other_place_whatever_the_order() {
    for read in [
        ["bearer", "query:api_key", "cookie:api_key"],
        ["cookie:api_key", "query:api_key", "bearer"],
    ] {
        let rules = rules(&read, true);
        let cookie = ("cookie", "api_key=c");
        check_with(&rules, "/?api_key=q", &[cookie], &["q"]);
        check_with(&rules, "/", &[cookie, ("authorization", "Bearer b")], &["b"]);
        check_with(&rules, "/?api_key=", &[cookie], &["c"]);
        check_with(&rules, "/", &[cookie], &["c"]);
    }
}

#[test]
fn places_are_read_as_the_limits_file_writes_them() {
    assert_eq!(Place::parse("bearer"), Some(Place::Bearer));
    assert_eq!(Place::parse("query:token"), Some(Place::Query("token".into())));
    assert_eq!(Place::parse("cookie:api_key"), Some(Place::Cookie("api_key".into())));
    for bad in ["", "Bearer", "query", "query:", "cookie:", "header:x", "bearer:x"] {
        assert_eq!(Place::parse(bad), None, "{bad}");
    }
}

// fault 66
#[test]
fn debug_shows_no_secret() {
    let shown = format!(
        "{:?} {:?}",
        Credential {
            secret: "hunter2".into()
        },
        crate::partition::Partitioner::new([0x68; 16])
    );
    assert_eq!(shown, "Credential(redacted) Partitioner(key redacted)");
}

// ADR 0024
#[test]
fn of_somebody_elses_credentials_the_first_shown_counts() {
    let opaque = IdentityRules {
        sources: vec![Source::Opaque],
        ..rules(&["bearer", "query:api_key"], false)
    };
    check_with(&opaque, "/?api_key=app", &[("authorization", "Bearer user")], &["user"]);
    check_with(&opaque, "/?api_key=app", &[], &["app"]);
}
