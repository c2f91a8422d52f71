//! docs/platforms/tempest.md T1, T2: clients that are processes of their own, killed and frozen.

use std::process::{Child, Command, Stdio};

use tokio_tungstenite::tungstenite;

use crate::{
    gate::Gate,
    socket::{assert_over_the_cap, refused, until_used},
};

/// The address that makes this program a client, when it starts itself.
const CLIENT_OF: &str = "TIDEGATE_TEST_CLIENT_OF";

/// Not a claim: the client process of the test below. It reads for ever, and so answers pings, until somebody ends it.
#[test]
fn the_client_process_of_the_test_below() {
    let Ok(url) = std::env::var(CLIENT_OF) else { return };
    let (mut socket, _) = tungstenite::connect(url).unwrap();
    while socket.read().is_ok() {}
}

/// A client process; killed when the test ends, whatever happens.
struct Client(Child);

impl Client {
    /// Starts one that opens a socket.
    fn open(gate: &Gate, token: &str) -> Client {
        let child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "socket_processes::the_client_process_of_the_test_below",
                "--nocapture",
            ])
            .env(CLIENT_OF, format!("ws://{}/swd/data?token={token}", gate.address()))
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        Client(child)
    }

    fn signal(&self, name: &str) {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const PINGING_OFTEN: &str =
    "include = [\"preset:tempest\"]\nunmatched = \"anonymous-per-ip\"\n[server]\nping_interval_s = 1\n";

#[tokio::test(flavor = "multi_thread")]
async fn killed_and_frozen_clients_give_their_slots_back_and_the_others_keep_theirs() {
    let gate = Gate::of_text(PINGING_OFTEN).await;
    let tokens = [gate.user("ann"), gate.token("ann", &[]), gate.token("ann", &[])];
    let mut clients: Vec<Client> = Vec::new();
    for round in 0..3 {
        while clients.len() < 10 {
            clients.push(Client::open(&gate, &tokens[clients.len() % 3]));
        }
        until_used(&gate, "ann", 10).await;
        assert_over_the_cap(&refused(&gate, &tokens[round % 3]).await);
        // The kernel closes for whoever is killed; whoever is frozen is found by the pings nobody answers.
        for (n, client) in clients[..6].iter().enumerate() {
            client.signal(if n % 2 == 0 { "-KILL" } else { "-STOP" });
        }
        until_used(&gate, "ann", 4).await;
        clients.drain(..6);
    }
    // Those that answer were open all along, for longer than any silence is borne.
    tokio::time::timeout(std::time::Duration::from_secs(4), until_used(&gate, "ann", 3))
        .await
        .expect_err("four stay");
}
