//! `tidegate top` over the real program, its log, and what says that it is ending.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
};

use serde_json::Value;

use crate::{
    gate::Gate,
    process::{Server, anns_token, free_ports},
    reload::per_user,
};

#[tokio::test(flavor = "multi_thread")]
async fn top_once_prints_who_comes_and_what_refused() {
    let gate = Gate::of_text(&per_user("rate = \"2 per hour\"")).await;
    let nobody = gate.run(&["top", "--once"]);
    assert!(nobody.contains("nobody came"), "{nobody}");
    let (ann, bob) = (gate.user("ann"), gate.user("bob"));
    for token in [&ann, &bob, &ann, &ann, &ann] {
        gate.get("/api/feed", token).await;
    }
    // The output of a test is no terminal, so it prints once by itself too.
    for arguments in [&["top", "--once"][..], &["top"], &["top", "--by", "refused"]] {
        let printed = gate.run(arguments);
        let lines: Vec<&str> = printed.lines().collect();
        assert_eq!(lines[0], "last hour: 5 requests, 2 refused, 0 cached; 0 sockets open");
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(
            words(lines[2]),
            ["CALLER", "TENANT", "REQUESTS", "REFUSED", "LAST", "LIMIT"]
        );
        assert_eq!(words(lines[3]), ["ann", "ann", "4", "2", "per-user"]);
        assert!(printed.ends_with("2") && printed.contains("\nper-user"), "{printed}");
    }
    let json = gate.run_json(&["top", "--by", "name", "--span", "day", "--rows", "1"]);
    assert_eq!(
        (
            &json["callers"][0]["subject"],
            json["callers"].as_array().unwrap().len()
        ),
        (&"ann".into(), 1)
    );
    assert_eq!(json["stats"]["span"], "day");
}

/// A request on a connection that stays.
fn ask(stream: &mut BufReader<TcpStream>, request: &str) -> (String, String) {
    stream.get_mut().write_all(request.as_bytes()).unwrap();
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(stream.read_line(&mut head).unwrap() > 0, "{head}");
    }
    let length = head
        .lines()
        .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    (head, String::from_utf8_lossy(&body).into_owned())
}

fn connected(address: SocketAddr) -> BufReader<TcpStream> {
    BufReader::new(TcpStream::connect(address).unwrap())
}

#[test]
fn a_flood_of_refusals_is_a_few_lines_of_json_a_second_and_how_many_were_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let (data, log) = (dir.path().join("data"), dir.path().join("log"));
    let arguments = free_ports(data.to_str().unwrap());
    let file = std::fs::File::create(&log).unwrap();
    let server = Server::start_with_log(file, &[&arguments[..], &["--log-format", "json"]].concat());
    let mut stream = connected(server.address("gateway"));
    for _ in 0..400 {
        let (head, _) = ask(
            &mut stream,
            "GET /swd/rest/stations?token=secret HTTP/1.1\r\nHost: a\r\n\r\n",
        );
        assert!(head.starts_with("HTTP/1.1 4"), "{head}");
    }
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(!text.contains("secret"));
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    let refusals: Vec<&Value> = lines
        .iter()
        .filter(|line| line["target"] == "tidegate_refusals")
        .collect();
    let mut seconds: BTreeMap<&str, u32> = BTreeMap::new();
    for line in &refusals {
        *seconds.entry(&line["timestamp"].as_str().unwrap()[..19]).or_default() += 1;
        assert_eq!(line["route"], "stations", "{line}");
        assert!(
            line["decision"].is_string() && line["status"].is_u64() && line["left_out"].is_u64(),
            "{line}"
        );
    }
    assert!(!refusals.is_empty(), "{text}");
    // A second of the log may hold parts of two of the clock it is measured by.
    assert!(seconds.values().all(|lines| *lines <= 20), "{seconds:?}");
}

#[test]
fn a_server_that_is_ending_says_so_until_its_last_request_is_done() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let data = data.to_str().unwrap();
    let mut server = Server::start(&free_ports(data));
    let token = anns_token(data);
    let [gateway, admin] = ["gateway", "admin"].map(|name| server.address(name));
    let ready = || {
        let mut stream = connected(admin);
        ask(
            &mut stream,
            &format!("GET /readyz HTTP/1.1\r\nHost: {admin}\r\nConnection: close\r\n\r\n"),
        )
    };
    assert!(ready().0.starts_with("HTTP/1.1 200 "));
    let mut slow = connected(gateway);
    let body = r#"[{"compId":"c","streamId":"s","data":1}]"#;
    let head = format!(
        "PUT /api/feed?api_key={token} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    );
    assert!(ask(&mut slow, &head).0.starts_with("HTTP/1.1 100 "));
    server.signal("-TERM");
    let told = loop {
        let (head, body) = ready();
        if head.starts_with("HTTP/1.1 503 ") {
            break body;
        }
        std::thread::yield_now();
    };
    assert!(told.contains("the server is shutting down"), "{told}");
    assert!(ask(&mut slow, body).0.starts_with("HTTP/1.1 200 "));
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}
