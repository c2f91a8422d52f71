//! Logins that are refused: what is told, how often they are tried, and that nothing of them is kept.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::Command,
    sync::Arc,
    time::Duration,
};

use http::{Method, StatusCode};
use serde_json::{Value, json};

use crate::{
    gate::{Ask, Gate},
    login::{RIGHT, asks, fed, grovestreams, is_known, login, session, set_password, user},
    process::{Server, free_ports},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_an_unknown_name_and_one_without_a_password_are_one_answer() {
    let gate = grovestreams().await;
    user(&gate, "ann");
    gate.run(&["user", "add", "bob"]);
    let mut seen: Vec<(StatusCode, Value, usize)> = Vec::new();
    for (name, password) in [
        ("ann", "wrong password"),
        ("bob", RIGHT),
        ("nobody", RIGHT),
        ("\u{1}", "x"),
    ] {
        let answer = login(&gate, name, password).await;
        assert!(answer.field("set-cookie").is_none());
        assert_eq!(answer.field("www-authenticate"), Some("Bearer"));
        seen.push((answer.status, answer.json(), answer.headers.len()));
    }
    assert_eq!(seen[0].0, StatusCode::UNAUTHORIZED);
    assert_eq!(
        seen[0].1,
        json!({"success": false, "message": "the name or the password is wrong"})
    );
    assert!(seen.iter().all(|answer| *answer == seen[0]), "{seen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_wrong_passwords_are_too_many_from_there_and_hold_nobody_up_elsewhere() {
    let gate = grovestreams().await;
    user(&gate, "ann");
    let here = [127, 0, 0, 2];
    for _ in 0..10 {
        let wrong = gate.send(asks("ann", "wrong password").from(here)).await;
        assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    }
    let refused = gate.send(asks("ann", RIGHT).from(here)).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "also the right one");
    assert_eq!(
        (refused.retry_after(), refused.retry_after_ms()),
        (Duration::from_secs(600), 600_000)
    );
    let said = refused.json();
    assert_eq!(said["success"], false);
    assert!(
        said["message"].as_str().unwrap().contains("too many failed logins"),
        "{said}"
    );

    let other = gate.send(asks("ann", RIGHT).from([127, 0, 0, 3])).await;
    assert_eq!(other.status, StatusCode::OK, "the owner, from elsewhere");
    let another = gate.send(asks("bob", "x").from(here)).await;
    assert_eq!(another.status, StatusCode::UNAUTHORIZED, "another name");
    gate.run(&["pardon", "--user", "ann"]);
    assert_eq!(gate.send(asks("ann", RIGHT).from(here)).await.status, StatusCode::OK);
    for _ in 0..10 {
        let _ = gate.send(asks("ann", "wrong password").from(here)).await;
    }
    gate.pass(Duration::from_secs(600));
    assert_eq!(gate.send(asks("ann", RIGHT).from(here)).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_count_among_unauthenticated_calls() {
    let gate = grovestreams().await;
    user(&gate, "ann");
    for _ in 0..75 {
        assert_eq!(login(&gate, "ann", RIGHT).await.status, StatusCode::OK);
        let unread = gate.send(Ask::post("/api/login")).await;
        assert_eq!(unread.status, StatusCode::BAD_REQUEST);
    }
    let refused = login(&gate, "ann", RIGHT).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.json()["limit"], "unauthenticated-per-ip");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_logins_is_told_to_come_back_and_holds_nobody_else_up() {
    let gate = Arc::new(grovestreams().await);
    let ann = gate.user("ann");
    let flood: Vec<_> = (0..200)
        .map(|host| {
            let (gate, ask) = (gate.clone(), asks("nobody", RIGHT).from([127, 0, 1, host]));
            tokio::spawn(async move { gate.send(ask).await })
        })
        .collect();
    let read = gate.get("/api/component", &ann).await;
    assert_eq!(read.status, StatusCode::OK);
    let mut told = [0, 0];
    for login in flood {
        let answer = login.await.unwrap();
        match answer.status {
            // One of a hundred an hour, from all addresses together.
            StatusCode::UNAUTHORIZED | StatusCode::TOO_MANY_REQUESTS => told[0] += 1,
            StatusCode::SERVICE_UNAVAILABLE => {
                assert_eq!(answer.field("retry-after"), Some("2"));
                assert_eq!(answer.json()["success"], false);
                told[1] += 1;
            }
            status => panic!("{status}: {}", answer.text()),
        }
    }
    assert!(told[0] > 0 && told[1] > 0, "looked at, and told to come back: {told:?}");
}

// fault 71
#[tokio::test(flavor = "multi_thread")]
async fn another_sites_form_logs_nobody_in_or_out() {
    let gate = grovestreams().await;
    user(&gate, "ann");
    let session = session(&gate, "ann").await;
    let logout = || Ask::new(Method::DELETE, "/api/login").header("cookie", &format!("session={session}"));
    for (field, value) in [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://elsewhere.example"),
        ("origin", "null"),
    ] {
        for ask in [asks("ann", RIGHT), logout()] {
            let refused = gate.send(ask.header(field, value)).await;
            assert_eq!(refused.status, StatusCode::FORBIDDEN);
            assert!(refused.field("set-cookie").is_none());
        }
    }
    assert!(is_known(&gate, &session).await);
    let own = format!("http://{}", gate.address());
    assert_eq!(
        gate.send(asks("ann", RIGHT).header("origin", &own)).await.status,
        StatusCode::OK
    );
    assert_eq!(
        gate.send(logout().header("sec-fetch-site", "same-origin")).await.status,
        StatusCode::OK
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn at_a_leased_instance_only_its_tenant_logs_in() {
    let page = "include = [\"preset:grovestreams\"]\nunmatched = \"unauthenticated-per-ip\"\n\
                [tenant.acme]\nhosts = [\"acme.example\"]\n";
    let gate = Gate::of_text(page).await;
    user(&gate, "eve");
    gate.run(&["user", "add", "ann", "--tenant", "acme"]);
    assert!(set_password(&gate, "ann", RIGHT, &[]).status.success());
    let there = async |name: &str| {
        let answer = crate::gate::send(gate.address(), "acme.example", asks(name, RIGHT)).await;
        (answer.status, answer.text())
    };
    let (eve, nobody) = (there("eve").await, there("nobody").await);
    assert_eq!(eve.0, StatusCode::UNAUTHORIZED);
    assert_eq!(eve, nobody);
    assert_eq!(there("ann").await.0, StatusCode::OK);
    assert_eq!(
        login(&gate, "eve", RIGHT).await.status,
        StatusCode::OK,
        "at the common host"
    );
}

/// Posts JSON to a server and returns its answer.
fn post(server: &Server, target: &str, body: &Value) -> String {
    let mut stream = TcpStream::connect(server.address("gateway")).unwrap();
    let body = body.to_string();
    let bytes = body.len();
    let head = format!(
        "POST {target} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {bytes}\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all((head + &body).as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

// fault 66: whatever is sent to a login, the log at its most talkative and the data directory hold no password and no
// session.
#[test]
fn no_password_stands_in_the_log_or_in_the_data_directory() {
    let dir = tempfile::tempdir().unwrap();
    let (data, log) = (dir.path().join("data"), dir.path().join("log"));
    let path = data.to_str().unwrap();
    let server = Server::start_saying("trace", std::fs::File::create(&log).unwrap(), &free_ports(path));
    for (arguments, typed) in [(["user", "add", "ann"], ""), (["user", "password", "ann"], RIGHT)] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
        let output = fed(command.args(arguments).args(["--data", path]), typed);
        assert!(output.status.success(), "{output:?}");
    }
    let right = post(&server, "/api/login", &json!({"email": "ann", "password": RIGHT}));
    assert!(right.starts_with("HTTP/1.1 200"), "{right}");
    let begun = right.split("\"sessionUid\":\"").nth(1).unwrap();
    let session = &begun[7..50];
    for (target, body) in [
        ("/api/login", json!({"email": "ann", "password": "a wrong horse"})),
        (
            "/api/login",
            json!({"email": "a lost horse", "password": "a wrong horse"}),
        ),
        ("/api/login", json!("a bare horse")),
        ("/api/login", json!({"email": "ann", "password": ["a listed horse"]})),
        ("/api/login?email=ann&password=a+queried+horse", json!({})),
        ("/api/login/guest", json!({"email": "ann", "password": RIGHT})),
    ] {
        let refused = post(&server, target, &body);
        assert!(
            refused.starts_with("HTTP/1.1 4") && !refused.contains("horse"),
            "{refused}"
        );
    }
    server.signal("-TERM");
    drop(server);
    let said = std::fs::read_to_string(&log).unwrap();
    assert!(
        said.contains(" TRACE ") && said.len() > 1_000,
        "the log says much: {said}"
    );
    assert_nowhere(&said, &["horse", session]);
    nowhere_below(&data, &["horse", session]);
}

/// No file below this holds one of them.
fn nowhere_below(path: &Path, secrets: &[&str]) {
    if path.is_dir() {
        for entry in std::fs::read_dir(path).unwrap() {
            nowhere_below(&entry.unwrap().path(), secrets);
        }
    } else {
        assert_nowhere(&String::from_utf8_lossy(&std::fs::read(path).unwrap()), secrets);
    }
}

fn assert_nowhere(text: &str, secrets: &[&str]) {
    for secret in secrets {
        let line = text.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret}");
    }
}
