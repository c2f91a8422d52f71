//! Decides requests by a limits page and prints the refusal: `cargo run -p tidegate-gate --example decide`.
#![expect(clippy::print_stdout, reason = "a decision is printed")]

use std::{error::Error, sync::Arc, time::Duration};

use tidegate_config::extensions::ConfigExtensions;
use tidegate_core::{overrides::Overrides, peer::Peer};
use tidegate_engine::{clock::Clock, engine, engine::Engine, snapshot::Current};
use tidegate_gate::{Bounds, Gate, Head, NoAccounts, NoStreams};

const PAGE: &str = r#"
upstream = "http://127.0.0.1:9000"
identity.required = false
route.feed.match = "GET /api/feed"
limit.feed-per-address = { on = "feed", per = "ip", rate = "1 per minute" }
"#;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let config = tidegate_config::parse("page.toml", PAGE, &ConfigExtensions::NONE)?;
    let current = Current::new(config.policy, Overrides::default());
    let (clock, bounds) = (Clock::system(), engine::Bounds::default());
    let engine = Arc::new(Engine::new(clock, current, [7; 16], bounds));
    let bounds = Bounds {
        body_bytes_max: 1_000_000,
        describe_wait_max: Duration::from_secs(1),
    };
    let gate = Gate::new(engine, Arc::new(NoAccounts), Arc::new(NoStreams), bounds);
    for _ in 0..2 {
        let request = http::Request::get("/api/feed").header("host", "api.example").body(())?;
        let mut head = request.into_parts().0;
        let received = gate.receive(Peer::Unix, &mut head);
        match gate.decide(&received, &Head::new(&head)).await {
            Ok(admitted) => println!("admitted on {:?}", admitted.context.route),
            Err(refused) => println!("{} {}", refused.status(), refused.refusal.sentence()),
        }
    }
    Ok(())
}
