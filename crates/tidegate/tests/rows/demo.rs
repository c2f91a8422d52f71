//! `tidegate demo`: there is something to see.

use std::process::Command;

use serde_json::Value;

use crate::process::{Server, free_ports};

/// Looks after which nothing is expected to come any more.
const LOOKS_MAX: usize = 3_000;

fn run(data: &str, arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_tidegate"))
        .args(arguments)
        .args(["--data", data, "--json"])
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or(Value::Null)
}

#[test]
fn a_demo_has_callers_of_every_temper_and_ends_when_told() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("demo");
    let data = data.to_str().unwrap();
    let mut server = Server::start(&[&["demo"], free_ports(data).as_slice()].concat());
    // Each look is a process of its own, some milliseconds; at rest a few dozen looks are enough.
    let until = |what: &str, is_so: &dyn Fn() -> bool| {
        assert!((0..LOOKS_MAX).any(|_| is_so()), "{what}");
    };
    let explained = |user: &str| run(data, &["explain", "--user", user]);
    until("the collector leaks all of its sockets", &|| {
        run(data, &["sockets", "--user", "collector"])
            .as_array()
            .is_some_and(|open| open.len() == 10)
    });
    until("it is refused an eleventh", &|| {
        explained("collector")["limit"] == "websockets-per-user"
    });
    until("the storm is refused", &|| {
        explained("kiosk")["limit"] == "connects-per-user"
    });
    until("a wallboard that asks too often is refused", &|| {
        explained("wallboard")["limit"] == "rest-per-user"
    });
    assert_eq!(
        explained("neighbour")["decision"],
        Value::Null,
        "who shares an address with one who hammers"
    );
    server.signal("-TERM");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}
