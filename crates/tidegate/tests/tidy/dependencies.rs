//! Every dependency has a reason, and every reason a dependency.

use std::collections::BTreeSet;

use toml::{Table, Value};

use crate::tree;

/// A manifest of the workspace, as far as these rules read it.
pub struct Manifest {
    /// The crate's name.
    pub name: String,
    /// The dependencies that the crate links.
    pub normal: BTreeSet<String>,
    /// Those, and the dependencies of tests and builds.
    pub all: BTreeSet<String>,
    /// `[lints] workspace = true`.
    pub takes_workspace_lints: bool,
    /// Dependencies that name a version of their own instead of the workspace's.
    pub with_own_version: Vec<String>,
}

/// The manifests of the workspace's crates.
pub fn manifests() -> Vec<Manifest> {
    let is_manifest =
        |path: &str| path.starts_with("crates/") && path.ends_with("/Cargo.toml") && path.matches('/').count() == 2;
    let found: Vec<Manifest> = tree::files()
        .into_iter()
        .filter(|file| is_manifest(&file.path))
        .map(|file| manifest(&file.path))
        .collect();
    assert!(found.len() > 1, "the manifests stand in crates/*/Cargo.toml");
    found
}

#[test]
fn every_direct_dependency_has_a_reason_in_deny_toml() {
    let named: BTreeSet<String> = manifests()
        .into_iter()
        .flat_map(|manifest| manifest.all)
        .filter(|name| !name.starts_with("tidegate"))
        .collect();
    let reasons = reasons();
    let missing = named.difference(&reasons).map(|name| format!("{name} has no reason"));
    let stale = reasons
        .difference(&named)
        .map(|name| format!("{name} has a reason, but nobody depends on it"));
    tree::nothing_of(
        missing.chain(stale).collect(),
        "deny.toml says in one line why each dependency is here:",
    );
}

#[test]
fn every_dependency_of_the_workspace_is_used() {
    let used: BTreeSet<String> = manifests().into_iter().flat_map(|manifest| manifest.all).collect();
    let declared = names(parse("Cargo.toml")["workspace"].get("dependencies"));
    let found = declared
        .difference(&used)
        .map(|name| format!("{name} is declared and not used"))
        .collect();
    tree::nothing_of(found, "take it out of [workspace.dependencies] in Cargo.toml:");
}

#[test]
fn a_version_is_written_once() {
    let found = manifests().into_iter().flat_map(|manifest| {
        manifest
            .with_own_version
            .into_iter()
            .map(move |name| format!("{} names {name}", manifest.name))
    });
    tree::nothing_of(
        found.collect(),
        "write the version into [workspace.dependencies] and `NAME.workspace = true` here:",
    );
}

/// The names of the lines `#   name   reason` before the first table.
fn reasons() -> BTreeSet<String> {
    let text = tree::read("deny.toml");
    let lines = text
        .lines()
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.strip_prefix("#   "));
    let named = lines
        .filter_map(|line| line.split_once(' '))
        .filter(|(_, reason)| reason.split_whitespace().count() > 2);
    named.map(|(name, _)| name.to_owned()).collect()
}

fn manifest(path: &str) -> Manifest {
    let parsed = parse(path);
    let tables: Vec<&Value> = ["dependencies", "dev-dependencies", "build-dependencies"]
        .iter()
        .filter_map(|table| parsed.get(*table))
        .collect();
    let is_own = |value: &Value| !value.get("workspace").and_then(Value::as_bool).unwrap_or(false);
    let entries = tables.iter().filter_map(|table| table.as_table()).flatten();
    Manifest {
        name: parsed["package"]["name"].as_str().unwrap_or_default().to_owned(),
        normal: names(parsed.get("dependencies")),
        all: tables.iter().flat_map(|table| names(Some(table))).collect(),
        takes_workspace_lints: parsed
            .get("lints")
            .and_then(|lints| lints.get("workspace"))
            .and_then(Value::as_bool)
            == Some(true),
        with_own_version: entries
            .filter(|(_, value)| is_own(value))
            .map(|(name, _)| name.clone())
            .collect(),
    }
}

fn names(table: Option<&Value>) -> BTreeSet<String> {
    table
        .and_then(Value::as_table)
        .into_iter()
        .flat_map(Table::keys)
        .cloned()
        .collect()
}

fn parse(path: &str) -> Table {
    tree::read(path)
        .parse()
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}
