//! docs/request.md names the functions on a request's way: those that exist, and all of them.

use std::collections::{BTreeMap, BTreeSet};

use crate::{source, tree};

const PAGE: &str = "docs/request.md";

/// The crates that a request goes through, by their short names, with the files that tell its way.
const WAY: [(&str, &[&str]); 2] = [("gate", &["gate", "admission"]), ("gateway", &["handle", "forward"])];

#[test]
fn the_life_of_a_request_names_only_what_exists() {
    let found = named()
        .into_iter()
        .filter_map(|name| Some(format!("`{name}`: {}", missing(&name)?)))
        .collect();
    tree::nothing_of(
        found,
        "docs/request.md names crates, modules and functions as they are now:",
    );
}

#[test]
fn the_life_of_a_request_names_every_step() {
    let named = named();
    let found = steps().into_iter().filter(|step| !named.contains(step)).collect();
    tree::nothing_of(
        found,
        "docs/request.md leaves out a step (gate: gate.rs, admission.rs; gateway: handle.rs, forward.rs):",
    );
}

/// What stands in backticks and begins with the short name of a crate, such as `gateway::handle::handle`.
fn named() -> BTreeSet<String> {
    let page = tree::read(PAGE);
    let named: BTreeSet<String> = page
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|span| folder(span).is_some())
        .map(str::to_owned)
        .collect();
    assert!(
        named.len() > 8,
        "docs/request.md names the steps as `gateway::handle::handle`; found {named:?}"
    );
    named
}

fn folder(path: &str) -> Option<String> {
    let (name, _) = path.split_once("::")?;
    match name {
        "core" | "engine" | "gate" | "gateway" | "staff" | "accounts" | "streams" => {
            Some(format!("crates/tidegate-{name}/src"))
        }
        "tidegate" => Some("crates/tidegate/src".to_owned()),
        _ => None,
    }
}

/// What is not there, if something is not: the file, the type or the function.
fn missing(path: &str) -> Option<String> {
    let folder = folder(path)?;
    let parts: Vec<&str> = path.split("::").skip(1).collect();
    let modules = parts
        .iter()
        .take_while(|part| part.starts_with(|c: char| c.is_ascii_lowercase()))
        .count();
    let root = tree::root();
    let file = (1..=modules)
        .rev()
        .map(|n| (n, format!("{folder}/{}.rs", parts[..n].join("/"))))
        .find(|(_, file)| root.join(file).is_file());
    let Some((used, file)) = file else {
        return Some(format!("no file of this name below {folder}"));
    };
    let code = source::code(&tree::read(&file));
    let is_there = |name: &str| declares(&code, name);
    parts[used..]
        .iter()
        .find(|name| !is_there(name))
        .map(|name| format!("{file} has no `{name}`"))
}

fn declares(code: &str, name: &str) -> bool {
    let words: Vec<&str> = source::words(code).map(|(_, word)| word).collect();
    const DECLARES: [&str; 8] = ["fn", "struct", "enum", "trait", "type", "const", "mod", "impl"];
    words
        .windows(2)
        .any(|pair| DECLARES.contains(&pair[0]) && pair[1] == name)
}

/// The functions of the files that tell a request's way, and the functions that they call in other modules of their crate,
/// as docs name them. A function `new` makes one of the things that a step is done with, and is none.
fn steps() -> BTreeSet<String> {
    WAY.into_iter()
        .flat_map(|(name, rooms)| rooms.iter().flat_map(move |room| steps_of(name, room)))
        .collect()
}

fn steps_of(name: &str, room: &str) -> BTreeSet<String> {
    let folder = format!("crates/tidegate-{name}/src");
    let code = source::code(&tree::read(&format!("{folder}/{room}.rs")));
    let mut steps: BTreeSet<String> = source::functions(&code)
        .into_iter()
        .filter(|function| function.name != "new")
        .map(|function| format!("{name}::{room}::{}", function.name))
        .collect();
    let places = modules(&folder);
    for (at, module) in source::words(&code) {
        let Some(call) = code[at + module.len()..].strip_prefix("::") else {
            continue;
        };
        let function: String = call.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        let is_call = call[function.len()..].starts_with('(') && function.starts_with(|c: char| c.is_ascii_lowercase());
        let Some(place) = places.get(module).filter(|_| is_call) else {
            continue;
        };
        steps.insert(format!("{name}::{place}::{function}"));
    }
    assert!(
        steps.len() > 2,
        "the steps are read from {folder}/{room}.rs; found {steps:?}"
    );
    steps
}

/// A crate's modules by their last name: `head` is `upstream::head`.
fn modules(folder: &str) -> BTreeMap<String, String> {
    let paths = tree::rust().into_iter().filter_map(|(path, _)| {
        let below = path.strip_prefix(folder)?.strip_prefix('/')?.strip_suffix(".rs")?;
        Some((below.rsplit('/').next()?.to_owned(), below.replace('/', "::")))
    });
    paths.collect()
}
