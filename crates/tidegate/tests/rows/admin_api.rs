//! The admin API's own door: token, Host, Origin, and a description that is true.

use http::StatusCode;

use crate::gate::{Ask, Gate, send};

#[tokio::test(flavor = "multi_thread")]
async fn without_the_token_nothing_but_health_and_the_description_is_answered() {
    let gate = Gate::start().await;
    let host = gate.app.admin.to_string();
    for (path, status) in [
        ("/healthz", 200),
        ("/readyz", 200),
        ("/metrics", 200),
        ("/openapi.json", 200),
        ("/users", 401),
        ("/audit", 401),
        ("/limits", 401),
        ("/stats", 401),
        ("/top", 401),
        ("/nothing", 404),
    ] {
        assert_eq!(
            send(gate.app.admin, &host, Ask::get(path)).await.status.as_u16(),
            status,
            "{path}"
        );
    }
    let wrong = send(gate.app.admin, &host, Ask::get("/users").token("tg_adm_wrong")).await;
    assert_eq!(
        (wrong.status, wrong.field("www-authenticate")),
        (StatusCode::UNAUTHORIZED, Some("Bearer"))
    );
    assert_eq!(gate.admin(Ask::get("/users")).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebound_name_and_a_page_elsewhere_are_refused() {
    let gate = Gate::start().await;
    let rebound = send(gate.app.admin, "evil.example", Ask::get("/healthz")).await;
    assert_eq!(rebound.status, StatusCode::MISDIRECTED_REQUEST);
    let elsewhere = gate
        .admin(Ask::get("/users").header("origin", "http://evil.example"))
        .await;
    assert_eq!(elsewhere.status, StatusCode::FORBIDDEN);
    let own = gate
        .admin(Ask::get("/users").header("origin", &format!("http://{}", gate.app.admin)))
        .await;
    assert_eq!(own.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_bodies_get_a_problem_that_says_what_is_wrong() {
    let gate = Gate::start().await;
    for (body, status, said) in [
        ("{", 400, "EOF"),
        ("{\"user\":1}", 422, "string"),
        ("{\"user\":\"a\",\"tenat\":\"b\"}", 422, "tenat"),
    ] {
        let answer = gate
            .admin(
                Ask::post("/users")
                    .header("content-type", "application/json")
                    .text(body),
            )
            .await;
        assert_eq!(answer.status.as_u16(), status, "{body}");
        assert_eq!(answer.field("content-type"), Some("application/problem+json"));
        assert!(
            answer.json()["detail"].as_str().unwrap().contains(said),
            "{body}: {}",
            answer.text()
        );
    }
}

/// The description is committed, so that a change of the API is seen in review. Rewritten by UPDATE_OPENAPI=1.
#[test]
fn the_committed_description_is_the_one_served() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/admin-openapi.json");
    let served = format!("{}\n", tidegate_staff::admin::document().to_pretty_json().unwrap());
    if std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(path, &served).unwrap();
    }
    let committed = std::fs::read_to_string(path).expect("docs/admin-openapi.json");
    assert!(
        committed == served,
        "docs/admin-openapi.json differs: UPDATE_OPENAPI=1 cargo test -p tidegate --test rows description"
    );
}
