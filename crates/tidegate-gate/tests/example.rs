//! The example of deciding: it is short, it runs, and it refuses the second request.

use std::process::Command;

const EXAMPLE: &str = include_str!("../examples/decide.rs");

#[test]
fn deciding_takes_forty_lines() {
    assert!(EXAMPLE.lines().count() <= 40, "{} lines", EXAMPLE.lines().count());
}

#[test]
fn the_example_admits_one_request_and_refuses_the_next() {
    let run = Command::new(env!("CARGO"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(["run", "--offline", "--locked", "--quiet", "--example", "decide"])
        .output()
        .unwrap();
    let printed = String::from_utf8(run.stdout).unwrap();
    let lines: Vec<&str> = printed.lines().collect();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    assert!(
        matches!(lines[..], [first, second] if first.starts_with("admitted ")
            && second.starts_with("429 Too Many Requests The limit `feed-per-address` allows 1 per minute")),
        "{printed}"
    );
}
