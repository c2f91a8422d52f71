//! What crates link, all the way down: what cargo says of them, not what their own manifests do.

use std::process::Command;

use crate::tree;

/// A crate, what is nowhere below it, and why.
const FREE_OF: [(&str, &[&str], &str); 5] = [
    (
        "tidegate-core",
        &[
            "axum",
            "hyper",
            "libsqlite3-sys",
            "ratatui",
            "sqlx",
            "tokio",
            "toml",
            "tracing",
        ],
        "it is pure",
    ),
    (
        "tidegate-engine",
        &["axum", "hyper", "libsqlite3-sys", "ratatui", "sqlx", "toml"],
        "it is state in time",
    ),
    (
        "tidegate-config",
        &["axum", "hyper", "libsqlite3-sys", "ratatui", "sqlx"],
        "it makes a policy of a text, for any door",
    ),
    (
        "tidegate-gate",
        &["axum", "hyper", "libsqlite3-sys", "ratatui", "sqlx", "toml"],
        "it decides, and leaves sockets and texts to others",
    ),
    (
        "tidegate-gateway",
        &["axum", "libsqlite3-sys", "ratatui", "sqlx", "toml"],
        "it carries, and knows neither accounts nor limits files",
    ),
];

#[test]
fn libraries_link_no_server_database_or_screen() {
    let mut found = Vec::new();
    for (name, free_of, because) in FREE_OF {
        match linked(name, "normal") {
            Err(why) => found.push(format!("{name}: {why}")),
            Ok(linked) => {
                let wrong = free_of.iter().filter(|other| linked.iter().any(|name| name == *other));
                found.extend(wrong.map(|other| {
                    format!("{name} links {other}, and {because}: `cargo tree -p {name} -e normal -i {other}` says how")
                }));
            }
        }
    }
    tree::nothing_of(found, "a library can be used without what it does not need:");
}

#[test]
fn deciding_is_built_and_tested_without_a_server_or_a_database() {
    let others = [
        "axum",
        "hyper",
        "libsqlite3-sys",
        "sqlx",
        "tidegate",
        "tidegate-accounts",
        "tidegate-gateway",
        "tidegate-staff",
        "tidegate-streams",
    ];
    let linked = linked("tidegate-gate", "normal,dev").unwrap();
    let found = others.iter().filter(|other| linked.iter().any(|name| name == *other));
    tree::nothing_of(
        found
            .map(|other| format!("tidegate-gate, its tests or its example link {other}"))
            .collect(),
        "deciding needs no carrier:",
    );
}

/// Returns the names of all crates that this one is linked with by these kinds of dependencies.
fn linked(name: &str, kinds: &str) -> Result<Vec<String>, String> {
    let arguments = [
        "tree",
        "--offline",
        "--locked",
        "-e",
        kinds,
        "--prefix",
        "none",
        "-p",
        name,
    ];
    let output = Command::new(env!("CARGO"))
        .current_dir(tree::root())
        .args(arguments)
        .output()
        .map_err(|error| format!("cargo does not run: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().replace('\n', " "));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let names = text.lines().filter_map(|line| line.split(' ').next());
    Ok(names.map(str::to_owned).collect())
}
