//! The script of the peers in a run, from the first byte on.

use tidegate_engine::sockets::CloseReason;

use super::rig::Act;

/// Peers, and what the first client must be told when nobody is ended on the way.
pub(super) struct Script {
    pub(super) name: &'static str,
    pub(super) told: &'static str,
    /// One step after another; what is in one step happens at once.
    pub(super) steps: Vec<Vec<Act>>,
    /// Most sockets that may be open when one task was ended and the others go on.
    pub(super) sockets_max: usize,
    /// Least cuts the sweep makes, one way and at one pace, and least of them while a slot is held: fewer, and it does
    /// not reach what it is for.
    pub(super) cuts_min: (usize, usize),
}

/// The key of RFC 6455 1.3 and its answer.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
const GRANT: &str = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

fn handshake(path: &str, who: &str) -> Vec<u8> {
    format!(
        "GET /{path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {who}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\n\r\n"
    )
    .into_bytes()
}

fn asks(path: &str) -> Act {
    Act::Client(0, handshake(path, "ann"))
}

fn says(bytes: &str) -> Act {
    Act::Upstream(bytes.as_bytes().to_vec())
}

/// A frame of a client, with a mask of zeros.
fn up(n: usize, first: u8, payload: &[u8]) -> Act {
    Act::Client(n, [&[first, 0x80 | payload.len() as u8, 0, 0, 0, 0], payload].concat())
}

/// A frame of the upstream.
fn down(first: u8, payload: &[u8]) -> Act {
    Act::Upstream([&[first, payload.len() as u8], payload].concat())
}

const TEXT: u8 = 0x81;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
/// The payload of a normal close.
const NORMAL: [u8; 2] = 1000_u16.to_be_bytes();

/// The handshake, up to where the upstream has it, and then this.
fn dialed(name: &'static str, told: &'static str, then: Vec<Vec<Act>>) -> Script {
    let steps = [vec![vec![asks("live/x")], vec![Act::Accepts]], then].concat();
    Script {
        name,
        told,
        steps,
        sockets_max: 0,
        cuts_min: (4, 2),
    }
}

/// An open socket, and then this.
fn open(name: &'static str, then: Vec<Vec<Act>>) -> Script {
    let granted = vec![vec![says(GRANT)]];
    Script {
        cuts_min: (6, 4),
        ..dialed(name, "HTTP/1.1 101 ", [granted, then].concat())
    }
}

/// A socket inside, and then this.
fn inside(name: &'static str, path: &'static str, then: Vec<Vec<Act>>) -> Script {
    Script {
        name,
        told: "HTTP/1.1 101 ",
        steps: [vec![vec![asks(path)]], then].concat(),
        sockets_max: 0,
        cuts_min: (6, 3),
    }
}

/// The upstreams' answer to a handshake, if they give one.
pub(super) fn answers() -> Vec<Script> {
    let refusal = "HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno";
    let wrong = GRANT.replace("s3pP", "AAAA");
    vec![
        dialed("refuses", "HTTP/1.1 403 ", vec![vec![says(refusal)]]),
        dialed(
            "refuses in pieces",
            "HTTP/1.1 403 ",
            vec![vec![says(&refusal[..9])], vec![says(&refusal[9..])]],
        ),
        dialed(
            "answers 200",
            "HTTP/1.1 502 ",
            vec![vec![says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")]],
        ),
        dialed("hangs", "HTTP/1.1 504 ", vec![vec![Act::Waits]]),
        dialed("hangs, and the client leaves", "", vec![vec![Act::Leaves(0)]]),
        dialed("hangs, and the client resets", "", vec![vec![Act::Resets(0)]]),
        dialed("closes early", "HTTP/1.1 502 ", vec![vec![Act::UpstreamLeaves]]),
        dialed("resets early", "HTTP/1.1 502 ", vec![vec![Act::UpstreamResets]]),
        dialed(
            "closes in its head",
            "HTTP/1.1 502 ",
            vec![vec![says(&GRANT[..40])], vec![Act::UpstreamLeaves]],
        ),
        dialed(
            "speaks no HTTP",
            "HTTP/1.1 502 ",
            vec![vec![says("SSH-2.0-OpenSSH_9.2\r\n\r\n")]],
        ),
        dialed("grants another key", "HTTP/1.1 502 ", vec![vec![says(&wrong)]]),
        dialed(
            "grants, and the client is gone",
            "",
            vec![vec![says(GRANT), Act::Resets(0)]],
        ),
        Script {
            name: "is not there",
            told: "HTTP/1.1 502 ",
            steps: vec![vec![Act::UpstreamGone], vec![asks("live/x")]],
            sockets_max: 0,
            cuts_min: (4, 1),
        },
    ]
}

/// The course and the end of an open socket.
pub(super) fn relays() -> Vec<Script> {
    let start = br#"{"type":"start","device":1}"#;
    vec![
        open(
            "talks, and the client closes",
            vec![
                vec![up(0, TEXT, start)],
                vec![down(TEXT, b"yes")],
                vec![up(0, PING, b"p"), down(PING, b"q")],
                vec![up(0, CLOSE, &NORMAL)],
                vec![down(CLOSE, &NORMAL)],
                vec![Act::UpstreamLeaves],
            ],
        ),
        open(
            "the upstream closes",
            vec![vec![down(CLOSE, &NORMAL)], vec![up(0, CLOSE, &NORMAL)]],
        ),
        open(
            "both close at once",
            vec![vec![up(0, CLOSE, &NORMAL), down(CLOSE, &NORMAL)]],
        ),
        open("the client leaves", vec![vec![up(0, TEXT, b"x")], vec![Act::Leaves(0)]]),
        open("the client resets", vec![vec![up(0, TEXT, b"x")], vec![Act::Resets(0)]]),
        open("the upstream leaves", vec![vec![Act::UpstreamLeaves]]),
        open("the upstream resets", vec![vec![Act::UpstreamResets]]),
        open("both reset at once", vec![vec![Act::Resets(0), Act::UpstreamResets]]),
        open(
            "the upstream sends no frames",
            vec![vec![Act::Upstream(vec![0xff; 64])]],
        ),
        open("the client sends no frames", vec![vec![Act::Client(0, vec![0xff; 64])]]),
        open(
            "staff close it",
            vec![vec![Act::Told(CloseReason::ClosedByStaff)], vec![up(0, CLOSE, &NORMAL)]],
        ),
        open(
            "told in the middle of a frame",
            vec![
                vec![Act::Client(0, vec![TEXT, 0x85, 0, 0, 0, 0, b'h'])],
                vec![Act::Told(CloseReason::Revoked), down(TEXT, b"x")],
                vec![Act::Resets(0)],
            ],
        ),
        dialed(
            "grants, speaks and leaves at once",
            "HTTP/1.1 101 ",
            vec![vec![says(&format!("{GRANT}\u{1}")), Act::UpstreamLeaves]],
        ),
        Script {
            name: "everything in pieces",
            told: "HTTP/1.1 101 ",
            steps: pieces(),
            sockets_max: 0,
            cuts_min: (12, 6),
        },
    ]
}

/// A handshake, its grant and a frame of either side, in pieces of a few bytes.
fn pieces() -> Vec<Vec<Act>> {
    let asked = handshake("live/x", "ann");
    let asked = asked.chunks(40).map(|bytes| vec![Act::Client(0, bytes.to_vec())]);
    let granted = GRANT
        .as_bytes()
        .chunks(40)
        .map(|bytes| vec![Act::Upstream(bytes.to_vec())]);
    let frame = [TEXT, 0x82, 1, 2, 3, 4, b'a' ^ 1, b'b' ^ 2];
    let up = frame.chunks(3).map(|bytes| vec![Act::Client(0, bytes.to_vec())]);
    let down = [TEXT, 2, b'c', b'd'].map(|byte| vec![Act::Upstream(vec![byte])]);
    asked
        .chain([vec![Act::Accepts]])
        .chain(granted)
        .chain(up)
        .chain(down)
        .collect()
}

/// Sockets whose upstream is inside.
pub(super) fn insides() -> Vec<Script> {
    vec![
        inside(
            "a session talks",
            "inside/x",
            vec![
                vec![up(0, TEXT, b"one")],
                vec![up(0, PING, b"p"), up(0, TEXT, b"two")],
                vec![up(0, CLOSE, &NORMAL)],
            ],
        ),
        inside(
            "a session ends",
            "inside/x",
            vec![vec![up(0, TEXT, b"bye")], vec![up(0, CLOSE, &NORMAL)]],
        ),
        inside("a session panics", "inside/dies", vec![vec![up(0, TEXT, b"x")]]),
        inside("the client of a session leaves", "inside/x", vec![vec![Act::Leaves(0)]]),
        inside(
            "a session and its client at once",
            "inside/x",
            vec![vec![up(0, TEXT, b"bye"), Act::Resets(0)]],
        ),
        Script {
            cuts_min: (2, 0),
            told: "HTTP/1.1 404 ",
            ..inside("there is no session", "inside/none", vec![])
        },
        Script {
            cuts_min: (2, 0),
            told: "",
            ..inside("what makes a session panics", "inside/panics", vec![])
        },
        Script {
            name: "who knows callers panics",
            cuts_min: (2, 0),
            told: "",
            steps: vec![vec![Act::Client(0, handshake("live/x", "boom"))]],
            sockets_max: 0,
        },
    ]
}

/// A second socket where there is one slot.
pub(super) fn rivals() -> Vec<Script> {
    let second = |path: &str| vec![Act::Client(1, handshake(path, "ann"))];
    let first = |path: &str| vec![vec![asks(path)], vec![Act::Accepts], vec![says(GRANT)]];
    let rival = |name, path: &str, then: Vec<Vec<Act>>| Script {
        name,
        told: "HTTP/1.1 101 ",
        steps: [first(path), vec![second(path)], then].concat(),
        sockets_max: 1,
        cuts_min: (8, 5),
    };
    let closes = vec![up(1, CLOSE, &NORMAL)];
    vec![
        rival("refused at the handshake", "live/x", vec![vec![Act::Leaves(1)]]),
        rival("refused by frame", "frame/x", vec![closes.clone()]),
        rival("refused by frame, and leaves", "frame/x", vec![vec![Act::Resets(1)]]),
        rival(
            "evicts the oldest",
            "evict/x",
            vec![
                vec![Act::Accepts],
                vec![says(GRANT)],
                vec![up(1, TEXT, b"x")],
                closes.clone(),
            ],
        ),
        rival(
            "evicts, and the upstream refuses it",
            "evict/x",
            vec![
                vec![Act::Accepts],
                vec![says("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")],
            ],
        ),
        rival(
            "evicts who leaves",
            "evict/x",
            vec![vec![Act::Resets(0)], vec![Act::Accepts], vec![says(GRANT)]],
        ),
        Script {
            steps: vec![vec![asks("inside/x")], second("inside/x"), closes],
            ..rival("evicts inside", "inside/x", vec![])
        },
    ]
}

/// Requests that open no socket.
pub(super) fn requests() -> Vec<Script> {
    let get = |path: &str| format!("GET /{path} HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ann\r\n\r\n").into_bytes();
    let put = b"PUT /api/x HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ann\r\nContent-Length: 9\r\n\r\n123".to_vec();
    let refused = b"PUT /nowhere HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n123".to_vec();
    let hello = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    let script = |name, told, steps| Script {
        name,
        told,
        steps,
        sockets_max: 0,
        cuts_min: (2, 0),
    };
    let asked = |then: Vec<Vec<Act>>| [vec![vec![Act::Client(0, get("api/x"))], vec![Act::Accepts]], then].concat();
    vec![
        script(
            "is answered, twice",
            "HTTP/1.1 200 ",
            asked(vec![
                vec![says(hello)],
                vec![Act::Client(0, get("api/y"))],
                vec![says(&hello[..40])],
                vec![says(&hello[40..])],
                vec![Act::Leaves(0)],
            ]),
        ),
        script(
            "is answered in half",
            "HTTP/1.1 200 ",
            asked(vec![vec![says(&hello[..40])], vec![Act::UpstreamLeaves]]),
        ),
        script("leaves", "", asked(vec![vec![Act::Resets(0)]])),
        script(
            "sends a body",
            "HTTP/1.1 200 ",
            vec![
                vec![Act::Client(0, put)],
                vec![Act::Accepts],
                vec![Act::Client(0, b"456789".to_vec())],
                vec![says(hello)],
            ],
        ),
        script(
            "sends a body nobody wants",
            "HTTP/1.1 404 ",
            vec![vec![Act::Client(0, refused)], vec![Act::Client(0, b"456789".to_vec())]],
        ),
        script(
            "asks inside",
            "HTTP/1.1 200 ",
            vec![vec![Act::Client(0, get("inside/x"))]],
        ),
    ]
}
