//! Hub broadcasts over UDP.

use http::StatusCode;
use tokio::net::UdpSocket;

use crate::{
    gate::{Gate, START_MS},
    observations::{broadcast, record},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_hubs_broadcast_is_read_back_over_rest_and_a_strangers_is_not_taken() {
    let gate = Gate::start().await;
    let ann = gate.user("ann");
    let (station, _) = gate.station("ann", "ST-00000001");
    let hub = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    hub.connect(gate.app.udp.unwrap()).await.unwrap();
    for datagram in [
        "not json".to_owned(),
        broadcast("ST-99999999", vec![record(START_MS / 1000, 1.0)]).to_string(),
        "x".repeat(60_000),
        broadcast("ST-00000001", vec![record(START_MS / 1000, 19.25)]).to_string(),
    ] {
        hub.send(datagram.as_bytes()).await.unwrap();
    }
    // Datagrams have no answer, so the only sign of arrival is the reading; an enterprise key of many calls is not
    // needed, as a pardon costs nothing.
    for _ in 0..2_000 {
        let latest = gate
            .get(&format!("/swd/rest/observations/station/{station}"), &ann)
            .await;
        if latest.status == StatusCode::TOO_MANY_REQUESTS {
            gate.run(&["pardon", "--user", "ann"]);
            continue;
        }
        if let Some(temperature) = latest.json()["obs"][0]["air_temperature"].as_f64() {
            assert_eq!(temperature, 19.25);
            return;
        }
    }
    panic!("the broadcast never arrived");
}
