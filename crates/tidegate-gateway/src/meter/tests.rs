use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    task::Waker,
};

use http::StatusCode;
use proptest::prelude::*;
use tidegate_core::{
    dialect::PROBLEM,
    identity::{Identity, Known},
    overrides::Overrides,
    usage::Sums,
};
use tidegate_engine::{clock::Clock, engine, snapshot::Current};

use super::*;

/// 2026-11-30T23:59:59.000Z.
const LATE_MS: i64 = 1_796_083_199_000;

fn engine() -> Arc<Engine> {
    let policy = crate::task::policy("http://127.0.0.1:1");
    let bounds = engine::Bounds {
        cells_max: 10,
        leases_max: 10,
        sockets_max: 10,
    };
    let current = Current::new(policy, Overrides::default());
    Arc::new(Engine::new(Clock::manual(LATE_MS), current, [1; 16], bounds))
}

fn begin(engine: &Arc<Engine>) -> Meter {
    Meter::begin(engine, false)
}

/// All that was recorded.
fn recorded(engine: &Engine) -> Sums {
    let mut sums = Sums::default();
    engine.usage.take().iter().for_each(|entry| sums.add(&entry.sums));
    sums
}

/// The reaction of a body that is asked for its next frame.
#[derive(Clone, Copy, Debug)]
enum Step {
    Gives(u8),
    Waits,
    Breaks,
    Panics,
}

struct Scripted(VecDeque<Step>);

impl HttpBody for Scripted {
    type Data = Bytes;
    type Error = String;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, String>>> {
        match self.0.pop_front() {
            None => Poll::Ready(None),
            Some(Step::Gives(bytes)) => Poll::Ready(Some(Ok(Frame::data(vec![0; bytes.into()].into())))),
            Some(Step::Waits) => Poll::Pending,
            Some(Step::Breaks) => Poll::Ready(Some(Err("broke".into()))),
            Some(Step::Panics) => resume_unwind(Box::new("the body panics")),
        }
    }
}

/// The course of one request.
#[derive(Clone, Debug)]
enum Way {
    /// It is dropped before an answer.
    Left,
    Own(u16),
    Upstream(u16),
}

fn way() -> impl Strategy<Value = Way> {
    prop_oneof![
        1 => Just(Way::Left),
        2 => prop::sample::select(vec![400_u16, 401, 403, 404, 408, 413, 422, 429, 500, 502, 503, 504]).prop_map(Way::Own),
        4 => prop::sample::select(vec![200_u16, 204, 301, 304, 400, 401, 404, 409, 429, 499, 500, 503, 599]).prop_map(Way::Upstream),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => any::<u8>().prop_map(Step::Gives),
        1 => Just(Step::Waits),
        1 => Just(Step::Breaks),
        1 => Just(Step::Panics),
    ];
    prop::collection::vec(step, 0..6)
}

/// Rule 23, as it is written: what a request is to add, and how many frames its client reads before it leaves.
fn model(way: &Way, steps: &[Step], reads: usize) -> Sums {
    let mut sums = Sums::default();
    let (mut bytes, mut broke) = (0, false);
    for step in steps.iter().take(reads) {
        match step {
            Step::Gives(more) => bytes += u64::from(*more),
            Step::Waits => {}
            Step::Breaks | Step::Panics => {
                broke = true;
                break;
            }
        }
    }
    match way {
        Way::Own(status) if *status < 500 || *status == 503 => sums.refused = 1,
        Way::Upstream(status) if *status < 500 && *status != 404 && !broke => {
            sums.transactions = 1;
            sums.bytes_out = bytes;
        }
        Way::Left | Way::Own(_) | Way::Upstream(_) => sums.unbilled = 1,
    }
    sums
}

fn play(engine: &Arc<Engine>, way: &Way, steps: &[Step], reads: usize) {
    let meter = begin(engine);
    let mut response = Response::new(Body::boxed(Scripted(steps.iter().copied().collect())));
    let response = match way {
        Way::Left => return,
        Way::Own(status) => {
            *response.status_mut() = StatusCode::from_u16(*status).unwrap();
            meter.own(response)
        }
        Way::Upstream(status) => {
            *response.status_mut() = StatusCode::from_u16(*status).unwrap();
            meter.upstream(response)
        }
    };
    let mut body = response.into_body();
    // The runtime drops a body that panics while it unwinds.
    let _ = catch_unwind(AssertUnwindSafe(move || {
        let mut context = Context::from_waker(Waker::noop());
        for _ in 0..reads {
            if let Poll::Ready(None | Some(Err(_))) = Pin::new(&mut body).poll_frame(&mut context) {
                break;
            }
        }
    }));
}

proptest! {
    // fault 82
    #[test]
    fn random_requests_are_recorded_as_rule_23_says(
        requests in prop::collection::vec((way(), steps(), 0_usize..8), 1..30),
    ) {
        let engine = engine();
        let mut expected = Sums::default();
        for (way, steps, reads) in &requests {
            play(&engine, way, steps, *reads);
            expected.add(&model(way, steps, *reads));
        }
        prop_assert_eq!(engine.usage.open(), 0);
        prop_assert_eq!(engine.usage.begun(), requests.len() as u64);
        prop_assert_eq!(expected.ended(), requests.len() as u64);
        prop_assert_eq!(recorded(&engine), expected);
    }
}

#[test]
fn nothing_is_recorded_of_the_callers_pages() {
    let engine = engine();
    let meter = Meter::begin(&engine, true);
    drop(meter.upstream(Response::new(Body::full("page"))));
    assert!(engine.usage.is_empty() && engine.usage.begun() == 0);
}

#[test]
fn end_is_recorded_with_the_last_frame_and_once() {
    let engine = engine();
    let mut body = begin(&engine).upstream(Response::new(Body::full("hello"))).into_body();
    assert_eq!(engine.usage.open(), 1);
    let mut context = Context::from_waker(Waker::noop());
    assert!(Pin::new(&mut body).poll_frame(&mut context).is_ready());
    let sums = recorded(&engine);
    assert_eq!((sums.transactions, sums.bytes_out, engine.usage.open()), (1, 5, 0));
    let _ = Pin::new(&mut body).poll_frame(&mut context);
    drop(body);
    assert!(engine.usage.is_empty());
}

// fault 79. The month is that of the end, and a clock that steps back moves nothing that is recorded.
#[test]
fn event_is_in_the_month_of_its_end_whatever_the_clock_does_later() {
    let engine = engine();
    let begun_in_november = begin(&engine);
    drop(begin(&engine).upstream(Response::new(Body::empty())));
    engine.clock.advance(std::time::Duration::from_secs(2));
    drop(begun_in_november.upstream(Response::new(Body::empty())));
    engine.clock.step_wall(-60_000);
    drop(begin(&engine).upstream(Response::new(Body::empty())));
    let mut months: Vec<(String, u64)> = engine
        .usage
        .take()
        .iter()
        .map(|entry| (entry.when.month().to_string(), entry.sums.transactions))
        .collect();
    months.sort();
    assert_eq!(months, [("2026-11".to_owned(), 2), ("2026-12".to_owned(), 1)]);
}

#[test]
fn socket_is_one_transaction_with_the_bytes_of_both_directions() {
    let engine = engine();
    let mut meter = begin(&engine);
    let socket = meter.granted();
    drop(meter);
    assert!(engine.usage.is_empty(), "the socket is open");
    socket.relayed(70, 900);
    let sums = recorded(&engine);
    assert_eq!(
        (sums.transactions, sums.bytes_in, sums.bytes_out, sums.ended()),
        (1, 70, 900, 1)
    );
    // One whose client never came: it was granted all the same.
    drop(begin(&engine).granted());
    assert_eq!(recorded(&engine).transactions, 1);
}

#[test]
fn request_is_of_its_token_its_instance_or_nobody() {
    let engine = engine();
    let token = Arc::new(tidegate_core::identity::Token {
        id: "1".into(),
        kind: tidegate_core::identity::TokenKind::Enterprise,
        subject: "key 1".into(),
        user: "ann".into(),
        tenant: "acme".into(),
        plan: None,
        grants: tidegate_core::identity::Grants::All,
        expires_ms: None,
    });
    let mut context = RequestContext::new([127, 0, 0, 1].into(), PROBLEM);
    for (identity, instance, expected) in [
        (Identity::Anonymous, None, (None, None)),
        (Identity::Anonymous, Some("zoo"), (Some("zoo"), None)),
        (
            Identity::Known(Known { token, app: None }),
            None,
            (Some("acme"), Some("ann")),
        ),
    ] {
        (context.identity, context.instance, context.route) = (identity, instance.map(Into::into), Some("feed".into()));
        let mut meter = begin(&engine);
        meter.is_of(&context);
        drop(meter.own(Response::new(Body::empty())));
        let entry = engine.usage.take().remove(0);
        assert_eq!((entry.payer.tenant.as_deref(), entry.payer.user.as_deref()), expected);
        assert_eq!(entry.payer.route.as_deref(), Some("feed"));
    }
}

#[test]
fn samples_of_an_answer_from_inside_are_recorded() {
    let engine = engine();
    let mut response = Response::new(Body::full("stored"));
    response.extensions_mut().insert(Samples(12));
    drop(begin(&engine).upstream(response));
    assert_eq!(recorded(&engine).samples, 12);
}
