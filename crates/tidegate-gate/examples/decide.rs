//! Decides requests by a policy and prints the refusal: `cargo run -p tidegate-gate --example decide`.
#![expect(clippy::print_stdout, reason = "a decision is printed")]

#[path = "support/policy.rs"]
mod policy;

use std::{error::Error, net::IpAddr, sync::Arc, time::Duration};

use tidegate_core::{overrides::Overrides, peer::Peer};
use tidegate_engine::{clock::Clock, engine, engine::Engine, snapshot::Current};
use tidegate_gate::{Bounds, Gate, Head, NoAccounts, NoStreams};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // The policy comes from text here: `tidegate_config::parse(…)?` takes the place of the helper.
    let policy = policy::one_request_a_minute();
    let bounds = engine::Bounds {
        cells_max: 1_000,
        leases_max: 10,
        sockets_max: 10,
    };
    let current = Current::new(policy, Overrides::default());
    let engine = Arc::new(Engine::new(Clock::system(), current, [7; 16], bounds));
    let bounds = Bounds {
        body_bytes_max: 1_000_000,
        describe_wait_max: Duration::from_secs(1),
    };
    let gate = Gate::new(engine, Arc::new(NoAccounts), Arc::new(NoStreams), bounds);
    for _ in 0..2 {
        let request = http::Request::get("/api/feed").header("host", "api.example");
        let (mut head, ()) = request.body(())?.into_parts();
        let received = gate.receive(Peer::Ip(IpAddr::from([192, 0, 2, 1])), &mut head);
        match gate.decide(&received, &Head::new(&head)).await {
            Ok(admitted) => println!("admitted, to {:?}", admitted.destination),
            Err(refused) => println!("{}: {}", refused.status(), refused.refusal.sentence()),
        }
    }
    Ok(())
}
