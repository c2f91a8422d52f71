//! What the gate does about an issuer's callers in particular: quotas by hand, scopes, and leased instances.

use http::StatusCode;
use serde_json::{Value, json};

use crate::{
    gate::{Answer, Ask, Gate, send},
    issuer::{KeyServer, Signer, set},
    vouched::{gate, jwt_table, row, says},
};

/// The origin of a caller's quota.
fn origin(gate: &Gate, user: &str, limit: &str) -> Value {
    row(&gate.run_json(&["limit", "show", "--user", user]), limit)["from"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_set_a_quota_for_an_issuers_user_however_it_is_called_and_end_it() {
    let key = Signer::es256("k1");
    let server = KeyServer::of(&set(&[&key])).await;
    let gate = gate(&jwt_table(&server, ""), "[\"own\", \"jwt\"]").await;
    let named = "auth0|ann+b & co/%2e?ü";
    let user = format!("jwt:{named}");
    gate.run(&["limit", "set", "per-user", "6", "--user", &user, "--reason", "a pilot"]);
    let token = key.sign(&says(named, json!({ "org": "acme" })));
    assert_eq!(gate.until_refused("/items", &token).await.0, 6);
    assert_eq!(origin(&gate, &user, "per-user"), format!("user {user}"));
    assert!(gate.run(&["explain", "--user", &user]).contains("per-user"));
    gate.run(&["pardon", "--user", &user]);
    assert_eq!(gate.until_refused("/items", &token).await.0, 6);

    gate.run(&["limit", "unset", "per-user", "--user", &user]);
    assert_eq!(origin(&gate, &user, "per-user"), "limit");
    gate.run(&["pardon", "--user", &user]);
    assert_eq!(gate.until_refused("/items", &token).await.0, 3);
    let gone = gate.try_run(&["limit", "unset", "per-user", "--user", &user]);
    assert_eq!(gone.status.code(), Some(1), "there is none any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quota_by_hand_is_for_names_that_somebody_gives() {
    let key = Signer::es256("k1");
    let server = KeyServer::of(&set(&[&key])).await;
    let gate = gate(&jwt_table(&server, ""), "[\"own\", \"jwt\"]").await;
    gate.run(&["limit", "set", "per-tenant", "2", "--tenant", "jwt:acme"]);
    let token = key.sign(&says("ann", json!({ "org": "acme" })));
    assert_eq!(gate.until_refused("/items", &token).await.0, 2);
    let too_long = format!("jwt:{}", "x".repeat(161));
    for nobody in ["ldap:ann", "jwt:", "jwt", "ann", &too_long] {
        for flag in ["--user", "--tenant"] {
            let refused = gate.try_run(&["limit", "set", "per-user", "6", flag, nobody]);
            assert_eq!(refused.status.code(), Some(1), "{flag} {nobody}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_not_given_for_this_is_403_and_counts_as_nobodys() {
    let (key, forger) = (Signer::es256("k1"), Signer::es256("k1"));
    let server = KeyServer::of(&set(&[&key])).await;
    let gate = gate(&jwt_table(&server, "required_scope = \"read:data\""), "\"jwt\"").await;
    let given = key.sign(&says("ann", json!({ "scope": "openid read:data" })));
    assert_eq!(gate.get("/items", &given).await.status, StatusCode::OK);

    let other = key.sign(&says("ann", json!({ "scope": "openid" })));
    let refused = gate.get("/items", &other).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());
    assert_eq!(
        refused.field("www-authenticate"),
        Some("Bearer error=\"insufficient_scope\"")
    );
    assert!(refused.text().contains("scope"), "{}", refused.text());
    assert!(
        refused.field("ratelimit").unwrap().contains("per-ip"),
        "docs/semantics.md rule 1"
    );
    let shown = gate.run_json(&["limit", "show", "--user", "jwt:ann"]);
    assert_eq!(row(&shown, "per-user")["used"], 1);

    let forged = gate.get("/items", &forger.sign(&says("ann", json!({})))).await;
    assert_eq!(
        forged.status,
        StatusCode::UNAUTHORIZED,
        "who is nobody is told nothing of scopes"
    );
}

async fn at_acme(gate: &Gate, token: &str) -> Answer {
    send(gate.address(), "acme.example.com", Ask::get("/items").token(token)).await
}

const ACME: &str = "[tenant.acme]\nhosts = [\"acme.example.com\"]\nlimit.per-user = 7\n";

#[tokio::test(flavor = "multi_thread")]
async fn an_issuers_caller_is_nobody_at_a_leased_instance_whatever_its_claims_say() {
    let key = Signer::es256("k1");
    let server = KeyServer::of(&set(&[&key])).await;
    let tables = format!("{ACME}{}", jwt_table(&server, ""));
    let gate = gate(&tables, "[\"own\", \"jwt\"]").await;
    for claims in [json!({}), json!({ "org": "acme" }), json!({ "org": "bolt" })] {
        let token = key.sign(&says("ann", claims.clone()));
        let refused = at_acme(&gate, &token).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{claims}: {}", refused.text());
        assert_eq!(gate.get("/items", &token).await.status, StatusCode::OK, "{claims}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issuers_caller_with_an_account_is_let_in_at_its_organisations_instance_alone() {
    let key = Signer::es256("k1");
    let server = KeyServer::of(&set(&[&key])).await;
    let tables = format!("{ACME}{}", jwt_table(&server, "users = \"own\""));
    let gate = gate(&tables, "[\"own\", \"jwt\"]").await;
    gate.run(&["user", "add", "ann", "--tenant", "acme"]);
    gate.run(&["user", "add", "bob"]);
    let [ann, bob] = ["ann", "bob"].map(|user| key.sign(&says(user, json!({}))));
    assert_eq!(at_acme(&gate, &ann).await.status, StatusCode::OK);
    assert_eq!(at_acme(&gate, &bob).await.status, StatusCode::FORBIDDEN);
}
