//! Commands that documents show are commands the program knows, with the flags it knows.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use crate::tree;

/// Commands that have commands of their own.
const GROUPS: [&str; 5] = ["console", "user", "token", "station", "limit"];

#[test]
fn every_command_in_the_documents_exists() {
    let mut help: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut found = Vec::new();
    let shown = shown();
    assert!(
        shown.len() > 8,
        "documents show commands in fences of `sh`; found {}",
        shown.len()
    );
    for (place, line) in shown {
        let (command, flags) = parts(&line);
        match help.entry(command.join(" ")).or_insert_with(|| help_of(&command)) {
            None => found.push(format!("{place}: the program has no `{}`", command.join(" "))),
            Some(text) => {
                let known: BTreeSet<&str> = text
                    .split(|c: char| !(c.is_alphanumeric() || c == '-'))
                    .filter(|word| word.starts_with("--"))
                    .collect();
                found.extend(
                    flags
                        .iter()
                        .filter(|flag| !known.contains(flag.as_str()))
                        .map(|flag| format!("{place}: `{}` has no {flag}", command.join(" "))),
                );
            }
        }
    }
    tree::nothing_of(found, "documents show commands as the program takes them:");
}

/// The lines of `sh` and `console` fences that call the program, each with its place; a line that ends with `\` goes on.
fn shown() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for file in tree::files().into_iter().filter(|file| file.path.ends_with(".md")) {
        let text = file.text.unwrap_or_default().replace("\\\n", " ");
        let mut in_fence = false;
        for (line, number) in text.lines().zip(1..) {
            if line.trim_start().starts_with("```") {
                in_fence = matches!(line.trim(), "```sh" | "```console");
            } else if in_fence {
                found.extend(call(line).map(|call| (format!("{}:{number}", file.path), call.to_owned())));
            }
        }
    }
    found
}

/// The rest of a line after the program's name, wherever on the line it is called.
fn call(line: &str) -> Option<&str> {
    let line = line.split(" #").next().unwrap_or(line).trim();
    let called = ["cargo run --release -- ", "target/release/tidegate ", "tidegate "]
        .iter()
        .find_map(|name| {
            let at = line.find(name)?;
            let begins = at == 0 || line[..at].ends_with([' ', '(', '/']);
            begins.then(|| &line[at + name.len()..])
        });
    called.map(|call| call.split(['|', ')', ';', '>']).next().unwrap_or(call))
}

fn parts(call: &str) -> (Vec<String>, Vec<String>) {
    let words: Vec<&str> = call.split_whitespace().collect();
    let wanted = if words.first().is_some_and(|word| GROUPS.contains(word)) {
        2
    } else {
        1
    };
    let command = words
        .iter()
        .take(wanted)
        .take_while(|word| !word.starts_with('-'))
        .map(|word| (*word).to_owned())
        .collect();
    let flags = words
        .iter()
        .filter(|word| word.starts_with("--"))
        .map(|word| word.split('=').next().unwrap_or(word).to_owned())
        .collect();
    (command, flags)
}

fn help_of(command: &[String]) -> Option<String> {
    let asked = Command::new(env!("CARGO_BIN_EXE_tidegate"))
        .args(command)
        .arg("--help")
        .output()
        .expect("the program runs");
    asked
        .status
        .success()
        .then(|| String::from_utf8_lossy(&asked.stdout).into_owned())
}
