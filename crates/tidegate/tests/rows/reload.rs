//! Another limits file while it runs: no count is touched, no socket closed, and a bad one changes nothing.

use std::{sync::Arc, time::Duration};

use http::StatusCode;
use serde_json::{Value, json};

use crate::{
    gate::{Ask, Gate},
    socket::{SOON, assert_over_the_cap, opened, refused},
};

/// A page with a limit per user, as long as one line says.
pub fn page(limit: &str) -> String {
    format!(
        r#"
upstream = "embedded:grovestreams"
unmatched = "per-address"
[route.feed]
match = "GET /api/feed"
[limit.per-address]
who = "anonymous"
per = "ip"
rate = "150 per hour"
[limit.other-per-user]
per = "user"
who = "known"
rate = "100 per hour"
{limit}
"#
    )
}

pub fn per_user(quantity: &str) -> String {
    page(&format!(
        "[limit.per-user]\nper = \"user\"\nwho = \"known\"\n{quantity}\n"
    ))
}

/// Waits until something is so.
pub async fn until(what: &str, done: impl Fn() -> bool) {
    let waiting = async {
        let mut tick = tokio::time::interval(Duration::from_millis(5));
        while !done() {
            tick.tick().await;
        }
    };
    assert!(tokio::time::timeout(SOON, waiting).await.is_ok(), "not {what}");
}

/// Puts another text in the file's place and has it read.
pub async fn reload(gate: &Gate, text: &str) -> Value {
    std::fs::write(gate.dir.path().join("limits.toml"), text).unwrap();
    let answer = gate.admin(Ask::post("/reload")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()
}

/// Used and quota of a limit, as ann's row says.
fn stands(gate: &Gate, limit: &str) -> Option<(u64, u64)> {
    let rows = gate.run_json(&["limit", "show", "--user", "ann"]);
    let row = rows.as_array().unwrap().iter().find(|row| row["limit"] == limit)?;
    Some((row["used"].as_u64().unwrap(), row["quota"].as_u64().unwrap()))
}

async fn spend(gate: &Gate, token: &str, times: u32) {
    for _ in 0..times {
        let answer = gate.get("/api/feed", token).await;
        assert_ne!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{}", answer.text());
    }
}

// fault 10
#[tokio::test(flavor = "multi_thread")]
async fn other_quota_is_in_force_at_the_next_request_without_a_refill_or_a_lockout() {
    let gate = Gate::of_text(&per_user("rate = \"10 per hour\"")).await;
    let token = gate.user("ann");
    spend(&gate, &token, 10).await;
    assert_eq!(
        gate.get("/api/feed", &token).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );

    reload(&gate, &per_user("rate = \"20 per hour\"")).await;
    assert_eq!(stands(&gate, "per-user"), Some((10, 20)));
    spend(&gate, &token, 10).await;
    assert_eq!(
        gate.get("/api/feed", &token).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );

    reload(&gate, &per_user("rate = \"5 per hour\"")).await;
    let refused = gate.get("/api/feed", &token).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(
        refused.retry_after() <= Duration::from_secs(720),
        "the debt is at most the capacity"
    );

    reload(&gate, &per_user("quota = \"30 per day\"")).await;
    assert_eq!(
        stands(&gate, "per-user"),
        Some((5, 30)),
        "another kind carries over what is used"
    );
    assert_eq!(
        stands(&gate, "other-per-user").map(|(used, _)| used),
        Some(20),
        "and the other limit is untouched"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn limit_that_is_left_out_is_gone_and_its_count_is_there_when_it_comes_back() {
    let gate = Gate::of_text(&per_user("rate = \"10 per hour\"")).await;
    let token = gate.user("ann");
    gate.run(&["limit", "set", "other-per-user", "300", "--user", "ann"]);
    spend(&gate, &token, 10).await;
    reload(&gate, &page("")).await;
    assert_eq!(stands(&gate, "per-user"), None);
    spend(&gate, &token, 3).await;
    assert_eq!(
        stands(&gate, "other-per-user"),
        Some((13, 300)),
        "what was set by hand stays"
    );
    reload(&gate, &per_user("rate = \"10 per hour\"")).await;
    assert_eq!(stands(&gate, "per-user"), Some((10, 10)));
}

// fault 85
#[tokio::test(flavor = "multi_thread")]
async fn bad_file_leaves_everything_as_it_was_and_is_told() {
    let gate = Gate::of_text(&per_user("rate = \"10 per hour\"")).await;
    let token = gate.user("ann");
    spend(&gate, &token, 4).await;
    let before = gate.app.engine.current.load();
    let file = gate.dir.path().join("limits.toml");
    let bad = [
        (per_user("rate = \"10 per hour\"\nburts = 3"), "did you mean `burst`?"),
        (
            per_user("rate = \"10 per hour\"\nrate = \"11 per hour\""),
            "is defined twice",
        ),
        (page("[limit.per-address]\nrate = \"1 per hour\"\n"), "is defined twice"),
        (page("").replace("[route.feed]", "[rout.feed]"), "unknown"),
        ("nonsense".to_owned(), "limits.toml:1"),
        (String::new(), "limits.toml"),
    ];
    for (number, (text, told)) in (1_u64..).zip(bad) {
        std::fs::write(&file, text).unwrap();
        let answer = gate.admin(Ask::post("/reload")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains(told), "{told}: {}", answer.text());
        let health = gate.admin(Ask::get("/healthz")).await.json();
        assert_eq!(health["reload"]["ok"], false);
        assert!(health["reload"]["failures"].as_u64().unwrap() >= number);
        let last = gate.admin(Ask::get("/reload")).await.json();
        assert!(last["error"].as_str().unwrap().contains(told), "{last}");
        // What `check` says is the same.
        let check = std::process::Command::new(env!("CARGO_BIN_EXE_tidegate"))
            .args(["check", file.to_str().unwrap()])
            .output()
            .unwrap();
        assert!(String::from_utf8_lossy(&check.stderr).contains(told), "{check:?}");
    }
    std::fs::remove_file(&file).unwrap();
    assert_eq!(
        gate.admin(Ask::post("/reload")).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let after = gate.app.engine.current.load();
    assert!(Arc::ptr_eq(&before.policy, &after.policy), "nothing of it is in force");
    assert_eq!(stands(&gate, "per-user"), Some((4, 10)));
    reload(&gate, &per_user("rate = \"12 per hour\"")).await;
    assert_eq!(gate.admin(Ask::get("/healthz")).await.json()["reload"]["ok"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_a_restart_is_named_and_the_rest_is_in_force() {
    let gate = Gate::of_text(&per_user("rate = \"10 per hour\"")).await;
    gate.user("ann");
    let text = per_user("rate = \"11 per hour\"\n[server]\ncells_max = 2_000\npages_prefix = \"/quota\"");
    let told = reload(&gate, &text).await;
    assert_eq!(told["needs_restart"], json!(["cells_max"]));
    assert_eq!(stands(&gate, "per-user"), Some((0, 11)));
    assert_eq!(gate.send(Ask::get("/quota")).await.status, StatusCode::OK);
    let audit = gate.admin(Ask::get("/audit")).await.text();
    assert!(audit.contains("\"reload\""), "{audit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn policy_that_is_built_in_has_nothing_to_read_again() {
    let gate = Gate::start().await;
    let answer = gate.admin(Ask::post("/reload")).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(answer.text().contains("preset:default"), "{}", answer.text());
}

fn sockets(quota: u32) -> String {
    format!(
        r#"
upstream = "embedded:tempest"
refusals = "tempest"
[route.socket]
match = "GET /swd/data"
socket = {{}}
[limit.websockets-per-user]
on = "socket"
per = "user"
slots = {quota}
hint = "One socket carries many devices."
"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn open_sockets_stay_open_and_counted_over_a_reload() {
    let gate = Gate::of_text(&sockets(3)).await;
    let token = gate.user("ann");
    let mut open = [opened(&gate, &token).await, opened(&gate, &token).await];
    reload(&gate, &sockets(2)).await;
    assert_over_the_cap(&refused(&gate, &token).await);
    // Lowered below what is open: nothing is closed, and nothing opens.
    reload(&gate, &sockets(1)).await;
    assert_over_the_cap(&refused(&gate, &token).await);
    for socket in &mut open {
        socket
            .say(json!({ "type": "listen_start", "device_id": 1, "id": "a" }))
            .await;
        socket.heard().await;
    }
    reload(&gate, &sockets(3)).await;
    let third = opened(&gate, &token).await;
    assert_over_the_cap(&refused(&gate, &token).await);
    drop(third);
    drop(open);
}
