//! Other people's clients, unmodified but for their base address.

use std::ffi::OsString;

use http::StatusCode;

use crate::{
    gate::{Ask, Gate, START_MS},
    observations::{broadcast, record},
    tls::SecureGate,
};

#[expect(clippy::print_stderr, reason = "a test that did not run says so")]
/// The Python that has the clients; `None`, said plainly, where there is none outside of CI.
pub fn python() -> Option<OsString> {
    let python = std::env::var_os("TIDEGATE_PYTHON");
    if python.is_none() {
        let missing = "TIDEGATE_PYTHON names no Python with the clients; ./test installs one";
        assert!(std::env::var_os("CI").is_none(), "{missing}");
        eprintln!("not tested: {missing}");
    }
    python
}

/// Runs a script of `tests/clients` to its end.
async fn run(python: OsString, script: &str, arguments: Vec<String>) {
    run_with(python, script, arguments, Vec::new()).await;
}

/// The same, with more in its environment.
async fn run_with(python: OsString, script: &str, arguments: Vec<String>, variables: Vec<(&'static str, String)>) {
    let script = format!("{}/tests/clients/{script}", env!("CARGO_MANIFEST_DIR"));
    let run = tokio::task::spawn_blocking(move || {
        let mut command = std::process::Command::new(python);
        command.arg(script).args(arguments).envs(variables).output()
    });
    let output = run.await.unwrap().unwrap();
    let (said, complained) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{said}{complained}");
}

#[tokio::test(flavor = "multi_thread")]
async fn weatherflow4py_reads_stations_observations_forecast_and_refusals() {
    let Some(python) = python() else { return };
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let (station, device) = gate.station("ann", "ST-00000001");
    let sent = broadcast("ST-00000001", vec![record(START_MS / 1000 - 60, 21.5)]);
    let relayed = gate
        .send(Ask::post("/swd/rest/observations").token(&ann).json(&sent))
        .await;
    assert_eq!(relayed.status, StatusCode::OK, "{}", relayed.text());
    let base = format!("http://{}/swd/rest", gate.address());
    run(
        python,
        "weatherflow.py",
        vec![base, ann, station.to_string(), device.to_string()],
    )
    .await;
}

// docs/platforms/tempest.md#clients: with a 429 at the handshake this client backs off; told so on the socket it made
// 1,509 in 3 s.
#[tokio::test(flavor = "multi_thread")]
async fn weatherflow4pys_socket_listens_receives_meets_the_cap_and_backs_off() {
    let Some(python) = python() else { return };
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let (_, device) = gate.station("ann", "ST-00000001");
    let (address, admin) = (gate.address().to_string(), gate.app.admin.to_string());
    let arguments = vec![address, ann, device.to_string(), admin, gate.admin_token.clone()];
    run(python, "weatherflow_socket.py", arguments).await;
}

// docs/platforms/tempest.md#clients: a client passes over types of message that it does not know.
#[tokio::test(flavor = "multi_thread")]
async fn weatherflow4pys_socket_is_none_the_worse_for_warnings() {
    let Some(python) = python() else { return };
    // Its first device is the last it may listen to, and its last socket is one of those that are warned.
    let page = include_str!("../../../../presets/tempest.toml")
        .replace("resources_max = 100", "resources_max = 1, warnings = true")
        .replace("slots = 10", "slots = 4");
    let gate = Gate::of_text(&page).await;
    let ann = gate.user("ann");
    let (_, device) = gate.station("ann", "ST-00000001");
    let (address, admin) = (gate.address().to_string(), gate.app.admin.to_string());
    let arguments = vec![address, ann, device.to_string(), admin, gate.admin_token.clone()];
    run(python, "weatherflow_socket.py", arguments).await;
    let metrics = gate.admin(Ask::get("/metrics")).await.text();
    let told = "tidegate_limit_warnings_total{limit=\"websockets-per-user\"} 1";
    assert!(metrics.lines().any(|line| line == told), "{metrics}");
}

// docs/platforms/tempest.md#clients: this client takes its address from the environment and speaks https alone.
#[tokio::test(flavor = "multi_thread")]
async fn tempestwx_reads_stations_observations_and_refusals_over_tls() {
    let Some(python) = python() else { return };
    let gate = SecureGate::start().await;
    let ann = gate.user("ann");
    let (station, device) = gate.station("ann", "ST-00000001");
    let variables = vec![
        (
            "TEMPEST_API_URI",
            format!("https://localhost:{}/swd/rest", gate.address().port()),
        ),
        ("TEMPEST_ACCESS_TOKEN", ann),
        ("SSL_CERT_FILE", gate.issuer_file.clone()),
    ];
    let arguments = vec![station.to_string(), device.to_string()];
    run_with(python, "tempestwx_tls.py", arguments, variables).await;
}
