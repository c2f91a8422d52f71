//! Absences: the crates, libraries and words that a crate must not have. ARCHITECTURE.md states the same; here it fails a test.

use std::collections::BTreeSet;

use crate::{dependencies, source, tree};

/// A crate, the crates of the workspace it may know, and what it may not hold.
struct Room {
    name: &'static str,
    knows: &'static [&'static str],
    /// Dependencies from outside it may have; empty: any but those of `not_linked`.
    links: &'static [&'static str],
    not_linked: &'static [&'static str],
    /// Words its code does not use, tests apart.
    not_said: &'static [&'static str],
    because: &'static str,
}

const ROOMS: [Room; 9] = [
    Room {
        name: "tidegate-core",
        knows: &[],
        links: &[
            "bytes",
            "http",
            "httpdate",
            "ipnet",
            "itoa",
            "jiff",
            "percent-encoding",
            "sfv",
            "siphasher",
            "thiserror",
        ],
        not_linked: &[],
        not_said: &[
            "async",
            "await",
            "tokio",
            "fs",
            "io",
            "File",
            "TcpStream",
            "Instant",
            "SystemTime",
            "thread",
            "Mutex",
            "RwLock",
            "static",
            "rand",
            "serde",
            "Serialize",
            "tracing",
            "log",
            "println",
            "eprintln",
            "Station",
            "Tempest",
            "GroveStreams",
        ],
        because: "it is pure: no waiting, no input or output, no clock, no serialisation, no log",
    },
    Room {
        name: "tidegate-config",
        knows: &["tidegate-core"],
        links: &[
            "comfy-table",
            "http",
            "ipnet",
            "schemars",
            "serde",
            "serde_json",
            "strsim",
            "terminal_size",
            "toml",
        ],
        not_linked: &[],
        not_said: &[
            "async",
            "await",
            "tokio",
            "hyper",
            "sqlx",
            "TcpStream",
            "Instant",
            "SystemTime",
            "Mutex",
            "tracing",
            "println",
            "eprintln",
        ],
        because: "it is text and what it means: no door, no engine, no SQL, no clock",
    },
    Room {
        name: "tidegate-engine",
        knows: &["tidegate-core"],
        links: &[],
        not_linked: &[
            "axum",
            "clap",
            "http-body",
            "hyper",
            "hyper-util",
            "sqlx",
            "toml",
            "ureq",
        ],
        not_said: &[
            "async",
            "await",
            "TcpListener",
            "sqlx",
            "Response",
            "StatusCode",
            "exit",
        ],
        because: "it is state in time: no HTTP server, no SQL, no command line, and nothing in it waits",
    },
    Room {
        name: "tidegate-accounts",
        knows: &["tidegate-core"],
        links: &[],
        not_linked: &["arc-swap", "axum", "clap", "http", "hyper", "toml", "ureq"],
        not_said: &[
            "Request",
            "Response",
            "StatusCode",
            "HeaderMap",
            "tidegate_engine",
            "Verdict",
            "Quantity",
        ],
        // JSON it may write: an audit row's detail is an object, which the admin API reads by the same library.
        because: "it is who, in SQL: no HTTP, no counting",
    },
    Room {
        name: "tidegate-streams",
        knows: &["tidegate-core"],
        links: &[],
        not_linked: &["axum", "clap", "hyper", "toml", "ureq"],
        not_said: &[
            "tidegate_engine",
            "tidegate_accounts",
            "RateLimit",
            "Policy",
            "AUTHORIZATION",
        ],
        because: "it is an API that knows nothing of limits or credentials: the host says who asks",
    },
    Room {
        name: "tidegate-gate",
        knows: &["tidegate-core", "tidegate-engine"],
        links: &["futures-util", "http", "thiserror", "tokio", "tracing"],
        not_linked: &[],
        not_said: &[
            "Body",
            "Response",
            "TcpListener",
            "TcpStream",
            "UnixStream",
            "AsyncRead",
            "AsyncWrite",
            "serde",
            "spawn",
        ],
        because: "it decides: no socket, no body, no task, and no writing of HTTP",
    },
    Room {
        name: "tidegate-gateway",
        knows: &["tidegate-core", "tidegate-engine", "tidegate-gate"],
        links: &[],
        not_linked: &["axum", "clap", "serde", "sqlx", "toml", "utoipa"],
        not_said: &[
            "axum",
            "sqlx",
            "toml",
            "Bucket",
            "Facts",
            "LimitCheck",
            "Caller",
            "Station",
            "Tempest",
            "GroveStreams",
        ],
        because: "it carries: no decision about a request, no counting, no config text, no admin, no SQL",
    },
    Room {
        name: "tidegate-staff",
        knows: &[
            "tidegate-accounts",
            "tidegate-config",
            "tidegate-core",
            "tidegate-engine",
            "tidegate-gateway",
        ],
        links: &[],
        not_linked: &["anyhow", "hyper", "rustls", "sqlx", "toml", "ureq"],
        not_said: &["admit", "decide", "Verdict", "sqlx", "File", "TcpListener"],
        because: "it is what people see: no decision about a request, no SQL, no file of the data directory, no listener",
    },
    Room {
        name: "tidegate",
        knows: &[
            "tidegate-accounts",
            "tidegate-config",
            "tidegate-core",
            "tidegate-engine",
            "tidegate-gate",
            "tidegate-gateway",
            "tidegate-staff",
            "tidegate-streams",
        ],
        links: &[],
        not_linked: &[],
        not_said: &["admit", "Verdict", "sqlx"],
        because: "it is the program: it takes no decision about a request and speaks no SQL",
    },
];

#[test]
fn crates_know_each_other_as_the_architecture_says() {
    let mut found = Vec::new();
    let crates: BTreeSet<String> = dependencies::manifests()
        .into_iter()
        .map(|manifest| manifest.name)
        .collect();
    let rooms: BTreeSet<String> = ROOMS.iter().map(|room| room.name.to_owned()).collect();
    found.extend(
        crates
            .symmetric_difference(&rooms)
            .map(|name| format!("{name}: a crate and a room of this list go together")),
    );
    for manifest in dependencies::manifests() {
        let Some(room) = ROOMS.iter().find(|room| room.name == manifest.name) else {
            continue;
        };
        let known: BTreeSet<&str> = manifest
            .normal
            .iter()
            .map(String::as_str)
            .filter(|name| name.starts_with("tidegate"))
            .collect();
        let may: BTreeSet<&str> = room.knows.iter().copied().collect();
        found.extend(
            known
                .symmetric_difference(&may)
                .map(|other| format!("{} and {other}", room.name)),
        );
    }
    tree::nothing_of(
        found,
        "an arrow between two crates is an ADR, ARCHITECTURE.md's diagram and this list, together:",
    );
}

#[test]
fn no_crate_links_what_it_has_no_use_for() {
    let mut found = Vec::new();
    for manifest in dependencies::manifests() {
        let Some(room) = ROOMS.iter().find(|room| room.name == manifest.name) else {
            continue;
        };
        for outside in manifest.normal.iter().filter(|name| !name.starts_with("tidegate")) {
            let is_foreign = !room.links.is_empty() && !room.links.contains(&outside.as_str());
            if is_foreign || room.not_linked.contains(&outside.as_str()) {
                found.push(format!("{} links {outside}: {}", room.name, room.because));
            }
        }
    }
    tree::nothing_of(found, "a room says what may not be in it:");
}

#[test]
fn no_crate_holds_what_belongs_in_another() {
    let mut found = Vec::new();
    for (path, text) in tree::rust().into_iter().filter(|(path, _)| !is_test(path)) {
        let Some(room) = ROOMS
            .iter()
            .find(|room| path.starts_with(&format!("crates/{}/src/", room.name)))
        else {
            continue;
        };
        let code = source::code(&text);
        for (at, word) in
            source::words(&code).filter(|(at, word)| room.not_said.contains(word) && !is_lifetime(&code, *at))
        {
            let line = code[..at].matches('\n').count() + 1;
            found.push(format!("{path}:{line}: `{word}` in {}: {}", room.name, room.because));
        }
    }
    tree::nothing_of(found, "a room says what may not be in it:");
}

/// The modules of the core that the streams may use (ADR 0078).
const OF_CORE_IN_STREAMS: [&str; 5] = ["dialect", "facts", "payload", "platform", "refusal"];

#[test]
fn the_streams_know_refusals_and_uploads_of_the_core() {
    let mut found = Vec::new();
    let of_streams = tree::rust()
        .into_iter()
        .filter(|(path, _)| path.starts_with("crates/tidegate-streams/src/") && !is_test(path));
    for (path, text) in of_streams {
        let code = source::code(&text);
        for (at, _) in code.match_indices("tidegate_core::") {
            let used = &code[at + "tidegate_core::".len()..];
            let used = used.split_once(';').map_or(used, |(used, _)| used);
            found.extend(
                modules(used)
                    .filter(|name| !OF_CORE_IN_STREAMS.contains(name))
                    .map(|name| {
                        let line = code[..at].matches('\n').count() + 1;
                        format!("{path}:{line}: `tidegate_core::{name}`")
                    }),
            );
        }
    }
    tree::nothing_of(found, "the streams know no limits and no credentials, ADR 0078:");
}

/// The first names of the paths of a use: `a` and `b` of `{a::x, b::{y, z}}`.
fn modules(used: &str) -> impl Iterator<Item = &str> {
    let inside = used.strip_prefix('{').unwrap_or(used);
    let mut depth = 0;
    let parts = inside.split(move |c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    });
    let first = |part: &'_ str| part.trim().split([':', '}', ' ']).next().map(str::len);
    parts
        .filter_map(move |part| first(part).map(|bytes| &part.trim()[..bytes]))
        .filter(|name| !name.is_empty())
}

#[test]
fn every_crate_forbids_unsafe_code_and_takes_the_workspaces_lints() {
    let workspace = tree::read("Cargo.toml");
    assert!(
        workspace.contains("unsafe_code = \"forbid\""),
        "Cargo.toml forbids unsafe code for the whole workspace"
    );
    let bare = dependencies::manifests()
        .into_iter()
        .filter(|manifest| !manifest.takes_workspace_lints)
        .map(|manifest| manifest.name);
    tree::nothing_of(bare.collect(), "write `[lints] workspace = true` into its manifest:");
}

#[test]
fn an_exception_to_a_lint_says_why() {
    let mut found = Vec::new();
    for (path, text) in tree::rust() {
        let code = source::code(&text);
        for (at, _) in source::words(&code).filter(|(_, word)| matches!(*word, "expect" | "allow")) {
            let opens = code[..at].ends_with("#[") || code[..at].ends_with("#![");
            let attribute = &code[at..at + code[at..].find(']').unwrap_or(0)];
            if opens && !attribute.contains("reason") {
                found.push(format!("{path}:{}", code[..at].matches('\n').count() + 1));
            }
        }
    }
    tree::nothing_of(found, "write `#[expect(…, reason = \"…\")]`:");
}

/// `'static` says how long something lives; a `static` would be a global.
fn is_lifetime(code: &str, at: usize) -> bool {
    code[..at].ends_with('\'')
}

/// Is true for a file of tests, or of helpers that only tests use.
pub fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/") || path.ends_with("/testing.rs")
}
