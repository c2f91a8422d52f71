//! Counts over the end of a real process, and signals to one.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
};

use crate::process::{Server, free_ports};

const QUOTA: u64 = 1_000_000;

fn limits(quota: u64) -> String {
    format!(
        r#"
upstream = "embedded:grovestreams"
unmatched = "per-address"
[server]
counts_flush_ms = 100
[route.feed]
match = "GET /api/feed"
[limit.per-address]
per = "ip"
quota = "{quota} per month"
"#
    )
}

struct Caller {
    stream: BufReader<TcpStream>,
}

impl Caller {
    fn of(server: &Server) -> Caller {
        let address = server.line("gateway").strip_prefix("http://").unwrap();
        Caller {
            stream: BufReader::new(TcpStream::connect(address).unwrap()),
        }
    }

    /// One request; how much its address may still ask for, and the quota.
    fn ask(&mut self) -> (u64, u64) {
        let request = b"GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n";
        self.stream.get_mut().write_all(request).unwrap();
        let (mut head, mut length) = (String::new(), 0);
        loop {
            let mut line = String::new();
            self.stream.read_line(&mut line).unwrap();
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
            head.push_str(&line);
        }
        self.stream.read_exact(&mut vec![0; length]).unwrap();
        let number = |name: &str| {
            let from = head.split(name).nth(1).unwrap_or_else(|| panic!("{name} in {head}"));
            let digits: String = from.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().unwrap()
        };
        (number(";r="), number(";q="))
    }
}

/// How many of its requests the address of this test has used, this question apart.
fn used(server: &Server) -> u64 {
    QUOTA - Caller::of(server).ask().0 - 1
}

// fault 05. What was counted before the last write that was begun is there; two writes stand for it here.
#[test]
fn killed_under_load_loses_what_came_since_the_last_write_and_drained_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (data, file) = (dir.path().join("data"), dir.path().join("limits.toml"));
    fs::write(&file, limits(QUOTA)).unwrap();
    let arguments = [
        &free_ports(data.to_str().unwrap())[..],
        &["--config", file.to_str().unwrap()],
    ]
    .concat();

    let mut server = Server::start(&arguments);
    let mut caller = Caller::of(&server);
    let length = || fs::metadata(data.join("counts.log")).map_or(0, |data| data.len());
    let (mut asked, mut written, mut seen) = (0, Vec::new(), length());
    // The second write that is seen after some request was begun after it.
    while written.len() < 6 {
        caller.ask();
        asked += 1;
        if length() != seen {
            seen = length();
            written.push(asked);
        }
    }
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    let server_again = Server::start(&arguments);
    let found = used(&server_again);
    assert!(
        found <= asked && found >= written[3],
        "{found} of {asked}, written at {written:?}"
    );

    // Drained: exactly.
    let mut caller = Caller::of(&server_again);
    let left = (0..50).map(|_| caller.ask().0).last().unwrap();
    drop(caller);
    let mut server = server_again;
    server.signal("-TERM");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    assert_eq!(Caller::of(&Server::start(&arguments)).ask().0, left - 1);
}

fn last_reload(server: &Server, data: &Path) -> serde_json::Value {
    let token = tidegate::data_dir::read_admin_token(data).unwrap();
    let url = format!("{}/reload", server.line("admin"));
    let answer = ureq::get(&url)
        .header("authorization", &format!("Bearer {token}"))
        .call();
    answer.unwrap().body_mut().read_json().unwrap()
}

// fault 10, fault 85
#[test]
fn sighup_reads_the_limits_file_again_and_a_bad_one_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (data, file) = (dir.path().join("data"), dir.path().join("limits.toml"));
    fs::write(&file, limits(1_000)).unwrap();
    let arguments = [
        &free_ports(data.to_str().unwrap())[..],
        &["--config", file.to_str().unwrap()],
    ]
    .concat();
    let server = Server::start(&arguments);
    let mut caller = Caller::of(&server);
    assert_eq!(caller.ask(), (999, 1_000));

    let mut ask_until = |quota: u64| {
        (0..100_000)
            .map(|_| caller.ask())
            .position(|(_, now)| now == quota)
            .unwrap_or_else(|| panic!("never {quota}"))
    };
    fs::write(&file, limits(500_000)).unwrap();
    server.signal("-HUP");
    let asked = ask_until(500_000) as u64 + 2;
    assert_eq!(last_reload(&server, &data)["asked"], "signal");

    fs::write(&file, limits(7).replace("rate", "rat").replace("quota", "quotta")).unwrap();
    server.signal("-HUP");
    let failed = (0..10_000)
        .map(|_| last_reload(&server, &data))
        .find(|last| last["ok"] == false);
    let error = failed.expect("it failed")["error"].as_str().unwrap().to_owned();
    assert!(
        error.contains("limits.toml:10: limit.per-address.quotta: unknown key"),
        "{error}"
    );
    assert_eq!(caller.ask(), (500_000 - asked - 1, 500_000));
}

#[test]
fn sighup_does_nothing_to_a_policy_that_is_built_in() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let mut server = Server::start(&free_ports(data.to_str().unwrap()));
    server.signal("-HUP");
    assert!(last_reload(&server, &data).is_null());
    assert_eq!(server.child.try_wait().unwrap(), None, "it lives");
}
