use http::Request;
use tidegate_core::overrides::Overrides;
use tidegate_engine::{clock::Clock, engine, snapshot::Current};

use super::*;
use crate::{
    authority::NoAccounts,
    route_match::tests::{STATIONS, policy},
    stream_catalog::NoStreams,
};

fn gate() -> Gate {
    let bounds = engine::Bounds {
        cells_max: 100,
        leases_max: 10,
        sockets_max: 10,
    };
    let current = Current::new(policy(), Overrides::default());
    let engine = Arc::new(Engine::new(Clock::manual(1_795_305_600_000), current, [7; 16], bounds));
    let bounds = Bounds {
        body_bytes_max: 1_000,
        describe_wait_max: Duration::from_secs(1),
    };
    Gate::new(engine, Arc::new(NoAccounts), Arc::new(NoStreams), bounds)
}

async fn decide(gate: &Gate, path: &str, change: impl FnOnce(&mut Head<'_>)) -> Decision {
    let request = Request::get(path).header("host", "api.example").body(()).unwrap();
    let (mut parts, ()) = request.into_parts();
    let received = gate.receive(Peer::Ip([192, 0, 2, 1].into()), &mut parts);
    let mut head = Head::new(&parts);
    change(&mut head);
    gate.decide(&received, &head).await
}

fn refused(decision: Decision) -> Box<Refused> {
    decision.map(|admitted| admitted.destination).unwrap_err()
}

#[tokio::test]
async fn without_a_place_nothing_is_read_and_nothing_charged() {
    let gate = gate();
    let refused = refused(decide(&gate, "/swd/rest/none", |head| head.has_place = false).await);
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.context.dialect, STATIONS);
    assert!(refused.context.fields.is_none() && refused.retry_after_s().is_some());
}

#[tokio::test]
async fn an_unmatched_path_is_404_until_its_limit_is_used_up() {
    let gate = gate();
    for _ in 0..60 {
        let refused = refused(decide(&gate, "/none", |_| {}).await);
        assert_eq!(refused.status(), StatusCode::NOT_FOUND);
        assert!(refused.context.fields.is_some() && refused.cells.is_empty());
    }
    let refused = refused(decide(&gate, "/none", |_| {}).await);
    assert_eq!(refused.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!((refused.cells.len(), refused.open_sockets.len()), (1, 0));
}

#[tokio::test]
async fn a_refusal_is_data_and_is_recorded_under_its_name() {
    let gate = gate();
    let refused = refused(decide(&gate, "/swd/rest/stations", |_| {}).await);
    assert_eq!(
        (refused.status(), refused.challenge(), refused.ends_connection()),
        (StatusCode::UNAUTHORIZED, Some("Bearer"), false)
    );
    let (mut parts, ()) = Request::get("/swd/rest/stations?token=secret")
        .body(())
        .unwrap()
        .into_parts();
    let received = gate.receive(Peer::Ip([192, 0, 2, 1].into()), &mut parts);
    let decision = gate.decision_id(&refused);
    gate.record_refusal(decision, *refused, &RequestLine::of(&parts), &received);
    let known = gate.engine.refusals.get(decision).unwrap();
    assert_eq!((&*known.request, known.status), ("GET /swd/rest/stations", 401));
}

#[tokio::test]
async fn the_callers_pages_are_admitted_with_the_fields_of_their_guard() {
    let gate = gate();
    let admitted = decide(&gate, "/limits/me", |_| {}).await.unwrap();
    assert!(matches!(admitted.destination, Destination::Pages) && admitted.matched == RouteMatch::Pages);
    assert!(admitted.context.fields.is_some() && admitted.ticket.fields().is_none());
}
