//! The commands: exit codes, JSON and words.

use serde_json::Value;

use crate::gate::Gate;

fn tidegate(arguments: &[&str]) -> std::process::Output {
    std::process::Command::new(env!("CARGO_BIN_EXE_tidegate"))
        .args(arguments)
        .output()
        .unwrap()
}

fn stderr(output: &std::process::Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn json_has_the_contracts_fields() {
    let gate = Gate::start().await;
    assert_eq!(gate.run_json(&["user", "add", "ann"])["user"], "ann");
    let made = gate.run_json(&["token", "create", "--user", "ann"]);
    assert!(
        made["id"].is_string() && made["token"].as_str().unwrap().starts_with("tg_pat_"),
        "{made}"
    );
    let added = gate.run_json(&["station", "add", "--user", "ann", "--name", "Garden"]);
    assert!(added["station_id"].is_i64() && added["device_id"].is_i64(), "{added}");
    let shown = gate.run_json(&["limit", "show", "--user", "ann"]);
    let row = shown
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["limit"] == "rest-per-user")
        .unwrap();
    for key in ["limit", "scope", "quota", "used", "remaining", "resets_in_s", "from"] {
        assert!(row.get(key).is_some(), "{key} in {row}");
    }
    let explained = gate.run_json(&["explain", "--user", "ann"]);
    for key in [
        "decision",
        "limit",
        "scope",
        "quota",
        "used",
        "retry_after_s",
        "at",
        "why",
    ] {
        assert!(explained.get(key).is_some(), "{key} in {explained}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_printed_alone() {
    let gate = Gate::start().await;
    gate.run(&["user", "add", "ann"]);
    let output = gate.try_run(&["token", "create", "--user", "ann"]);
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed.lines().count(), 1);
    assert!(
        printed.trim().chars().all(|c| c.is_ascii_alphanumeric() || c == '_'),
        "{printed}"
    );
    assert!(output.stderr.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_command_exits_1_and_says_why_and_wrong_usage_exits_2() {
    let gate = Gate::start().await;
    gate.run(&["user", "add", "ann"]);
    for (arguments, code, said) in [
        (&["user", "add", "ann"][..], 1, "taken"),
        (&["user", "add", "-x"], 2, "unexpected argument"),
        (&["user", "add", "a b"], 1, "not accepted"),
        (&["token", "create", "--user", "nobody"], 1, "no user"),
        (
            &["token", "create", "--user", "ann", "--kind", "gold"],
            2,
            "invalid value",
        ),
        (&["token", "create", "--user", "ann", "--expires", "soon"], 2, "90d"),
        (&["token", "revoke", "t_nothing"], 1, "no token"),
        (
            &[
                "station",
                "add",
                "--user",
                "ann",
                "--name",
                "G",
                "--timezone",
                "Mars/Olympus",
            ],
            1,
            "America/Denver",
        ),
        (&["station", "share", "99", "--with", "ann"], 1, "no station"),
        (
            &["limit", "set", "rest-per-usr", "5", "--user", "ann"],
            1,
            "did you mean `rest-per-user`",
        ),
        (&["limit", "set", "rest-per-user", "0", "--user", "ann"], 2, "0"),
        (&["limit", "set", "rest-per-user", "5"], 2, "--user"),
        (
            &[
                "limit",
                "set",
                "rest-per-user",
                "5",
                "--user",
                "ann",
                "--until",
                "2020-01-01",
            ],
            1,
            "2026",
        ),
        (&["limit", "unset", "rest-per-user", "--user", "ann"], 1, "no override"),
        (&["limit", "show", "--user", "nobody"], 1, "no user"),
        (&["pardon", "--user", "nobody"], 1, "no user"),
        (&["explain", "not-an-id"], 1, "decision id"),
    ] {
        let output = gate.try_run(arguments);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(said), "{arguments:?}: {}", stderr(&output));
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_server_not_reached_is_said_and_exits_1() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("admin-token"), "tg_adm_x").unwrap();
    let data = dir.path().to_str().unwrap();
    let output = tidegate(&["user", "add", "ann", "--admin", "127.0.0.1:9", "--data", data]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stderr(&output).contains("is `tidegate serve` running?"),
        "{}",
        stderr(&output)
    );
    let nowhere = tidegate(&["user", "add", "ann", "--data", "/nonexistent"]);
    assert_eq!(nowhere.status.code(), Some(1));
    assert!(
        stderr(&nowhere).contains("TIDEGATE_ADMIN_TOKEN"),
        "{}",
        stderr(&nowhere)
    );
}

#[test]
fn presets_have_the_contracts_limits() {
    let limits = |preset: &str| -> Value {
        serde_json::from_slice(&tidegate(&["limits", "--preset", preset, "--json"]).stdout).unwrap()
    };
    let quota = |rows: &Value, name: &str| {
        rows.as_array()
            .unwrap()
            .iter()
            .find(|row| row["limit"] == name)
            .map(|row| (row["quota"].clone(), row["window_s"].clone(), row["bound"].clone()))
    };
    let tempest = limits("tempest");
    assert_eq!(
        quota(&tempest, "rest-per-user"),
        Some((100.into(), 60.into(), 200.into()))
    );
    assert_eq!(
        quota(&tempest, "anonymous-per-ip"),
        Some((150.into(), 3600.into(), 300.into()))
    );
    assert_eq!(
        quota(&tempest, "rest-per-app"),
        Some((10_000.into(), 60.into(), 20_000.into()))
    );
    let grove = limits("grovestreams");
    assert_eq!(
        quota(&grove, "unauthenticated-per-ip"),
        Some((150.into(), 3600.into(), 300.into()))
    );
    assert_eq!(
        quota(&grove, "authenticated-per-ip"),
        Some((350.into(), 3600.into(), 700.into()))
    );
    for row in tempest.as_array().unwrap() {
        for key in [
            "limit",
            "scope",
            "quota",
            "burst",
            "window_s",
            "bound",
            "applies_to",
            "counts_at",
            "on_store_loss",
        ] {
            assert!(row.get(key).is_some(), "{key} in {row}");
        }
    }
}

#[test]
fn a_bad_limits_file_exits_2_with_file_line_key_and_what_would_be_right() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("limits.toml");
    std::fs::write(
        &file,
        "upstream = \"embedded:tempest\"\n\n[limit.x]\nrate = \"100 per minite\"\nper = \"user\"\n",
    )
    .unwrap();
    let file = file.to_str().unwrap();
    for arguments in [&["check", file][..], &["limits", file], &["serve", "--config", file]] {
        let output = tidegate(arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = stderr(&output);
        assert!(
            said.contains(&format!("{file}:4")) && said.contains("limit.x.rate") && said.contains("minute"),
            "{said}"
        );
    }
    assert_eq!(tidegate(&["check"]).status.code(), Some(0));
}
