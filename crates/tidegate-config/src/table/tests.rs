use super::*;
use crate::{Source, load, parse, testing::EXTENSIONS};

fn policy(text: &str) -> Policy {
    parse("page.toml", text, &EXTENSIONS)
        .unwrap_or_else(|errors| panic!("{errors}"))
        .policy
}

const PAGE: &str = r#"
    upstream = "http://127.0.0.1:9000"
    unmatched = "anonymous-per-ip"
    [route.feed-put]
    match = "PUT /api/feed"
    [route.feed-get]
    match = ["GET /api/feed", "GET /api/comp/{comp}/stream/{stream}/feed"]
    [route.other]
    match = "* /api/**"
    [limit.authenticated-per-ip]
    who = "known"
    per = "ip"
    rate = "350 per hour"
    except = ["feed-put", "feed-get"]
    [limit.anonymous-per-ip]
    who = "anonymous"
    per = ["ip", "header:x-device"]
    quota = "12_345 per month"
    [limit.puts]
    on = ["feed-put"]
    rate = "12 per 2 minutes"
    burst = 30
    shadow = true
    within = { per = "ip", subkeys_max = 1000 }
    [plan.pro]
    limit.puts = 1_000
"#;

fn row_of(text: &str, name: &str) -> Row {
    rows(&policy(text)).into_iter().find(|row| row.limit == name).unwrap()
}

#[test]
fn a_limit_says_what_it_leaves_out() {
    assert_eq!(
        row_of(PAGE, "authenticated-per-ip").applies_to,
        "known callers, every call except feed-put (PUT /api/feed) and feed-get (GET /api/feed, GET /api/comp/{comp}/stream/{stream}/feed)"
    );
    assert_eq!(row_of(PAGE, "puts").applies_to, "everyone, feed-put (PUT /api/feed)");
    assert_eq!(
        row_of(PAGE, "anonymous-per-ip").applies_to,
        "callers without a valid credential, every call; everyone, paths that match no route"
    );
    assert_eq!(
        row_of(PAGE, "limits-pages-per-ip").applies_to,
        "everyone, the limits pages at /limits"
    );
}

#[test]
fn a_row_carries_the_contract_with_null_where_a_field_has_no_meaning() {
    let row = serde_json::to_value(row_of(PAGE, "anonymous-per-ip")).unwrap();
    assert_eq!(row["scope"], "ip+header:x-device");
    assert_eq!(row["quota"], 12_345);
    assert_eq!(row["burst"], serde_json::Value::Null);
    assert_eq!(row["period"], "month");
    assert_eq!(row["counts_at"], "edge");
    assert_eq!(row["on_store_loss"], "local share");
    let row = serde_json::to_value(row_of(PAGE, "puts")).unwrap();
    assert_eq!(
        (&row["burst"], &row["window_s"], &row["bound"]),
        (&30.into(), &120.into(), &42.into())
    );
    assert_eq!(
        (&row["scope"], &row["kind"], &row["shadow"]),
        (&"everyone".into(), &"rate".into(), &true.into())
    );
    assert_eq!(row["plans"], serde_json::json!([{ "plan": "pro", "quota": 1_000 }]));
    assert_eq!(
        row["within"],
        serde_json::json!({ "scope": "ip", "subkeys_max": 1_000, "limit": null })
    );
}

// docs/platforms/grovestreams.md G6: the cap stands on the page, and what all of a parent's counts share is a limit
// like any other.
#[test]
fn a_parents_limit_has_a_row_of_its_own_and_a_sliding_quota_is_its_own_bound() {
    let text = r#"
        upstream = "http://127.0.0.1:9000"
        [route.feed-put]
        match = "PUT /api/feed"
        [route.other]
        match = "* /**"
        [limit.cadence]
        on = ["feed-put"]
        who = "known"
        per = ["ip", "header:x-forwarded-for"]
        sliding = "12 per 2 minutes"
        within = { per = ["token", "ip"], rate = "1200 per 2 minutes", subkeys_max = 100 }
        hint = "Send many devices' samples in one PUT."
    "#;
    let cadence = serde_json::to_value(row_of(text, "cadence")).unwrap();
    let of = |row: &serde_json::Value, names: [&str; 5]| names.map(|name| row[name].clone());
    let amounts = ["kind", "quota", "burst", "window_s", "bound"];
    let json = serde_json::json!(["sliding", 12, null, 120, 12]);
    assert_eq!(of(&cadence, amounts), json.as_array().unwrap()[..]);
    assert_eq!(
        cadence["within"],
        serde_json::json!({ "scope": "token+ip", "subkeys_max": 100, "limit": "cadence-parent" })
    );
    let parent = serde_json::to_value(row_of(text, "cadence-parent")).unwrap();
    let json = serde_json::json!(["rate", 1_200, 1_200, 120, 2_400]);
    assert_eq!(of(&parent, amounts), json.as_array().unwrap()[..]);
    for field in [
        "applies_to",
        "counts_at",
        "on_store_loss",
        "who",
        "routes",
        "hint",
        "shadow",
    ] {
        assert_eq!(parent[field], cadence[field], "{field}");
    }
    assert_eq!(
        (&parent["scope"], &parent["within"]),
        (&"token+ip".into(), &serde_json::Value::Null)
    );
}

#[test]
fn an_exempt_operation_says_so() {
    let exempt = exempt(&policy(PAGE));
    let named: Vec<(&str, &str)> = exempt.iter().map(|exempt| (&*exempt.route, exempt.who)).collect();
    // feed-put counts in `puts`, so that it is not exempt.
    assert_eq!(named, [("feed-get", "known")]);
    let text = text(
        &policy(PAGE),
        Style {
            width: None,
            colour: false,
        },
    );
    assert!(
        text.contains(
            "No limit on the number of calls: feed-get (GET /api/feed, GET /api/comp/{comp}/stream/{stream}/feed), for known callers\n"
        ),
        "{text}"
    );
}

#[test]
fn with_several_pages_a_call_is_of_one_of_them() {
    let default = load(&Source::Default, None, &EXTENSIONS).unwrap().policy;
    let rows = rows(&default);
    let applies_to = |name: &str| rows.iter().find(|row| row.limit == name).unwrap().applies_to.clone();
    assert_eq!(
        applies_to("rest-per-user"),
        "known callers, every tempest call except socket (GET /swd/data)"
    );
    assert!(applies_to("authenticated-per-ip").starts_with("known callers, every grovestreams call except feed-put"));
}

#[test]
fn numbers_stand_right_with_their_thousands_and_names_left() {
    let text = text(
        &policy(PAGE),
        Style {
            width: None,
            colour: false,
        },
    );
    let lines: Vec<&str> = text.lines().take(4).collect();
    assert_eq!(
        lines[0],
        "LIMIT                 PER                  QUOTA  WINDOW       BURST   BOUND  COUNTS AT  STORE LOST   APPLIES TO"
    );
    assert!(lines[1].starts_with("authenticated-per-ip  ip                     350  an hour        350     700  edge       local share  known"), "{text}");
    assert!(
        lines[2].starts_with(
            "anonymous-per-ip      ip+header:x-device  12,345  a UTC month      -  37,035  edge       local share  call"
        ),
        "{text}"
    );
    assert!(lines[3].starts_with("puts (shadow)         everyone                12  2 minutes       30      42  edge       local share  every"), "{text}");
}

#[test]
fn no_line_is_wider_than_the_terminal_and_none_ends_in_space() {
    let default = load(&Source::Default, None, &EXTENSIONS).unwrap().policy;
    for (policy, width) in [
        (&default, 80),
        (&default, 120),
        (&default, 200),
        (&policy(PAGE), 100),
        (&policy(PAGE), 140),
    ] {
        for line in text(
            policy,
            Style {
                width: Some(width),
                colour: false,
            },
        )
        .lines()
        {
            assert!(line.chars().count() <= usize::from(width), "{width}: {line}");
            assert_eq!(line, line.trim_end());
        }
    }
}

#[test]
fn colour_is_only_there_when_asked_for() {
    assert!(
        !text(
            &policy(PAGE),
            Style {
                width: Some(120),
                colour: false
            }
        )
        .contains('\u{1b}')
    );
    assert!(
        text(
            &policy(PAGE),
            Style {
                width: Some(120),
                colour: true
            }
        )
        .contains('\u{1b}')
    );
}
