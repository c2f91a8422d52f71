//! Usage over the end of real processes.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
};

use crate::process::{Server, anns_token, free_ports};

const LIMITS: &str = r#"
upstream = "embedded:grovestreams"
[route.api]
match = "* /api/**"
[limit.per-user]
who = "known"
per = "user"
rate = "1000000 per second"
"#;

/// Asks until the server is gone; how many answers came whole.
fn ask_until_gone(server: &Server, token: &str, told: impl Fn(u64)) -> u64 {
    let Ok(stream) = TcpStream::connect(server.address("gateway")) else {
        return 0;
    };
    let mut stream = BufReader::new(stream);
    // A billed answer: what was asked for is wrong.
    let request = format!("GET /api/feed HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {token}\r\n\r\n");
    let mut answered = 0;
    while stream.get_mut().write_all(request.as_bytes()).is_ok() {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if !matches!(stream.read_line(&mut line), Ok(1..)) {
                return answered;
            }
            if answered == 0 && line.starts_with("HTTP/1.1") {
                assert!(line.contains(" 200 ") || line.contains(" 400 "), "{line}");
            }
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        if stream.read_exact(&mut vec![0; length]).is_err() {
            return answered;
        }
        answered += 1;
        told(answered);
    }
    answered
}

fn usage(server: &Server, data: &str, path: &str) -> serde_json::Value {
    let token = tidegate::data_dir::read_admin_token(data.as_ref()).unwrap();
    let url = format!("{}{path}", server.line("admin"));
    let answer = ureq::get(&url)
        .header("authorization", &format!("Bearer {token}"))
        .call();
    answer.unwrap().body_mut().read_json().unwrap()
}

fn transactions(server: &Server, data: &str) -> u64 {
    let month = usage(server, data, "/usage");
    month["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["transactions"].as_u64().unwrap())
        .sum()
}

/// What a run says at its end.
#[derive(Default)]
struct Told {
    answered: u64,
    lost: u64,
    lost_at_once_max: u64,
}

impl Told {
    fn kill(&mut self, answered: u64, found: u64) {
        let lost = answered.saturating_sub(found);
        self.answered += answered;
        self.lost += lost;
        self.lost_at_once_max = self.lost_at_once_max.max(lost);
    }

    fn line(&self, kills: u64) -> String {
        let Told {
            answered,
            lost,
            lost_at_once_max,
        } = self;
        format!("{kills} kills: {answered} answered, {lost} lost, at most {lost_at_once_max} by one kill")
    }
}

// fault 78, fault 05. `TIDEGATE_KILLS=30` kills it so often; the default keeps the time of a run small.
#[test]
fn killed_under_load_again_and_again_usage_is_within_its_bound_and_never_double() {
    let kills: u64 = std::env::var("TIDEGATE_KILLS")
        .ok()
        .and_then(|kills| kills.parse().ok())
        .unwrap_or(4);
    let dir = tempfile::tempdir().unwrap();
    let (data, file) = (dir.path().join("data"), dir.path().join("limits.toml"));
    fs::write(&file, LIMITS).unwrap();
    let data = data.to_str().unwrap();
    let arguments = [&free_ports(data)[..], &["--config", file.to_str().unwrap()]].concat();
    let mut server = Server::start(&arguments);
    let token = anns_token(data);
    let mut recorded = transactions(&server, data);
    let mut told = Told::default();
    for kill in 0..kills {
        let pid = server.child.id().to_string();
        let written = || {
            let log = format!("{data}/usage/log");
            let segments = fs::read_dir(log).into_iter().flatten().flatten();
            segments
                .map(|segment| segment.metadata().map_or(0, |data| data.len()))
                .sum::<u64>()
        };
        // Killed at some request after the log was seen to grow so many times: whatever was answered before the last but
        // one of these writes was ended before it, and must be there.
        let seen = std::cell::RefCell::new((written(), Vec::new()));
        let answered = ask_until_gone(&server, &token, |answered| {
            let mut seen = seen.borrow_mut();
            let now = written();
            if now != seen.0 {
                seen.0 = now;
                seen.1.push(answered);
            }
            if seen.1.len() as u64 == 3 + kill % 4 {
                let _ = std::process::Command::new("kill").args(["-KILL", &pid]).status();
            }
        });
        server.child.wait().unwrap();
        server = Server::start(&arguments);
        let now = transactions(&server, data);
        let (_, writes) = seen.into_inner();
        let least = writes[writes.len().saturating_sub(3)];
        let found = now - recorded;
        // One request may have been ended and its answer not read.
        assert!(found <= answered + 1, "kill {kill}: {found} of {answered}: double");
        assert!(
            found >= least,
            "kill {kill}: {found} of {answered}, seen written at {writes:?}"
        );
        recorded = now;
        told.kill(answered, found);
    }
    eprintln!("{}", told.line(kills));
    let audit = usage(&server, data, "/usage/verify");
    assert_eq!(audit["ok"], true, "{audit}");
    // Drained, nothing is lost.
    let mut stopping = server;
    let answered = std::cell::Cell::new(0);
    let pid = stopping.child.id().to_string();
    let total = ask_until_gone(&stopping, &token, |n| {
        answered.set(n);
        if n == 50 {
            let _ = std::process::Command::new("kill").args(["-TERM", &pid]).status();
        }
    });
    assert_eq!(stopping.child.wait().unwrap().code(), Some(0));
    let server = Server::start(&arguments);
    let found = transactions(&server, data) - recorded;
    assert!(found == total || found == total + 1, "{found} of {total} answered");
}
