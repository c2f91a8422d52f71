//! docs/platforms/grovestreams.md G13: "All of the above limits are configurable for leased GroveStreams instances": by
//! host or token, counted apart, and each value with its origin wherever it shows.

use http::StatusCode;
use serde_json::{Value, json};

use crate::{
    gate::{Answer, Ask, Gate, send},
    socket,
};

const LAST_VALUE: &str = "/api/comp/kitchen/stream/temp/last_value";

/// Acme leases an instance; bolt has quotas of its own and no host.
const TENANTS: &str = r#"
include   = ["preset:tempest", "preset:grovestreams"]
unmatched = "anonymous-per-ip"

[plan.enterprise]
limit.authenticated-per-ip = 500
limit.rest-per-user        = 400

[plan.small]
limit.rest-per-user = 10

[tenant.acme]
hosts = ["acme.example.com"]
plan  = "enterprise"
limit.unauthenticated-per-ip = 20
limit.feed-put-cadence       = { quota = 24, subkeys_max = 2 }
limit.feed-put-parent        = 50
limit.rest-per-user          = { quota = 30, burst = 40 }
limit.websockets-per-user    = 1
limit.limits-pages-per-ip    = 1_000

[tenant.bolt]
limit.feed-put-cadence = 18
"#;

async fn gate() -> Gate {
    Gate::of_text(TENANTS).await
}

/// A user of a tenant, with a personal token.
fn user(gate: &Gate, name: &str, tenant: &str) -> String {
    gate.run(&["user", "add", name, "--tenant", tenant]);
    gate.token(name, &[])
}

/// At the leased instance.
async fn at_acme(gate: &Gate, ask: Ask) -> Answer {
    // Names of hosts have no case, and behind a port-mapping the port is anybody's.
    send(gate.address(), "ACME.example.com:8443", ask).await
}

fn put(token: &str) -> Ask {
    Ask::put(&format!("/api/feed?compId=kitchen&temp=21.5&api_key={token}"))
}

fn row(rows: &Value, limit: &str) -> Value {
    let rows = rows.as_array().unwrap_or_else(|| panic!("{rows}"));
    let found = rows.iter().find(|row| row["limit"] == limit);
    found.unwrap_or_else(|| panic!("no {limit} in {rows:?}")).clone()
}

/// Answers before the first 429, each of this status, and that 429.
async fn before_429(gate: &Gate, host: &str, status: StatusCode, ask: impl Fn() -> Ask) -> (u32, Answer) {
    for count in 0..1_000 {
        let answer = send(gate.address(), host, ask()).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            return (count, answer);
        }
        assert_eq!(answer.status, status, "{}", answer.text());
    }
    panic!("never refused")
}

// docs/platforms/grovestreams.md G13, docs/semantics.md rule 10
#[tokio::test(flavor = "multi_thread")]
async fn anybody_at_an_instance_has_its_quota_and_is_counted_apart() {
    let gate = gate().await;
    let (own, other) = ("acme.example.com", "grove.example.com");
    let (count, refused) = before_429(&gate, own, StatusCode::UNAUTHORIZED, || Ask::get(LAST_VALUE)).await;
    assert_eq!(count, 20);
    let body = refused.json();
    assert_eq!(
        (&body["limit"], &body["from"], &body["scope"]),
        (
            &json!("unauthenticated-per-ip"),
            &json!("tenant acme (limits file)"),
            &json!("ip 127.0.0.1, tenant acme")
        )
    );
    let explained = gate.run_json(&["explain", refused.decision()]);
    assert_eq!(explained["from"], "tenant acme (limits file)");

    // The same address elsewhere has lost nothing, nor does it take anything from the instance.
    let (count, refused) = before_429(&gate, other, StatusCode::UNAUTHORIZED, || Ask::get(LAST_VALUE)).await;
    assert_eq!((count, &refused.json()["from"]), (150, &json!("limit")));
    let neighbour = || Ask::get(LAST_VALUE).from([127, 0, 0, 2]);
    before_429(&gate, other, StatusCode::UNAUTHORIZED, neighbour).await;
    assert_eq!(at_acme(&gate, neighbour()).await.status, StatusCode::UNAUTHORIZED);
}

// docs/platforms/grovestreams.md G13: by token, on a host that everybody shares; rates, sliding limits, slots, a parent
// and its cap.
#[tokio::test(flavor = "multi_thread")]
async fn tenants_token_brings_its_quotas_along_and_others_keep_theirs() {
    let gate = gate().await;
    let tokens = [("ann", "acme"), ("ben", "bolt"), ("cleo", "other")].map(|(name, tenant)| user(&gate, name, tenant));
    for (token, quota, from) in [
        (&tokens[0], 24, "tenant acme (limits file)"),
        (&tokens[1], 18, "tenant bolt (limits file)"),
        (&tokens[2], 12, "limit"),
    ] {
        let (count, refused) = before_429(&gate, "grove.example.com", StatusCode::OK, || put(token)).await;
        let body = refused.json();
        assert_eq!((count, &body["limit"]), (quota, &json!("feed-put-cadence")));
        assert_eq!((&body["quota"], &body["from"]), (&json!(quota), &json!(from)));
    }
    // Two devices that name themselves fill acme's cap of two; a third one shares a count with whoever comes next.
    gate.pass(std::time::Duration::from_secs(120));
    let device = |name: &str| put(&tokens[0]).header("x-forwarded-for", name);
    for name in ["a", "b", "c"] {
        assert_eq!(gate.send(device(name)).await.status, StatusCode::OK);
    }
    let mut more = 0;
    let refused = loop {
        let answer = gate.send(device(&format!("d{more}"))).await;
        if answer.status != StatusCode::OK {
            break answer;
        }
        more += 1;
    };
    assert_eq!((more, &refused.json()["limit"]), (23, &json!("feed-put-cadence")));
    let (count, refused_by_parent) = before_429(&gate, "x", StatusCode::OK, || device("a")).await;
    assert_eq!(
        (count, &refused_by_parent.json()["limit"]),
        (23, &json!("feed-put-cadence"))
    );
    assert_eq!(gate.send(device("b")).await.status, StatusCode::OK);
    let parent = row(&gate.get("/limits/me", &tokens[0]).await.json(), "feed-put-parent");
    assert_eq!(
        (&parent["quota"], &parent["from"]),
        (&json!(50), &json!("tenant acme (limits file)"))
    );

    let _open = socket::opened(&gate, &tokens[0]).await;
    let over = socket::refused(&gate, &tokens[0]).await.json();
    assert_eq!(
        (&over["limit"], &over["quota"]),
        (&json!("websockets-per-user"), &json!(1))
    );
    assert_eq!(over["from"], "tenant acme (limits file)");
}

// docs/platforms/grovestreams.md G13: a user is one person, whichever host they ask.
#[tokio::test(flavor = "multi_thread")]
async fn user_of_the_tenant_has_one_count_at_the_instance_and_elsewhere() {
    let gate = gate().await;
    let ann = user(&gate, "ann", "acme");
    for _ in 0..25 {
        assert_eq!(gate.get("/swd/rest/stations", &ann).await.status, StatusCode::OK);
    }
    let stations = || Ask::get("/swd/rest/stations").token(&ann);
    let (count, refused) = before_429(&gate, "acme.example.com", StatusCode::OK, stations).await;
    let body = refused.json();
    assert_eq!(count, 15, "40 from rest, as its table says");
    assert_eq!((&body["quota"], &body["burst"]), (&json!(30), &json!(40)));
}

// docs/platforms/grovestreams.md G13: the same in every place, and what is stronger replaces it at the next request.
#[tokio::test(flavor = "multi_thread")]
async fn every_place_that_shows_a_quota_says_where_it_comes_from() {
    let gate = gate().await;
    let ann = user(&gate, "ann", "acme");
    gate.run(&["user", "add", "amy", "--tenant", "acme", "--plan", "small"]);
    let said = async |limit: &str, quota: u32, from: &str| {
        let of_file = ["tenant acme (limits file)", "plan enterprise", "limit"].contains(&from);
        let mut places = vec![
            ("/limits/me", gate.get("/limits/me", &ann).await.json()),
            (
                "/limits/me there",
                at_acme(&gate, Ask::get("/limits/me").token(&ann)).await.json(),
            ),
            ("limit show", gate.run_json(&["limit", "show", "--user", "ann"])),
        ];
        if from.starts_with("tenant") || of_file {
            places.push(("/limits there", at_acme(&gate, Ask::get("/limits")).await.json()));
            places.push(("admin", gate.admin(Ask::get("/limits?tenant=acme")).await.json()));
        }
        for (place, rows) in places {
            let row = row(&rows, limit);
            assert_eq!((&row["quota"], &row["from"]), (&json!(quota), &json!(from)), "{place}");
        }
    };
    said("rest-per-user", 30, "tenant acme (limits file)").await;
    said("authenticated-per-ip", 500, "plan enterprise").await;
    said("connects-per-user", 120, "limit").await;
    gate.run(&["limit", "set", "rest-per-user", "70", "--tenant", "acme"]);
    said("rest-per-user", 70, "tenant acme").await;
    gate.run(&["limit", "set", "rest-per-user", "80", "--user", "ann"]);
    said("rest-per-user", 80, "user ann").await;
    gate.run(&["limit", "unset", "rest-per-user", "--user", "ann"]);
    gate.run(&["limit", "unset", "rest-per-user", "--tenant", "acme"]);
    said("rest-per-user", 30, "tenant acme (limits file)").await;
    // A user's own plan is weaker than the tenant's table, and stronger than the tenant's plan.
    let amy = gate.run_json(&["limit", "show", "--user", "amy"]);
    assert_eq!(row(&amy, "rest-per-user")["from"], "tenant acme (limits file)");
    assert_eq!(row(&amy, "authenticated-per-ip")["from"], "plan enterprise");
}

// docs/platforms/grovestreams.md G13
#[tokio::test(flavor = "multi_thread")]
async fn instances_page_is_the_tenants_and_the_public_one_tells_nothing_of_tenants() {
    let gate = gate().await;
    let own = at_acme(&gate, Ask::get("/limits")).await;
    let rest = row(&own.json(), "rest-per-user");
    assert_eq!((&rest["quota"], &rest["burst"]), (&json!(30), &json!(40)));
    assert_eq!(rest["plans"], json!([{ "plan": "enterprise", "quota": 400 }]));
    let cadence = row(&own.json(), "feed-put-cadence");
    assert_eq!((&cadence["quota"], &cadence["bound"]), (&json!(24), &json!(24)));
    assert_eq!(cadence["within"]["subkeys_max"], 2);
    assert!(!own.text().contains("bolt") && !own.text().contains("small"));

    let public = gate.send(Ask::get("/limits")).await;
    assert_eq!(row(&public.json(), "rest-per-user")["quota"], 100);
    assert!(!public.text().contains("acme") && !public.text().contains("bolt"));
    // The same by the command, from the file alone.
    let file = gate.dir.path().join("limits.toml");
    let limits = |flags: &[&str]| {
        let program = std::process::Command::new(env!("CARGO_BIN_EXE_tidegate"))
            .arg("limits")
            .arg(&file)
            .args(flags)
            .output()
            .unwrap();
        let (stdout, stderr) = (program.stdout, program.stderr);
        (
            program.status.code(),
            [stdout, stderr].map(|text| String::from_utf8(text).unwrap()),
        )
    };
    let (code, [printed, _]) = limits(&["--tenant", "acme", "--json"]);
    assert_eq!(
        (code, serde_json::from_str::<Value>(&printed).unwrap()),
        (Some(0), own.json())
    );
    let (_, [printed, _]) = limits(&["--tenant", "acme"]);
    assert!(
        printed.starts_with("Tenant acme, plan enterprise. Its own hosts: acme.example.com."),
        "{printed}"
    );
    assert!(
        printed.contains("FROM") && printed.contains("tenant acme (limits file)"),
        "{printed}"
    );
    let (code, [_, said]) = limits(&["--tenant", "acne"]);
    assert_eq!(code, Some(2));
    assert!(
        said.contains("there is no `[tenant.acne]`; did you mean `acme`?"),
        "{said}"
    );
}

// A credential of one organisation is nobody at another's host.
#[tokio::test(flavor = "multi_thread")]
async fn caller_of_another_tenant_is_refused_at_an_instance_and_costs_it_nothing_elsewhere() {
    let gate = gate().await;
    let (ann, ben) = (user(&gate, "ann", "acme"), user(&gate, "ben", "bolt"));
    for ask in [
        put(&ben),
        Ask::get(LAST_VALUE).token(&ben),
        Ask::get("/limits/me").token(&ben),
    ] {
        let refused = at_acme(&gate, ask).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());
        assert!(
            refused.text().contains("another organisation's own"),
            "{}",
            refused.text()
        );
    }
    let me = gate.get("/limits/me", &ben).await.json();
    assert_eq!(row(&me, "feed-put-parent")["used"], 0, "nothing was taken of ben");
    // It counted as unknown there, so that tokens cannot be tried without end.
    let there = at_acme(&gate, Ask::get("/limits/me")).await.json();
    assert_eq!(row(&there, "unauthenticated-per-ip")["used"], 2);
    assert_eq!(at_acme(&gate, put(&ann)).await.status, StatusCode::OK);
    assert_eq!(gate.send(put(&ben)).await.status, StatusCode::OK);
}

// Whoever is named like a tenant does not come to its quotas, counts and streams by that.
#[tokio::test(flavor = "multi_thread")]
async fn user_named_like_a_tenant_joins_it_only_when_that_is_said() {
    let gate = gate().await;
    gate.run(&["user", "add", "ann", "--tenant", "other"]);
    for name in ["acme", "other"] {
        let refused = gate.try_run(&["user", "add", name]);
        assert_eq!(refused.status.code(), Some(1));
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(said.contains(&format!("--tenant {name}")), "{said}");
        gate.run(&["user", "add", name, "--tenant", name]);
    }
    let again = gate.try_run(&["user", "add", "other"]);
    assert!(String::from_utf8(again.stderr).unwrap().contains("is taken"));
}

// A tenant of the file is one before anybody belongs to it: its host is served already.
#[tokio::test(flavor = "multi_thread")]
async fn quota_by_hand_of_a_tenant_without_users_is_in_force_at_its_host() {
    let gate = gate().await;
    gate.run(&["limit", "set", "unauthenticated-per-ip", "3", "--tenant", "acme"]);
    let (count, refused) = before_429(&gate, "acme.example.com", StatusCode::UNAUTHORIZED, || {
        Ask::get(LAST_VALUE)
    })
    .await;
    assert_eq!((count, &refused.json()["from"]), (3, &json!("tenant acme")));
    let unknown = gate.try_run(&["limit", "set", "unauthenticated-per-ip", "3", "--tenant", "nobody"]);
    assert_eq!(unknown.status.code(), Some(1));
}
