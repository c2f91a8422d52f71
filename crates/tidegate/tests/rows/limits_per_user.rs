//! T3, T5 and the REST half of T4 and T6: a hundred a minute, for the user, whatever token.

use std::time::Duration;

use http::StatusCode;
use tidegate_config::Source;

use crate::gate::Gate;

const STATIONS: &str = "/swd/rest/stations";

// T3
#[tokio::test(flavor = "multi_thread")]
async fn a_user_makes_a_hundred_requests_from_idle_and_the_next_is_refused() {
    let gate = Gate::start().await;
    let token = gate.user("ann");
    let (admitted, refused) = gate.until_refused(STATIONS, &token).await;
    assert_eq!(admitted, 100);
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.json()["limit"], "rest-per-user");
}

// T3
#[tokio::test(flavor = "multi_thread")]
async fn waiting_exactly_retry_after_always_works_and_a_moment_less_never() {
    let gate = Gate::start().await;
    let token = gate.user("ann");
    let (_, refused) = gate.until_refused(STATIONS, &token).await;
    let wait_ms = refused.retry_after_ms();
    assert_eq!(wait_ms, 600);
    assert_eq!(refused.retry_after(), Duration::from_secs(1));

    gate.pass(Duration::from_millis(wait_ms - 1));
    let early = gate.get(STATIONS, &token).await;
    assert_eq!(
        (early.status, early.retry_after_ms()),
        (StatusCode::TOO_MANY_REQUESTS, 1)
    );
    gate.pass(Duration::from_millis(1));
    assert_eq!(gate.get(STATIONS, &token).await.status, StatusCode::OK);
}

// T3: "one user was blocked 12 hours, then a week".
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_call_never_extends_a_block() {
    let gate = Gate::start().await;
    let token = gate.user("ann");
    let (_, refused) = gate.until_refused(STATIONS, &token).await;
    let wait_ms = refused.retry_after_ms();
    for _ in 0..200 {
        assert_eq!(gate.get(STATIONS, &token).await.retry_after_ms(), wait_ms);
    }
    gate.pass(Duration::from_millis(wait_ms));
    assert_eq!(gate.get(STATIONS, &token).await.status, StatusCode::OK);
}

// T3: "REST should recover in 1-2 minutes".
#[tokio::test(flavor = "multi_thread")]
async fn a_whole_minute_later_the_whole_burst_is_back() {
    let gate = Gate::start().await;
    let token = gate.user("ann");
    gate.until_refused(STATIONS, &token).await;
    gate.pass(Duration::from_secs(60));
    assert_eq!(gate.until_refused(STATIONS, &token).await.0, 100);
}

// T3, fault 01, fault 02
#[tokio::test(flavor = "multi_thread")]
async fn a_step_of_the_wall_clock_neither_blocks_nor_frees() {
    let gate = Gate::start().await;
    let token = gate.user("ann");
    gate.until_refused(STATIONS, &token).await;
    for step_ms in [3_600_000, -7_200_000] {
        gate.app.engine.clock.step_wall(step_ms);
        assert_eq!(
            gate.get(STATIONS, &token).await.retry_after_ms(),
            600,
            "after a step of {step_ms} ms"
        );
    }
}

// T5
#[tokio::test(flavor = "multi_thread")]
async fn all_tokens_of_a_user_count_together() {
    let gate = Gate::start().await;
    let first = gate.user("ann");
    let second = gate.token("ann", &[]);
    let app = gate.token("ann", &["--kind", "app"]);
    for round in 0..50 {
        assert_eq!(gate.get(STATIONS, &first).await.status, StatusCode::OK, "{round}");
        let both = gate
            .send(crate::gate::Ask::get(&format!("{STATIONS}?api_key={app}")).token(&second))
            .await;
        assert_eq!(both.status, StatusCode::OK, "{round}: {}", both.text());
    }
    for token in [&first, &second] {
        assert_eq!(gate.get(STATIONS, token).await.json()["limit"], "rest-per-user");
    }
}

// T5: and nobody else's.
#[tokio::test(flavor = "multi_thread")]
async fn another_user_is_not_touched() {
    let gate = Gate::start().await;
    let (ann, bob) = (gate.user("ann"), gate.user("bob"));
    gate.until_refused(STATIONS, &ann).await;
    assert_eq!(gate.until_refused(STATIONS, &bob).await.0, 100);
}

// T4, SEMANTICS rule 22: a user is one person, the cells are not shared.
#[tokio::test(flavor = "multi_thread")]
async fn the_two_pages_limits_do_not_touch_each_other() {
    let gate = Gate::start().await;
    let token = gate.user("ann");
    gate.until_refused(STATIONS, &token).await;
    let feed = gate.get("/api/comp/kitchen/stream/temp/last_value", &token).await;
    assert_ne!(feed.status, StatusCode::TOO_MANY_REQUESTS, "{}", feed.text());
}

// T6, SEMANTICS rule 10
#[tokio::test(flavor = "multi_thread")]
async fn a_raised_limit_is_in_force_at_the_next_request_and_resets_no_count() {
    let gate = Gate::start().await;
    let (ann, bob) = (gate.user("ann"), gate.user("bob"));
    gate.until_refused(STATIONS, &ann).await;
    gate.run(&[
        "limit",
        "set",
        "rest-per-user",
        "200",
        "--user",
        "ann",
        "--reason",
        "on the phone",
    ]);
    let (admitted, refused) = gate.until_refused(STATIONS, &ann).await;
    assert_eq!(admitted, 100, "100 of 100 used becomes 100 of 200");
    assert_eq!(
        (&refused.json()["quota"], &refused.json()["from"]),
        (&200.into(), &"user ann".into())
    );
    assert_eq!(gate.until_refused(STATIONS, &bob).await.0, 100);

    gate.run(&["limit", "unset", "rest-per-user", "--user", "ann"]);
    let refused = gate.get(STATIONS, &ann).await;
    assert_eq!(refused.json()["quota"], 100);
    assert_eq!(
        refused.retry_after_ms(),
        600,
        "a lowered quota makes no debt beyond itself"
    );
}

// T6: with who, when and why kept, and an end.
#[tokio::test(flavor = "multi_thread")]
async fn an_override_ends_by_itself_and_the_trail_keeps_who_when_why() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    gate.run(&[
        "limit",
        "set",
        "rest-per-user",
        "150",
        "--user",
        "ann",
        "--until",
        "2026-11-23",
        "--reason",
        "migration",
    ]);
    assert_eq!(gate.until_refused(STATIONS, &ann).await.0, 150);
    gate.pass(Duration::from_secs(12 * 3600));
    assert_eq!(gate.until_refused(STATIONS, &ann).await.0, 100);
    let trail = gate.admin(crate::gate::Ask::get("/audit")).await.json();
    let set = trail
        .as_array()
        .unwrap()
        .iter()
        .find(|act| act["action"] == "limit.set")
        .expect("limit.set");
    assert_eq!(
        (&set["actor"], &set["at"]),
        (&"admin".into(), &"2026-11-22T12:00:00.000Z".into())
    );
    assert!(set["detail"].to_string().contains("migration"), "{set}");
}

// G13: plan -> tenant -> user.
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_sets_the_quota_a_tenant_over_it_and_a_user_over_both() {
    let text = r#"
include = ["preset:tempest"]
unmatched = "anonymous-per-ip"

[plan.enterprise]
limit.rest-per-user = 300
"#;
    let gate = Gate::of_text(text).await;
    gate.run(&["user", "add", "ann", "--tenant", "acme", "--plan", "enterprise"]);
    let quota = || gate.run_json(&["limit", "show", "--user", "ann"])[0].clone();
    assert_eq!(
        (&quota()["quota"], &quota()["from"]),
        (&300.into(), &"plan enterprise".into())
    );
    gate.run(&["limit", "set", "rest-per-user", "400", "--tenant", "acme"]);
    assert_eq!(
        (&quota()["quota"], &quota()["from"]),
        (&400.into(), &"tenant acme".into())
    );
    gate.run(&["limit", "set", "rest-per-user", "500", "--user", "ann"]);
    assert_eq!((&quota()["quota"], &quota()["from"]), (&500.into(), &"user ann".into()));
}

// SEMANTICS rule 10: no override poisons who shares the address.
#[tokio::test(flavor = "multi_thread")]
async fn a_user_raised_in_a_limit_per_address_counts_apart() {
    let gate = Gate::with(Source::Preset("grovestreams".into()), None).await;
    let (ann, bob) = (gate.user("ann"), gate.user("bob"));
    let path = "/api/comp/kitchen/stream/temp/last_value";
    let mut admitted = 0;
    while gate.get(path, &bob).await.status != StatusCode::TOO_MANY_REQUESTS {
        admitted += 1;
    }
    assert_eq!(admitted, 350);
    gate.run(&["limit", "set", "authenticated-per-ip", "400", "--user", "ann"]);
    assert_ne!(gate.get(path, &ann).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(gate.get(path, &bob).await.status, StatusCode::TOO_MANY_REQUESTS);
}

// T11
#[tokio::test(flavor = "multi_thread")]
async fn a_pardon_clears_what_was_counted_of_one_user_and_is_audited() {
    let gate = Gate::start().await;
    let (ann, bob) = (gate.user("ann"), gate.user("bob"));
    gate.until_refused(STATIONS, &ann).await;
    gate.until_refused(STATIONS, &bob).await;
    gate.run(&["pardon", "--user", "ann"]);
    assert_eq!(gate.until_refused(STATIONS, &ann).await.0, 100);
    assert_eq!(gate.get(STATIONS, &bob).await.status, StatusCode::TOO_MANY_REQUESTS);
    let trail = gate.admin(crate::gate::Ask::get("/audit?limit=1")).await.json();
    assert_eq!(
        (&trail[0]["action"], &trail[0]["subject"]),
        (&"pardon".into(), &"ann".into())
    );
}

// RFC 9110 9.3.2: HEAD is the same operation as GET, so it is no way round a limit.
#[tokio::test(flavor = "multi_thread")]
async fn head_counts_like_get() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    for left in (0..100).rev() {
        let head = gate
            .send(crate::gate::Ask::new(http::Method::HEAD, STATIONS).token(&ann))
            .await;
        assert_eq!((head.status, head.body.len()), (StatusCode::OK, 0));
        assert!(
            head.field("ratelimit")
                .unwrap()
                .starts_with(&format!("\"rest-per-user\";r={left}"))
        );
    }
    assert_eq!(gate.get(STATIONS, &ann).await.status, StatusCode::TOO_MANY_REQUESTS);
}
