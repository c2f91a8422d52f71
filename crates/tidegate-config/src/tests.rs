use std::time::Duration;

use tidegate_core::{
    credential,
    identity::Source as IdentitySource,
    limit::{CountsAt, OnStoreLoss, Part, Period, Quantity, Who},
    policy::Policy,
};

use super::*;
use crate::testing::PARTS;

fn policy_of(text: &str) -> Policy {
    parse("page.toml", text, &PARTS)
        .unwrap_or_else(|errors| panic!("{errors}"))
        .policy
}

fn errors_of(text: &str) -> String {
    parse("page.toml", text, &PARTS).map_or_else(
        |errors| errors.to_string(),
        |config| panic!("valid: {:?}", config.policy),
    )
}

/// The names of the limits that count on a route.
fn on(policy: &Policy, route: &str) -> Vec<String> {
    let route = policy
        .routes
        .iter()
        .find(|found| &*found.name == route)
        .unwrap_or_else(|| panic!("no route {route}"));
    route
        .limits
        .iter()
        .map(|index| policy.limit(*index).name.to_string())
        .collect()
}

const EVERYTHING: &str = r#"
        upstream = "http://127.0.0.1:9000"
        refusals = "tempest"
        [identity]
        sources = "opaque"
        read = ["bearer", "query:api_key", "cookie:session"]
        cookie_yields = true
        app_acts_alone = true
        required = false
        [route.any]
        match = "* /**"
        [limit.a]
        who = "known"
        per = ["token", "header:X-Forwarded-For"]
        rate = "12 per 2 minutes"
        burst = 20
        counts_at = "miss"
        on_store_loss = "allow"
        shadow = true
        hint = "Batch."
        within = { per = ["token", "ip"], subkeys_max = 100 }
        [limit.b]
        quota = "1000 per week"
        [plan.pro]
        limit.a = 24
        "#;

#[test]
fn a_limit_compiles_to_what_it_says() {
    let policy = policy_of(EVERYTHING);
    let a = policy.limit_named("a").unwrap();
    assert_eq!(
        (a.who, a.counts_at, a.on_store_loss, a.shadow),
        (Who::Known, CountsAt::Miss, OnStoreLoss::Allow, true)
    );
    assert_eq!(a.per, [Part::Token, Part::Header("x-forwarded-for".parse().unwrap())]);
    assert_eq!(
        a.quantity,
        Quantity::Rate {
            quota: 12,
            burst: 20,
            window: Duration::from_secs(120)
        }
    );
    assert_eq!(
        a.within.as_ref().map(|within| (within.per.clone(), within.subkeys_max)),
        Some((vec![Part::Token, Part::Ip], 100))
    );
    assert_eq!(a.hint.as_deref(), Some("Batch."));
    assert_eq!(a.plans, [("pro".into(), 24)]);
    let b = policy.limit_named("b").unwrap();
    assert_eq!(
        (b.who, b.per.len(), b.quantity),
        (
            Who::Everyone,
            0,
            Quantity::Quota {
                quota: 1_000,
                period: Period::Week
            }
        )
    );
    assert_eq!(
        (b.counts_at, b.on_store_loss, b.shadow),
        (CountsAt::Edge, OnStoreLoss::LocalShare, false)
    );
}

#[test]
fn a_page_compiles_to_what_it_says() {
    let policy = policy_of(EVERYTHING);
    let page = &policy.pages[0];
    assert_eq!(
        (page.dialect.name, &page.identity.sources[..]),
        ("tempest", &[IdentitySource::Opaque][..])
    );
    assert!(page.identity.cookie_yields && page.identity.app_acts_alone && !policy.routes[0].needs_user);
    assert_eq!(
        page.identity.read.last(),
        Some(&credential::Place::Cookie("session".into()))
    );
}

const TWO_LIMITS: &str = r#"
    upstream = "http://127.0.0.1:9000"
    [route.a]
    match = "GET /a"
    [route.b]
    match = "* /**"
    needs = "nothing"
    [limit.all]
    per = "ip"
    rate = "1 per second"
    [limit.only-a]
    on = "a"
    per = "ip"
    rate = "1 per second"
    [limit.not-a]
    except = "a"
    per = "ip"
    rate = "1 per second"
"#;

#[test]
fn a_limit_binds_to_its_own_page_by_on_and_except() {
    let policy = policy_of(TWO_LIMITS);
    assert_eq!(on(&policy, "a"), ["all", "only-a"]);
    assert_eq!(on(&policy, "b"), ["all", "not-a"]);
    assert_eq!(
        policy.routes.iter().map(|route| route.needs_user).collect::<Vec<_>>(),
        [true, false]
    );

    let both = load(&Source::Default, None, &PARTS).unwrap().policy;
    assert_eq!(
        on(&both, "stations"),
        ["rest-per-user", "rest-per-app", "anonymous-per-ip"]
    );
    assert_eq!(on(&both, "other"), ["unauthenticated-per-ip", "authenticated-per-ip"]);
    assert_eq!(
        on(&both, "feed-put"),
        ["unauthenticated-per-ip", "feed-put-cadence", "feed-put-parent"]
    );
    assert_eq!(on(&both, "feed-get"), ["unauthenticated-per-ip"]);
}

#[test]
fn the_started_file_says_where_unmatched_paths_count() {
    let unmatched = |source: Source| {
        let policy = load(&source, None, &PARTS).unwrap().policy;
        policy.unmatched.map(|index| policy.limit(index).name.to_string())
    };
    assert_eq!(unmatched(Source::Default).as_deref(), Some("anonymous-per-ip"));
    assert_eq!(
        unmatched(Source::Preset("grovestreams".into())).as_deref(),
        Some("unauthenticated-per-ip")
    );
    assert_eq!(policy_of(TWO_LIMITS).unmatched, None);
}

#[test]
fn defaults_concern_the_limits_of_their_own_page_and_not_the_guard() {
    let policy = policy_of(&format!(
        "{TWO_LIMITS}\n[defaults]\non_store_loss = \"deny\"\nshadow = true\n"
    ));
    assert!(
        policy
            .limits
            .iter()
            .filter(|limit| &*limit.name != "limits-pages-per-ip")
            .all(|limit| limit.shadow)
    );
    let guard = policy.limit(policy.guard);
    assert_eq!(
        (&*guard.name, guard.shadow, guard.on_store_loss),
        ("limits-pages-per-ip", false, OnStoreLoss::LocalShare)
    );
}

#[test]
fn a_table_of_its_name_replaces_the_guard_and_binds_to_no_route() {
    let policy = policy_of(&format!(
        "{TWO_LIMITS}\n[limit.limits-pages-per-ip]\nper = \"ip\"\nrate = \"10 per minute\"\n"
    ));
    assert_eq!(policy.limit(policy.guard).quantity.quota(), 10);
    assert_eq!(policy.limits.len(), 4);
    assert!(policy.routes.iter().all(|route| !route.limits.contains(&policy.guard)));
}

#[test]
fn the_command_lines_upstream_replaces_that_of_every_page() {
    let config = load(&Source::Preset("default".into()), Some("http://127.0.0.1:9000"), &PARTS).unwrap();
    assert_eq!(config.policy.pages.len(), 2);
    let remote = Upstream::server("http://127.0.0.1:9000".parse().unwrap());
    assert!(config.policy.pages.iter().all(|page| page.upstream == remote));
    let wrong = load(&Source::Default, Some("ftp://api"), &PARTS)
        .unwrap_err()
        .to_string();
    assert!(wrong.starts_with("--upstream: `ftp://api` is no address; "), "{wrong}");
}

#[test]
fn routes_stand_with_the_most_specific_first() {
    let policy = policy_of(
        r#"
        upstream = "embedded"
        [route.rest]
        match = "* /**"
        [route.hole]
        match = "GET /a/{b}"
        [route.text]
        match = "GET /a/b"
        "#,
    );
    assert_eq!(
        policy.routes.iter().map(|route| &*route.name).collect::<Vec<_>>(),
        ["text", "hole", "rest"]
    );
}

#[test]
fn all_mistakes_are_told_in_one_go_in_the_order_of_their_lines() {
    let errors = errors_of(
        "upstream = 5\n[limit.a]\nrate = 'x'\nburts = 1\n[route.b]\nmatch = 'b'\n[plan.c]\nlimit.d = 1\n[rout.e]\n",
    );
    let lines: Vec<&str> = errors.lines().map(|line| line.split(": ").nth(1).unwrap()).collect();
    assert_eq!(
        lines,
        [
            "upstream",
            "limit.a.rate",
            "limit.a.burts",
            "route.b.match",
            "plan.c.limit.d",
            "rout"
        ]
    );
}

#[test]
fn a_mistake_in_an_included_file_is_told_with_that_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("page.toml"),
        TWO_LIMITS.replace("1 per second", "0 per second"),
    )
    .unwrap();
    let root = folder.path().join("root.toml");
    std::fs::write(&root, "include = 'page.toml'\nunmatched = 'all'\n").unwrap();
    let errors = load(&Source::File(root), None, &PARTS).unwrap_err();
    assert_eq!(errors.0.len(), 3);
    assert!(
        errors.0.iter().all(|finding| finding.place.file.ends_with("page.toml")),
        "{errors}"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let errors = load(&Source::File("nowhere/limits.toml".into()), None, &PARTS)
        .unwrap_err()
        .to_string();
    assert!(errors.starts_with("nowhere/limits.toml: cannot be read: "), "{errors}");
    let errors = load(&Source::Preset("temptest".into()), None, &PARTS)
        .unwrap_err()
        .to_string();
    assert_eq!(
        errors,
        "preset:temptest: there is no preset `temptest`; did you mean `tempest`?"
    );
}

#[test]
fn includes_have_a_depth() {
    let folder = tempfile::tempdir().unwrap();
    for n in 0..6 {
        std::fs::write(
            folder.path().join(format!("{n}.toml")),
            format!("include = '{}.toml'\n", n + 1),
        )
        .unwrap();
    }
    std::fs::write(folder.path().join("6.toml"), TWO_LIMITS).unwrap();
    let errors = load(&Source::File(folder.path().join("0.toml")), None, &PARTS)
        .unwrap_err()
        .to_string();
    assert!(
        errors.contains("include: too many files deep; include at most 4 levels and 64 files"),
        "{errors}"
    );
}

#[test]
fn whatever_the_text_an_answer_comes_back() {
    for (_, text) in source::PRESETS {
        for end in (0..text.len()).step_by(7) {
            if let Some(cut) = text.get(..end) {
                let _ = parse("cut.toml", cut, &PARTS);
            }
        }
        let lines: Vec<&str> = text.lines().collect();
        for skip in 0..lines.len() {
            let rest: Vec<&str> = lines
                .iter()
                .enumerate()
                .filter(|(i, _)| *i != skip)
                .map(|(_, line)| *line)
                .collect();
            let _ = parse("less.toml", &rest.join("\n"), &PARTS);
            let twice = format!("{text}\n{}\n", lines[skip]);
            let _ = parse("more.toml", &twice, &PARTS);
        }
    }
}

#[test]
fn the_summary_counts_what_was_found() {
    let config = load(&Source::Default, None, &PARTS).unwrap();
    assert_eq!(summary(&config), "preset:default: valid: 2 pages, 15 routes, 15 limits");
}
