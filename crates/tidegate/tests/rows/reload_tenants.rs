//! A tenant's table, a plan and a tenant's hosts change while it runs: no count begins anew, no socket is closed.

use http::StatusCode;
use serde_json::Value;

use crate::{
    gate::{Answer, Ask, Gate, send},
    reload::reload,
    socket::{assert_over_the_cap, opened, refused, until_used},
};

/// One page, with whatever is said of tenants and plans.
fn page(tables: &str) -> String {
    format!(
        r#"
upstream = "embedded:tempest"
refusals = "tempest"
[route.socket]
match = "GET /swd/data"
socket = {{}}
[route.stations]
match = "GET /swd/rest/stations"
[limit.calls-per-user]
on = "stations"
per = "user"
rate = "5 per hour"
[limit.websockets-per-user]
on = "socket"
per = "user"
slots = 4
hint = "One socket carries many devices."
[limit.per-address]
per = "ip"
who = "anonymous"
rate = "100 per hour"
{tables}
"#
    )
}

const STATIONS: &str = "/swd/rest/stations";

async fn at(gate: &Gate, host: &str, token: &str) -> Answer {
    send(gate.address(), host, Ask::get(STATIONS).token(token)).await
}

/// Used, quota and origin of a user's calls.
fn stands(gate: &Gate, user: &str) -> (u64, u64, String) {
    let rows: Value = gate.run_json(&["limit", "show", "--user", user]);
    let rows = rows.as_array().unwrap().iter();
    let row = rows.clone().find(|row| row["limit"] == "calls-per-user").unwrap();
    let number = |key: &str| row[key].as_u64().unwrap();
    (
        number("used"),
        number("quota"),
        row["from"].as_str().unwrap().to_owned(),
    )
}

// fault 10, docs/platforms/grovestreams.md G13
#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_table_is_in_force_at_the_next_request_and_no_count_begins_anew() {
    let gate = Gate::of_text(&page("[tenant.acme]\nlimit.calls-per-user = 3")).await;
    gate.run(&["user", "add", "ann", "--tenant", "acme"]);
    gate.run(&["user", "add", "bob"]);
    let [ann, bob] = ["ann", "bob"].map(|user| gate.token(user, &[]));
    assert_eq!(gate.until_refused(STATIONS, &ann).await.0, 3);
    assert_eq!(gate.get(STATIONS, &bob).await.status, StatusCode::OK);

    // 3 of 3 used become 3 of 6: a raised quota is no refill.
    reload(&gate, &page("[tenant.acme]\nlimit.calls-per-user = 6")).await;
    assert_eq!(stands(&gate, "ann"), (3, 6, "tenant acme (limits file)".to_owned()));
    assert_eq!(gate.until_refused(STATIONS, &ann).await.0, 3);

    // Without its table the tenant has what everybody has, and nobody is locked out for longer than that.
    reload(&gate, &page("")).await;
    assert_eq!(stands(&gate, "ann"), (5, 5, "limit".to_owned()));
    gate.pass(std::time::Duration::from_secs(3_600));
    assert_eq!(gate.until_refused(STATIONS, &ann).await.0, 5);
    assert_eq!(stands(&gate, "bob").1, 5);
}

// docs/platforms/grovestreams.md G13
#[tokio::test(flavor = "multi_thread")]
async fn a_host_becomes_an_instance_and_stops_to_be_one_with_the_file() {
    let leased = page("[tenant.acme]\nhosts = [\"acme.example.com\"]");
    let gate = Gate::of_text(&page("")).await;
    gate.run(&["user", "add", "ann", "--tenant", "acme"]);
    gate.run(&["user", "add", "bob"]);
    let [ann, bob] = ["ann", "bob"].map(|user| gate.token(user, &[]));
    assert_eq!(at(&gate, "acme.example.com", &bob).await.status, StatusCode::OK);
    reload(&gate, &leased).await;
    assert_eq!(at(&gate, "acme.example.com", &ann).await.status, StatusCode::OK);
    assert_eq!(at(&gate, "acme.example.com", &bob).await.status, StatusCode::FORBIDDEN);
    reload(&gate, &page("")).await;
    assert_eq!(at(&gate, "acme.example.com", &bob).await.status, StatusCode::OK);
    assert_eq!(
        stands(&gate, "bob").0,
        2,
        "what was refused elsewhere cost nothing here"
    );
}

// fault 33
#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_is_lowered_closes_no_socket_and_opens_none_until_there_is_room() {
    let plan = |slots: u32| page(&format!("[plan.gold]\nlimit.websockets-per-user = {slots}"));
    let gate = Gate::of_text(&plan(3)).await;
    gate.run(&["user", "add", "ann", "--plan", "gold"]);
    let token = gate.token("ann", &[]);
    let mut open = vec![];
    for _ in 0..3 {
        open.push(opened(&gate, &token).await);
    }
    assert_over_the_cap(&refused(&gate, &token).await);

    reload(&gate, &plan(2)).await;
    for left in [3, 2] {
        until_used(&gate, "ann", left).await;
        assert_over_the_cap(&refused(&gate, &token).await);
        let mut closed = open.pop().unwrap();
        let say = serde_json::json!({ "type": "listen_stop", "device_id": 1, "id": "x" });
        closed.say(say).await;
        closed.heard().await;
        closed.close().await;
    }
    until_used(&gate, "ann", 1).await;
    let _second = opened(&gate, &token).await;
    assert_over_the_cap(&refused(&gate, &token).await);
}
