//! docs/platforms/tempest.md T10: what is my limit, what am I using, when does it come back; without spending any of
//! it.

use http::{Method, StatusCode};

use crate::gate::{Ask, Gate};

const STATIONS: &str = "/swd/rest/stations";

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_sees_own_limits_without_spending_quota() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    for _ in 0..3 {
        gate.get(STATIONS, &ann).await;
    }
    for _ in 0..20 {
        let me = gate.get("/limits/me", &ann).await;
        assert_eq!(me.status, StatusCode::OK);
        let rows = me.json();
        let row = rows
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["limit"] == "rest-per-user")
            .unwrap()
            .clone();
        assert_eq!(
            (&row["quota"], &row["used"], &row["remaining"]),
            (&100.into(), &3.into(), &97.into())
        );
        assert_eq!(
            (&row["scope"], &row["resets_in_s"], &row["from"]),
            (&"user ann".into(), &2.into(), &"limit".into())
        );
        assert!(
            rows.as_array()
                .unwrap()
                .iter()
                .all(|row| row["limit"] != "anonymous-per-ip"),
            "{rows}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_caller_sees_what_the_address_has_left() {
    let gate = Gate::start().await;
    gate.send(Ask::get(STATIONS)).await;
    let rows = gate.send(Ask::get("/limits/me")).await.json();
    let row = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["limit"] == "anonymous-per-ip")
        .unwrap()
        .clone();
    assert_eq!(
        (&row["scope"], &row["used"], &row["remaining"]),
        (&"ip 127.0.0.1".into(), &1.into(), &149.into())
    );
    let bad = gate.get("/limits/me", "tg_pat_nonsense").await;
    assert_eq!(bad.status, StatusCode::UNAUTHORIZED);
}

// docs/semantics.md rule 15
#[tokio::test(flavor = "multi_thread")]
async fn the_pages_guard_is_60_a_minute_for_the_address_and_stands_on_the_page() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let page = gate.send(Ask::get("/limits")).await;
    let rows = page.json();
    let guard = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["limit"] == "limits-pages-per-ip")
        .expect("guard")
        .clone();
    assert_eq!(
        (&guard["quota"], &guard["window_s"], &guard["scope"]),
        (&60.into(), &60.into(), &"ip".into())
    );
    for _ in 0..59 {
        assert_eq!(gate.get("/limits/me", &ann).await.status, StatusCode::OK);
    }
    assert_eq!(gate.get("/limits/me", &ann).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        gate.get(STATIONS, &ann).await.status,
        StatusCode::OK,
        "and counts against nothing else"
    );
}

// The page is made from the running policy.
#[tokio::test(flavor = "multi_thread")]
async fn the_published_limits_are_those_the_command_shows() {
    let gate = Gate::start().await;
    let page = gate.send(Ask::get("/limits")).await.json();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_tidegate"))
        .args(["limits", "--json"])
        .output()
        .unwrap();
    let shown: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(page, shown);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_read_only_and_say_what_else_there_is() {
    let gate = Gate::start().await;
    assert_eq!(
        gate.send(Ask::new(Method::POST, "/limits")).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
    let missing = gate.send(Ask::get("/limits/nothing")).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert!(missing.text().contains("/limits/me"));
    let near = gate.send(Ask::get("/limitsome")).await;
    assert_eq!(
        near.json()["limit"],
        serde_json::Value::Null,
        "a longer word is no page: {}",
        near.text()
    );
}
