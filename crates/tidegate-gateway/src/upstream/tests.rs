use tidegate_core::{
    credential::Place,
    dialect::PROBLEM,
    identity::{IdentityRules, Source},
    overrides::Overrides,
    policy::{LimitIndex, Page, Policy},
};
use tidegate_engine::{
    clock::Clock,
    engine::{self, Engine},
    snapshot::Current,
};

use super::*;

fn policy(upstream: &Upstream) -> Policy {
    Policy {
        pages: vec![Page {
            name: "api".into(),
            identity: IdentityRules {
                read: vec![Place::Bearer],
                cookie_yields: false,
                app_acts_alone: false,
                sources: vec![Source::Own],
            },
            dialect: PROBLEM,
            upstream: upstream.clone(),
        }],
        routes: Vec::new(),
        limits: Vec::new(),
        unmatched: None,
        guard: LimitIndex(0),
        payload_limits: Vec::new(),
        pages_prefix: "/limits".into(),
        pages_login: Vec::new(),
        tenants: Default::default(),
        trust: None,
    }
}

#[tokio::test]
async fn after_a_reload_the_upstreams_it_names_are_kept_and_checked_and_others_let_go() {
    let [old, new] = ["http://old.internal", "http://new.internal"].map(|url| Upstream::server(url.parse().unwrap()));
    let bounds = engine::Bounds {
        cells_max: 1_024,
        leases_max: 10,
        sockets_max: 10,
    };
    let current = Current::new(policy(&old), Overrides::default());
    let engine = Arc::new(Engine::new(Clock::manual(0), current, [7; 16], bounds));
    let upstreams = Upstreams::new(engine.clone(), &Bounds::default());
    let named = || -> Vec<String> {
        let groups = upstreams.groups.read();
        groups.iter().map(|named| named.remote.to_string()).collect()
    };
    upstreams.sweep();
    assert_eq!(named(), ["http://old.internal/"]);
    engine.current.set_policy(policy(&new));
    let Upstream::Remote(remote) = &old else { return };
    let at_work = upstreams.group(remote).unwrap();
    upstreams.sweep();
    assert_eq!(named().len(), 2, "what is in use goes on");
    drop(at_work);
    upstreams.sweep();
    assert_eq!(named(), ["http://new.internal/"]);
}
