//! The program as a process: what it prints, how it ends, what it refuses.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    process::{Child, ChildStdout, Command, Stdio},
};

/// A server process; killed when the test ends, whatever happens.
pub struct Server {
    pub child: Child,
    stdout: BufReader<ChildStdout>,
    lines: Vec<String>,
}

impl Server {
    pub fn start(arguments: &[&str]) -> Server {
        Server::run(
            Command::new(env!("CARGO_BIN_EXE_tidegate")).args(arguments),
            Stdio::null(),
        )
    }

    /// One that says of refusals in its log what it can, in a file.
    pub fn start_with_log(log: std::fs::File, arguments: &[&str]) -> Server {
        Server::start_saying("info,tidegate_refusals=debug", log, arguments)
    }

    /// One whose log says so much, in a file.
    pub fn start_saying(filter: &str, log: std::fs::File, arguments: &[&str]) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tidegate"));
        command.env("TIDEGATE_LOG", filter).args(arguments);
        Server::run(&mut command, log.into())
    }

    /// One that may have so many files open, sockets among them.
    pub fn start_with_files(files_max: usize, arguments: &[&str]) -> Server {
        let script = format!("ulimit -n {files_max}; exec \"$0\" \"$@\"");
        let program = env!("CARGO_BIN_EXE_tidegate");
        let mut command = Command::new("sh");
        Server::run(command.args(["-c", &script, program]).args(arguments), Stdio::null())
    }

    fn run(command: &mut Command, log: Stdio) -> Server {
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut lines = Vec::new();
        while lines.last().map(String::as_str) != Some("ready") {
            let mut line = String::new();
            assert!(
                stdout.read_line(&mut line).unwrap() > 0,
                "ended before ready: {lines:?}"
            );
            lines.push(line.trim().to_owned());
        }
        Server { child, stdout, lines }
    }

    pub fn line(&self, name: &str) -> &str {
        self.lines
            .iter()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
            .unwrap_or_else(|| panic!("{name} in {:?}", self.lines))
    }

    /// Where it listens, by the name of the line that says so.
    pub fn address(&self, name: &str) -> SocketAddr {
        self.line(name).trim_start_matches("http://").parse().unwrap()
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A user with a token, made by the commands that find the server by its directory.
pub fn anns_token(data: &str) -> String {
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_tidegate"))
            .args(arguments)
            .args(["--data", data])
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    run(&["user", "add", "ann"]);
    run(&["token", "create", "--user", "ann"])
}

pub fn free_ports(data: &str) -> Vec<&str> {
    vec!["--data", data, "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"]
}

#[test]
fn a_bare_start_says_gateway_admin_ready_and_a_second_on_the_same_directory_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let data = data.to_str().unwrap();
    let server = Server::start(&free_ports(data));
    let words: Vec<&str> = server
        .lines
        .iter()
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(words, ["gateway", "admin", "ready"]);
    assert!(server.line("gateway").starts_with("http://127.0.0.1:"));

    let second = Command::new(env!("CARGO_BIN_EXE_tidegate"))
        .args(free_ports(data))
        .output()
        .unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&second.stderr).contains("another Tidegate"),
        "{second:?}"
    );
    // Commands on this machine find the server by its directory.
    let added = Command::new(env!("CARGO_BIN_EXE_tidegate"))
        .args(["user", "add", "ann", "--data", data])
        .output()
        .unwrap();
    assert!(added.status.success(), "{added:?}");
}

#[test]
fn sigterm_lets_the_request_under_way_finish_and_ends_with_0() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let data = data.to_str().unwrap();
    let mut server = Server::start(&free_ports(data));
    let token = anns_token(data);

    let address = server.line("gateway").strip_prefix("http://").unwrap().to_owned();
    let mut stream = TcpStream::connect(&address).unwrap();
    let body = r#"[{"compId":"c","streamId":"s","data":1}]"#;
    let head = format!(
        "PUT /api/feed?api_key={token} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut go_on = [0; 25];
    stream.read_exact(&mut go_on).unwrap();
    assert!(go_on.starts_with(b"HTTP/1.1 100"), "the request is under way");
    server.signal("-TERM");
    stream.write_all(body.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    let mut rest = String::new();
    server.stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, "");
}

#[test]
fn an_api_without_a_policy_is_told_what_its_policy_is() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let log = dir.path().join("log");
    let mut child = Command::new(env!("CARGO_BIN_EXE_tidegate"))
        .args(free_ports(data.to_str().unwrap()))
        .args(["--upstream", "http://127.0.0.1:9"])
        .stdout(Stdio::piped())
        .stderr(std::fs::File::create(&log).unwrap())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    while lines.next().expect("ready").unwrap() != "ready" {}
    let said = std::fs::read_to_string(&log).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(
        said.contains("requests-per-credential") && said.contains("anonymous-per-ip"),
        "{said}"
    );
}

#[test]
fn several_listeners_are_said_in_order_and_a_unix_socket_goes_with_the_server() {
    use std::os::unix::{fs::PermissionsExt, net::UnixStream};
    let dir = tempfile::tempdir().unwrap();
    let (data, socket) = (dir.path().join("data"), dir.path().join("gate.sock"));
    let unix = format!("unix:{}", socket.display());
    let arguments = [
        &free_ports(data.to_str().unwrap())[..],
        &["--listen", "[::1]:0", "--listen", &unix],
    ]
    .concat();
    let mut server = Server::start(&arguments);
    let said: Vec<&str> = server
        .lines
        .iter()
        .filter_map(|line| line.strip_prefix("gateway "))
        .collect();
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(
        said[0].starts_with("http://127.0.0.1:") && said[1].starts_with("http://[::1]:"),
        "{said:?}"
    );
    assert_eq!(said[2], unix);
    assert_eq!(std::fs::metadata(&socket).unwrap().permissions().mode() & 0o777, 0o660);

    let answered = |mut stream: Box<dyn ReadWrite>| {
        let ask = b"GET /limits HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n\r\n";
        stream.write_all(ask).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    };
    for address in &said[..2] {
        let address = address.strip_prefix("http://").unwrap();
        answered(Box::new(TcpStream::connect(address).unwrap()));
    }
    answered(Box::new(UnixStream::connect(&socket).unwrap()));
    server.signal("-TERM");
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
    assert!(!socket.exists());
    // What a killed server leaves behind is no obstacle.
    let mut server = Server::start(&arguments);
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    assert!(socket.exists());
    let server = Server::start(&arguments);
    answered(Box::new(UnixStream::connect(&socket).unwrap()));
    drop(server);
}

trait ReadWrite: Read + Write {}

impl<T: Read + Write> ReadWrite for T {}

#[test]
fn an_address_that_is_none_is_wrong_usage_with_what_would_be_right() {
    let output = Command::new(env!("CARGO_BIN_EXE_tidegate"))
        .args(["serve", "--listen", "localhost"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("unix:/run/gate.sock"), "{said}");
}

// fault 35
#[test]
fn sigterm_sends_open_sockets_away_with_1001_and_ends() {
    use tokio_tungstenite::tungstenite::{Message, connect};
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let data = data.to_str().unwrap();
    let limits = dir.path().join("limits.toml");
    let text = "include = [\"preset:tempest\"]\nunmatched = \"anonymous-per-ip\"\n[server]\ndrain_timeout_s = 6\n";
    std::fs::write(&limits, text).unwrap();
    let mut server = Server::start(&[&free_ports(data)[..], &["--config", limits.to_str().unwrap()]].concat());
    let token = anns_token(data);
    let address = server.line("gateway").strip_prefix("http://").unwrap().to_owned();
    let url = format!("ws://{address}/swd/data?token={token}");
    let mut sockets: Vec<_> = (0..5).map(|_| connect(&url).unwrap().0).collect();
    server.signal("-TERM");
    for socket in &mut sockets {
        let close = loop {
            match socket.read().unwrap() {
                Message::Close(close) => break close,
                _ => continue,
            }
        };
        assert_eq!(close.map(|close| u16::from(close.code)), Some(1001));
    }
    drop(sockets);
    assert_eq!(server.child.wait().unwrap().code(), Some(0));
}

// fault 23: what is open is the program's own, so it is gone with it, and nobody waits for a slot of the dead.
#[test]
fn a_server_that_was_killed_holds_no_slot_when_it_is_back() {
    use tokio_tungstenite::tungstenite::connect;
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let data = data.to_str().unwrap();
    let mut server = Server::start(&free_ports(data));
    let token = anns_token(data);
    let open = |server: &Server| connect(format!("ws://{}/swd/data?token={token}", server.address("gateway")));
    for _ in 0..2 {
        let mut sockets: Vec<_> = (0..10).map(|_| open(&server).unwrap().0).collect();
        assert!(open(&server).is_err(), "the eleventh is refused");
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        sockets.iter_mut().for_each(|socket| while socket.read().is_ok() {});
        server = Server::start(&free_ports(data));
    }
}

#[test]
fn a_start_with_a_certificate_says_https() {
    let dir = tempfile::tempdir().unwrap();
    crate::tls::write_certificates(dir.path());
    let file = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (data, cert, key) = (file("data"), file("cert.pem"), file("key.pem"));
    let limits = file("limits.toml");
    std::fs::write(
        &limits,
        "include = [\"preset:tempest\"]\nunmatched = \"anonymous-per-ip\"\n",
    )
    .unwrap();
    let flags = ["--config", &limits, "--tls-cert", &cert, "--tls-key", &key];
    let server = Server::start(&[&free_ports(&data)[..], &flags].concat());
    assert!(
        server.line("gateway").starts_with("https://127.0.0.1:"),
        "{:?}",
        server.lines
    );

    // A limits file says nothing of it, and that is no difference that a restart would be needed for.
    let token = tidegate::data_dir::read_admin_token(std::path::Path::new(&data)).unwrap();
    let admin = server.line("admin").strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(admin).unwrap();
    let ask = format!(
        "POST /reload HTTP/1.1\r\nHost: {admin}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    );
    stream.write_all(ask.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.contains("\"needs_restart\":[]"), "{answer}");
}
