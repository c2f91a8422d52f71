//! Limits files from outside: what is refused and with which words, what the presets and examples promise, and that
//! schema and documentation name every key.
//!
//! `TIDEGATE_BLESS=1 cargo test -p tidegate --test config` rewrites `tests/bad/*.txt` and `docs/limits.schema.json`.

#[path = "config/oracle.rs"]
mod oracle;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use tidegate::config_extensions::CONFIG_EXTENSIONS;
use tidegate_config::{Config, Source, schema, table};

/// What a file gives: its errors, or its warnings.
fn findings(path: &Path) -> Result<Vec<String>, Vec<String>> {
    let lines = |text: String| text.lines().map(str::to_owned).collect::<Vec<_>>();
    match tidegate_config::load(&Source::File(path.to_owned()), None, &CONFIG_EXTENSIONS) {
        Ok(config) => Ok(config.warnings.iter().map(ToString::to_string).collect()),
        Err(errors) => Err(lines(errors.to_string())),
    }
}

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder}: {error}"));
    let paths = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "toml"));
    let mut paths: Vec<PathBuf> = paths.collect();
    paths.sort();
    paths
}

fn load(source: &Source) -> Config {
    tidegate_config::load(source, None, &CONFIG_EXTENSIONS).unwrap_or_else(|errors| panic!("{errors}"))
}

fn blessing() -> bool {
    std::env::var_os("TIDEGATE_BLESS").is_some()
}

/// Compares with a committed file, or rewrites it.
fn assert_committed(path: &Path, text: &str) {
    if blessing() {
        fs::write(path, text).unwrap();
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    let differing = committed
        .lines()
        .zip(text.lines())
        .position(|(committed, now)| committed != now);
    let line = 1 + differing.unwrap_or(committed.lines().count().min(text.lines().count()));
    assert!(
        committed == text,
        "{}:{line} differs; TIDEGATE_BLESS=1 rewrites it\nnow: {}",
        path.display(),
        text.lines().nth(line - 1).unwrap_or_default()
    );
}

#[test]
fn every_bad_file_is_met_with_its_message() {
    let paths = files("tests/bad");
    assert!(paths.len() > 60, "the bad files are missing");
    for path in paths {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let found = findings(&path);
        match &found {
            Ok(warnings) => assert!(
                name.starts_with("doubt-") && warnings.len() == 1,
                "{name}: {warnings:?}"
            ),
            Err(errors) if name == "many-at-once" => assert!(errors.len() > 3, "{errors:?}"),
            Err(errors) => assert!(!name.starts_with("doubt-") && errors.len() == 1, "{name}: {errors:#?}"),
        }
        let lines = found.unwrap_or_else(|errors| errors);
        assert_committed(&path.with_extension("txt"), &(lines.join("\n") + "\n"));
    }
}

#[test]
fn a_file_that_lost_a_line_or_its_end_is_read_or_refused_with_places() {
    for path in [files("../../presets"), files("../../examples")].concat() {
        let text = fs::read_to_string(&path).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for at in 0..lines.len() {
            oracle::judge(
                [&lines[..at], &lines[at + 1..]].concat().join("\n").as_bytes(),
                &CONFIG_EXTENSIONS,
            );
            let (whole, half) = (
                lines[..at].join("\n"),
                &lines[at][..lines[at].floor_char_boundary(lines[at].len() / 2)],
            );
            oracle::judge(format!("{whole}\n{half}").as_bytes(), &CONFIG_EXTENSIONS);
        }
    }
}

#[test]
fn the_seeds_of_the_fuzz_target_are_read_or_refused_with_places() {
    let mut found = 0;
    for seed in fs::read_dir("../../fuzz/seeds/config").expect("the seeds stand in fuzz/seeds/config") {
        oracle::judge(&fs::read(seed.unwrap().path()).unwrap(), &CONFIG_EXTENSIONS);
        found += 1;
    }
    assert!(found >= 5, "{found} seeds");
}

#[test]
fn every_example_is_valid_and_leaves_no_doubt() {
    let paths = files("../../examples");
    assert!(paths.len() >= 3);
    for path in paths {
        assert_eq!(findings(&path), Ok(vec![]), "{}", path.display());
    }
}

#[test]
fn every_preset_is_valid_and_leaves_no_doubt() {
    for name in ["default", "tempest", "grovestreams"] {
        assert_eq!(load(&Source::Preset(name.to_owned())).warnings, [], "{name}");
    }
    let any = tidegate_config::load(&Source::Default, Some("http://127.0.0.1:9000"), &CONFIG_EXTENSIONS).unwrap();
    assert_eq!(any.warnings, []);
    assert_eq!(&*any.policy.pages[0].name, "any");
}

#[test]
fn presets_name_their_limits_as_the_contract_does() {
    let limit = |preset: &str, name: &str| {
        let rows = table::rows(&load(&Source::Preset(preset.to_owned())).policy);
        let row = rows
            .into_iter()
            .find(|row| row.limit == name)
            .unwrap_or_else(|| panic!("{preset} has no {name}"));
        (
            row.scope,
            row.quota.unwrap(),
            row.burst.unwrap_or_default(),
            row.window_s.unwrap(),
            row.bound.unwrap(),
            row.who,
        )
    };
    assert_eq!(
        limit("tempest", "rest-per-user"),
        ("user".into(), 100, 100, 60, 200, "known")
    );
    assert_eq!(
        limit("tempest", "rest-per-app"),
        ("app".into(), 10_000, 10_000, 60, 20_000, "known")
    );
    assert_eq!(
        limit("tempest", "anonymous-per-ip"),
        ("ip".into(), 150, 150, 3_600, 300, "anonymous")
    );
    assert_eq!(
        limit("grovestreams", "unauthenticated-per-ip"),
        ("ip".into(), 150, 150, 3_600, 300, "anonymous")
    );
    assert_eq!(
        limit("grovestreams", "authenticated-per-ip"),
        ("ip".into(), 350, 350, 3_600, 700, "known")
    );
    assert_eq!(
        limit("grovestreams", "feed-put-cadence"),
        ("ip+header:x-forwarded-for".into(), 12, 0, 120, 12, "known")
    );
    assert_eq!(
        limit("grovestreams", "feed-put-parent"),
        ("token+ip".into(), 1_200, 1_200, 120, 2_400, "known")
    );
    assert_eq!(
        limit("default", "limits-pages-per-ip"),
        ("ip".into(), 60, 60, 60, 120, "everyone")
    );
}

#[test]
fn the_committed_schema_is_the_one_of_this_program() {
    assert_committed(
        Path::new("../../docs/limits.schema.json"),
        &schema::json(&CONFIG_EXTENSIONS),
    );
}

#[test]
fn the_documentation_names_every_key_with_its_default_and_no_other() {
    let schema: serde_json::Value = serde_json::from_str(&schema::json(&CONFIG_EXTENSIONS)).unwrap();
    let documented = documented(&fs::read_to_string("../../docs/config.md").unwrap());
    assert_eq!(documented, keys(&schema));
}

/// Whether it may be written as a text.
fn is_word(schema: &serde_json::Value) -> bool {
    let forms = schema["anyOf"].as_array();
    schema["type"] == "string" || forms.is_some_and(|forms| forms.iter().any(is_word))
}

/// The keys of the schema as `table.key = default`.
fn keys(schema: &serde_json::Value) -> BTreeSet<String> {
    let tables = [("", schema)].into_iter().chain(
        TABLES
            .iter()
            .map(|(table, name)| (*table, &schema["definitions"][*name])),
    );
    let mut keys = BTreeSet::new();
    for (table, schema) in tables {
        for (key, value) in schema["properties"].as_object().unwrap() {
            // A table is documented by its own keys; what may be written in a word in its place, also by its row.
            let path = join(table, key);
            let is_table = TABLES.iter().any(|(table, _)| table.trim_end_matches(".NAME") == path);
            if !is_table || is_word(value) {
                let default = value
                    .get("default")
                    .map_or_else(|| "-".to_owned(), |default| default.to_string().replace(['_', '"'], ""));
                keys.insert(format!("{} = {default}", join(table, key)));
            }
        }
    }
    keys
}

const TABLES: [(&str, &str); 20] = [
    ("cache", "Cache"),
    ("tls", "Tls"),
    ("usage", "Usage"),
    ("upstream", "Upstream"),
    ("upstream.servers", "UpstreamServer"),
    ("upstream.check", "Check"),
    ("server", "Server"),
    ("defaults", "Defaults"),
    ("identity", "Identity"),
    ("identity.jwt", "Jwt"),
    ("identity.header", "Header"),
    ("route.NAME", "Route"),
    ("route.NAME.range", "Range"),
    ("route.NAME.socket", "Socket"),
    ("route.NAME.socket.command", "Command"),
    ("limit.NAME", "Limit"),
    ("limit.NAME.within", "Within"),
    ("plan.NAME", "Plan"),
    ("tenant.NAME", "Tenant"),
    ("tenant.NAME.limit.NAME", "TenantLimit"),
];

fn join(table: &str, key: &str) -> String {
    if table.is_empty() {
        key.to_owned()
    } else {
        format!("{table}.{key}")
    }
}

/// The rows ``| `key` | default | …`` below headings ``## `[table]` ``, as `table.key = default`.
fn documented(text: &str) -> BTreeSet<String> {
    let mut table = String::new();
    let mut keys = BTreeSet::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            table = heading.split(['[', ']']).nth(1).unwrap_or_default().to_owned();
        }
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        if let ["", key, default, ..] = cells[..]
            && let Some(key) = key.strip_prefix('`').and_then(|key| key.strip_suffix('`'))
        {
            let default = default.trim_matches('`').replace(['_', '"'], "");
            keys.insert(format!("{} = {default}", join(&table, key)));
        }
    }
    keys
}
