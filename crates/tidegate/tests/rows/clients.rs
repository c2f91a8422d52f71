//! Other people's clients, unmodified but for their base address.

use http::StatusCode;

use crate::{
    gate::{Ask, Gate, START_MS},
    observations::{broadcast, record},
};

#[tokio::test(flavor = "multi_thread")]
async fn weatherflow4py_reads_stations_observations_forecast_and_refusals() {
    let Some(python) = std::env::var_os("TIDEGATE_PYTHON") else {
        assert!(
            std::env::var_os("CI").is_none(),
            "TIDEGATE_PYTHON names no Python with weatherflow4py; ./test installs one"
        );
        eprintln!("not tested: TIDEGATE_PYTHON names no Python with weatherflow4py; ./test installs one");
        return;
    };
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let (station, device) = gate.station("ann", "ST-00000001");
    let sent = broadcast("ST-00000001", vec![record(START_MS / 1000 - 60, 21.5)]);
    let relayed = gate
        .send(Ask::post("/swd/rest/observations").token(&ann).json(&sent))
        .await;
    assert_eq!(relayed.status, StatusCode::OK, "{}", relayed.text());

    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/weatherflow.py");
    let base = format!("http://{}/swd/rest", gate.address());
    let arguments = [base, ann, station.to_string(), device.to_string()];
    let run =
        tokio::task::spawn_blocking(move || std::process::Command::new(python).arg(script).args(arguments).output());
    let output = run.await.unwrap().unwrap();
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
