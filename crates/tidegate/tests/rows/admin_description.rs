//! The admin API answers whatever can be asked as its description says.

use crate::{clients::python, gate::Gate};

/// Requests that the description allows, requests that it does not, and sequences of both.
const PHASES: &str = "coverage,fuzzing,stateful";

/// More of them find nothing more here, and take long.
const EXAMPLES: &str = "10";

/// That every request which the description allows is accepted is not among the checks: that a user or a tenant is to be
/// named and not both, or that a time is to come, is said in words.
const LEFT_OUT: &str = "positive_data_acceptance";

#[tokio::test(flavor = "multi_thread")]
async fn no_request_that_schemathesis_makes_is_answered_otherwise_than_described() {
    let Some(python) = python() else { return };
    let gate = Gate::start().await;
    gate.user("ann");
    gate.user("bob");
    gate.station("ann", "ST-00000001");
    let description = format!("http://{}/openapi.json", gate.app.admin);
    let config = format!("{}/tests/clients/schemathesis.toml", env!("CARGO_MANIFEST_DIR"));
    let mut schemathesis = std::process::Command::new(std::path::Path::new(&python).with_file_name("schemathesis"));
    schemathesis
        .args([
            "--config-file",
            &config,
            "run",
            &description,
            "--no-color",
            "--checks",
            "all",
        ])
        .args([
            "--exclude-checks",
            LEFT_OUT,
            "--phases",
            PHASES,
            "--max-examples",
            EXAMPLES,
        ])
        .args(["--seed", "9457", "--generation-database", "none"])
        .current_dir(gate.dir.path())
        .args(["--header", &format!("Authorization: Bearer {}", gate.admin_token)]);
    let run = tokio::task::spawn_blocking(move || schemathesis.output()).await;
    let output = run
        .unwrap()
        .expect("schemathesis stands beside the Python; ./test installs it");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(said.contains(" passed"), "{said}");
}
