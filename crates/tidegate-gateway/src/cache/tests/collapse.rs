//! Equal requests at once: one of them asks.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::{sync::Semaphore, task::JoinHandle};

use super::*;

/// An upstream that answers each call only when told, and counts them.
struct Upstream {
    calls: AtomicUsize,
    /// The task that made the last of them.
    caller: Mutex<Option<tokio::task::Id>>,
    gate: Semaphore,
}

type Told = Result<(String, Outcome), UpstreamFault>;
type Says = fn(usize) -> Result<Response<Body>, UpstreamFault>;

impl Upstream {
    fn new() -> Arc<Upstream> {
        Arc::new(Upstream {
            calls: AtomicUsize::new(0),
            caller: Mutex::default(),
            gate: Semaphore::new(0),
        })
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// One request, and what it is told.
    async fn ask(self: Arc<Upstream>, cache: Arc<Cache>, says: Says) -> Told {
        let (mut head, clock) = (head("GET", "/a", &[]), Clock::manual(START.wall_ms));
        let seen = context("read", None);
        match take_turn(&cache, &clock, &plan(), &seen, &mut head, false, START).await {
            Turn::Answered(response, outcome) => Ok((text(response).await, outcome)),
            Turn::Failed(fault) => Err(fault),
            Turn::Forward(recorder) => {
                let sending = async {
                    *self.caller.lock() = tokio::task::try_id();
                    let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
                    self.gate.acquire().await.unwrap().forget();
                    says(call)
                };
                let (answered, outcome) = recorder.keep(sending).await;
                Ok((text(answered?).await, outcome))
            }
        }
    }

    async fn called(&self, times: usize) {
        while self.calls() < times {
            tokio::task::yield_now().await;
        }
    }
}

fn told(call: usize) -> Result<Response<Body>, UpstreamFault> {
    Ok(answer(&call.to_string(), &[]))
}

/// Starts a number of requests at once, each up to where it waits.
async fn crowd(upstream: &Arc<Upstream>, cache: &Arc<Cache>, count: usize, says: Says) -> Vec<JoinHandle<Told>> {
    let mut tasks = Vec::new();
    for _ in 0..count {
        tasks.push(tokio::spawn(upstream.clone().ask(cache.clone(), says)));
        tokio::task::yield_now().await;
    }
    tasks
}

// fault 76
#[tokio::test]
async fn a_thousand_equal_misses_are_one_call_and_one_answer() {
    let (upstream, cache) = (Upstream::new(), cache_of(|_| {}));
    let tasks = crowd(&upstream, &cache, 1_000, told).await;
    upstream.gate.add_permits(1);
    let mut collapsed = 0;
    for task in tasks {
        let (body, outcome) = task.await.unwrap().unwrap();
        assert_eq!(body, "1");
        collapsed += usize::from(outcome == Outcome::Collapsed);
    }
    assert_eq!((upstream.calls(), collapsed), (1, 999));
}

// fault 76
#[tokio::test]
async fn a_failing_upstream_is_called_once_and_all_are_told_and_nothing_is_kept() {
    let breaks: Says = |_| {
        let mut response = answer("broken", &[]);
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        Ok(response)
    };
    for (says, whole) in [(breaks, Some("broken")), (|_| Err(UpstreamFault::Refused), None)] {
        let (upstream, cache) = (Upstream::new(), cache_of(|_| {}));
        let tasks = crowd(&upstream, &cache, 100, says).await;
        upstream.gate.add_permits(1);
        for task in tasks {
            let told = task.await.unwrap();
            assert_eq!(
                told.map(|(body, _)| body),
                whole.map(str::to_owned).ok_or(UpstreamFault::Refused)
            );
        }
        assert_eq!((upstream.calls(), cache.store.lock().holds()), (1, (0, 0)));
    }
}

// fault 76
#[tokio::test]
async fn a_leader_who_leaves_hands_over_and_nobody_is_stuck() {
    let (upstream, cache) = (Upstream::new(), cache_of(|_| {}));
    let mut tasks = crowd(&upstream, &cache, 100, told).await;
    for gone in 1..=3 {
        let caller = *upstream.caller.lock();
        let place = tasks.iter().position(|task| Some(task.id()) == caller).unwrap();
        let leader = tasks.remove(place);
        leader.abort();
        assert!(leader.await.unwrap_err().is_cancelled());
        upstream.called(gone + 1).await;
    }
    assert_eq!(upstream.calls(), 4, "one more for each leader that left");
    upstream.gate.add_permits(1);
    assert_eq!(tasks.len(), 97);
    for task in tasks {
        assert_eq!(task.await.unwrap().unwrap().0, "4");
    }
    assert_eq!(upstream.calls(), 4);
}

#[tokio::test]
async fn an_answer_for_one_alone_lets_the_others_ask_for_themselves_at_once() {
    let (upstream, cache) = (Upstream::new(), cache_of(|_| {}));
    let says: Says = |call| Ok(answer(&call.to_string(), &[("cache-control", "private")]));
    let tasks = crowd(&upstream, &cache, 50, says).await;
    upstream.gate.add_permits(1);
    upstream.called(50).await;
    upstream.gate.add_permits(49);
    let mut bodies = std::collections::HashSet::new();
    for task in tasks {
        bodies.insert(task.await.unwrap().unwrap().0);
    }
    assert_eq!(bodies.len(), 50, "each has its own");
}

// fault 76
#[tokio::test]
async fn one_too_many_asks_alone_and_so_does_whoever_has_waited_long_enough() {
    let (upstream, cache) = (Upstream::new(), cache_of(|bounds| bounds.cache_followers_max = 3));
    let mut tasks = crowd(&upstream, &cache, 10, told).await;
    assert_eq!(upstream.calls(), 1 + 6, "three wait, and six are too many");
    // Nobody has to let time pass: here they wait for none.
    let impatient = cache_of(|bounds| bounds.cache_wait_max = Duration::ZERO);
    tasks.extend(crowd(&upstream, &impatient, 10, told).await);
    upstream.called(7 + 10).await;
    upstream.gate.add_permits(20);
    for task in tasks {
        task.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn who_asks_after_a_change_is_not_told_what_was_asked_for_before() {
    let (upstream, cache) = (Upstream::new(), cache_of(|_| {}));
    let before = crowd(&upstream, &cache, 2, told).await;
    cache.store.lock().change([cache.keys.path("gate", "/a")]);
    let after = crowd(&upstream, &cache, 2, told).await;
    upstream.gate.add_permits(2);
    for (tasks, body) in [(before, "1"), (after, "2")] {
        for task in tasks {
            assert_eq!(task.await.unwrap().unwrap().0, body);
        }
    }
    assert_eq!(
        get(&cache, "/a", START, "3").await,
        "2",
        "what was asked for before was not kept"
    );
}
