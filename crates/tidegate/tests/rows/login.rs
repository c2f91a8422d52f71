//! Callers of the stream platform log in by a password: what a session may, and how it ends.

use std::{
    io::Write,
    process::{Command, Output, Stdio},
    time::Duration,
};

use http::{Method, StatusCode};
use serde_json::{Value, json};
use tidegate_config::Source;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::{
    gate::{Answer, Ask, Gate},
    recorder::Recorder,
    socket,
};

pub const RIGHT: &str = "correct horse battery staple";
const LAST: &str = "/api/comp/c/stream/a/last_value";

pub async fn grovestreams() -> Gate {
    Gate::with(Source::Preset("grovestreams".into()), None).await
}

/// Runs `tidegate user password` with this on its standard input.
pub fn set_password(gate: &Gate, user: &str, typed: &str, flags: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
    command.args(["user", "password", user, "--admin", &gate.app.admin.to_string()]);
    command.args(flags).env("TIDEGATE_ADMIN_TOKEN", &gate.admin_token);
    fed(&mut command, typed)
}

pub fn fed(command: &mut Command, typed: &str) -> Output {
    let piped = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    // A command that wants none of it may have ended.
    let _ = child.stdin.take().unwrap().write_all(typed.as_bytes());
    child.wait_with_output().unwrap()
}

/// A user who can log in.
pub fn user(gate: &Gate, name: &str) {
    gate.run(&["user", "add", name]);
    let set = set_password(gate, name, &format!("{RIGHT}\n"), &[]);
    assert!(set.status.success(), "{set:?}");
}

pub fn asks(name: &str, password: &str) -> Ask {
    Ask::post("/api/login").json(&json!({"email": name, "password": password}))
}

pub async fn login(gate: &Gate, name: &str, password: &str) -> Answer {
    gate.send(asks(name, password)).await
}

/// The session of a login that must work.
pub async fn session(gate: &Gate, name: &str) -> String {
    let answer = login(gate, name, RIGHT).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.json()["sessionUid"].as_str().unwrap().to_owned()
}

pub async fn is_known(gate: &Gate, session: &str) -> bool {
    let answer = gate.send(Ask::get(&format!("/api/component?session={session}"))).await;
    match answer.status {
        StatusCode::OK => true,
        StatusCode::UNAUTHORIZED => false,
        status => panic!("{status}: {}", answer.text()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_begins_a_session_that_works_as_parameter_and_as_cookie_until_it_is_ended() {
    let gate = grovestreams().await;
    user(&gate, "ann@example.org");
    let answer = login(&gate, "ann@example.org", RIGHT).await;
    assert_eq!(
        (answer.status, answer.field("cache-control")),
        (StatusCode::OK, Some("no-store"))
    );
    let said = answer.json();
    assert_eq!(
        (&said["success"], &said["message"]),
        (&json!(true), &json!("Login succeeded."))
    );
    assert_eq!(said["organization"][0]["name"], "ann@example.org");
    assert_eq!(
        (&said["userFirstName"], &said["session"]),
        (&json!("ann@example.org"), &said["sessionUid"])
    );
    let session = said["sessionUid"].as_str().unwrap();
    let cookie = answer.field("set-cookie").unwrap();
    assert_eq!(
        cookie,
        format!("session={session}; Path=/api; Max-Age=43200; HttpOnly; SameSite=Strict")
    );

    let put = Ask::put("/api/feed?compId=c&a=1").header("cookie", &format!("org=any; session={session}"));
    assert_eq!(gate.send(put).await.status, StatusCode::OK);
    let read = gate.send(Ask::get(&format!("{LAST}?session={session}"))).await;
    assert_eq!(read.status, StatusCode::OK, "{}", read.text());
    // Whoever shows a session that is over logs in all the same.
    let again = asks("ann@example.org", RIGHT).header("cookie", "session=over");
    assert_eq!(gate.send(again).await.status, StatusCode::OK);

    let logout = || Ask::new(Method::DELETE, &format!("/api/login?session={session}"));
    let ended = gate.send(logout()).await;
    assert_eq!((ended.status, &ended.json()["success"]), (StatusCode::OK, &json!(true)));
    assert!(
        ended
            .field("set-cookie")
            .unwrap()
            .starts_with("session=; Path=/api; Max-Age=0")
    );
    assert!(!is_known(&gate, session).await);
    assert_eq!(gate.send(logout()).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_shown_as_one_beside_the_tokens_and_ends_by_itself() {
    let gate = Gate::of_text(
        "include = [\"preset:grovestreams\"]\nunmatched = \"unauthenticated-per-ip\"\n[server]\nsession_lifetime_s = 3600\n",
    )
    .await;
    user(&gate, "ann");
    let token = gate.token("ann", &[]);
    let session = session(&gate, "ann").await;
    let listed = gate.run_json(&["token", "list", "--user", "ann"]);
    let mut shown: Vec<(bool, &str)> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["session"].as_bool().unwrap(), row["kind"].as_str().unwrap()))
        .collect();
    shown.sort_unstable();
    assert_eq!(shown, [(false, "personal"), (true, "personal")]);
    assert!(gate.run(&["token", "list", "--user", "ann"]).contains(" session "));

    gate.pass(Duration::from_secs(3_599));
    assert!(is_known(&gate, &session).await);
    gate.pass(Duration::from_secs(1));
    assert!(!is_known(&gate, &session).await);
    let logout = Ask::new(Method::DELETE, "/api/login").token(&token);
    let kept = gate.send(logout).await;
    assert_eq!(
        kept.status,
        StatusCode::BAD_REQUEST,
        "a token that was made is not ended so: {}",
        kept.text()
    );
    assert!(is_known(&gate, &token).await);
}

// fault 69
#[tokio::test(flavor = "multi_thread")]
async fn a_new_password_ends_sessions_with_their_sockets_and_leaves_tokens() {
    let gate = Gate::start().await;
    user(&gate, "ann");
    let token = gate.token("ann", &[]);
    let session = session(&gate, "ann").await;
    let mut of_session = socket::opened(&gate, &session).await;
    let of_token = socket::opened(&gate, &token).await;
    let set = set_password(&gate, "ann", "another password", &["--json"]);
    assert_eq!(
        serde_json::from_slice::<Value>(&set.stdout).unwrap(),
        json!({"user": "ann", "password": true})
    );
    let closed = tokio::time::timeout(Duration::from_secs(2), of_session.closed()).await;
    assert_eq!(closed, Ok(CloseCode::Policy));
    assert!(!is_known(&gate, &session).await);
    socket::until_used(&gate, "ann", 1).await;
    assert!(is_known(&gate, &token).await);
    of_token.close().await;
    assert_eq!(login(&gate, "ann", RIGHT).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(login(&gate, "ann", "another password").await.status, StatusCode::OK);
    let removed = set_password(&gate, "ann", "", &["--remove"]);
    assert!(removed.status.success(), "{removed:?}");
    assert_eq!(
        login(&gate, "ann", "another password").await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_that_is_not_accepted_is_told_what_would_be() {
    let gate = grovestreams().await;
    gate.run(&["user", "add", "ann"]);
    for (user, typed, code, said) in [
        ("ann", "short\n", 1, "takes at least 8 characters and at most 256 bytes"),
        ("ann", "", 2, "write it to standard input, in one line"),
        ("bob", "long enough\n", 1, "there is no user"),
    ] {
        let refused = set_password(&gate, user, typed, &[]);
        assert_eq!(refused.status.code(), Some(code), "{refused:?}");
        let text = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(
            text.contains(said) && !text.contains("short") && !text.contains("enough"),
            "{text}"
        );
    }
    let put = |password: Value| Ask::put("/users/ann/password").json(&json!({"password": password}));
    let number = gate.admin(put(json!(1_234_567_890))).await;
    assert_eq!(number.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!number.text().contains("1234567890"), "{}", number.text());
    assert_eq!(gate.admin(put(json!(RIGHT))).await.status, StatusCode::NO_CONTENT);
    let delete = || Ask::new(Method::DELETE, "/users/ann/password");
    for _ in 0..2 {
        assert_eq!(gate.admin(delete()).await.status, StatusCode::NO_CONTENT);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_an_upstream_elsewhere_logins_are_its_own() {
    let (recorder, address) = Recorder::start().await;
    let upstream = format!("http://{address}");
    let gate = Gate::with(Source::Preset("grovestreams".into()), Some(&upstream)).await;
    user(&gate, "ann");
    let answer = login(&gate, "ann", RIGHT).await;
    assert_eq!((answer.status, answer.text().as_str()), (StatusCode::OK, "{}"));
    assert_eq!(recorder.seen().1, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_login_answers_has_a_status_for_every_method_and_is_billed_as_any_answer() {
    let gate = grovestreams().await;
    let got = gate.send(Ask::get("/api/login").token(&gate.user("ann"))).await;
    assert_eq!(
        (got.status, got.field("allow")),
        (StatusCode::METHOD_NOT_ALLOWED, Some("POST, DELETE"))
    );
    assert_eq!(
        login(&gate, "ann", "wrong password").await.status,
        StatusCode::UNAUTHORIZED
    );
    let usage = gate.run_json(&["usage", "--month", "2026-11"]);
    let billed: u64 = usage
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["transactions"].as_u64().unwrap())
        .sum();
    assert_eq!(billed, 2, "{usage}");
}
