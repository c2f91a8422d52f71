//! The cache: answers that are kept for a short while and given again, to the same caller and to nobody else.
//!
//! ```text
//! take_turn ─► kept and fresh ─────────────────────────────► Turn::Answered
//!           ─► somebody asks the same: wait for them ──────► Turn::Answered | Turn::Failed
//!           ─► nobody does ─► Turn::Forward(Recorder) ─► upstream ─► Recorder::keep: kept, and told to those who wait
//! ```
//!
//! The rules about what may be kept, and for how long, are [`tidegate_core::freshness`].

mod change;
mod in_flight;
mod key;
mod recorder;
mod recording;
pub(crate) mod status;
mod store;
mod stored_answer;

use std::{
    sync::{Arc, atomic::AtomicUsize},
    time::Duration,
};

use http::{
    Method, Response,
    header::{IF_MODIFIED_SINCE, IF_NONE_MATCH},
    request::Parts,
};
use parking_lot::Mutex;
use tidegate_core::{
    freshness::{self, Bypass, Wish},
    identity::Identity,
    time::Now,
};
use tidegate_engine::clock::Clock;
use tidegate_gate::{CachePlan, RequestContext};

use crate::{body::Body, bounds, upstream_fault::UpstreamFault};
use change::Change;
use in_flight::{Ended, Lead};
use key::Keys;
use recorder::{CacheableRequest, Recorder};
use status::{MissReason, Outcome, Storing};
use store::{Joined, Lookup, Store};
use stored_answer::StoredAnswer;

/// The cache of one gateway.
#[derive(Debug)]
pub(crate) struct Cache {
    keys: Keys,
    store: Mutex<Store>,
    /// Bytes of answers that are being taken down.
    recording: AtomicUsize,
    bounds: Bounds,
}

#[derive(Clone, Copy, Debug)]
struct Bounds {
    bytes_max: usize,
    answers_max: usize,
    body_bytes_max: usize,
    followers_max: usize,
    wait_max: Duration,
}

/// The outcome of a request's turn at the cache.
pub(crate) enum Turn {
    /// It is answered.
    Answered(Response<Body>, Outcome),
    /// Whoever asked the same got no answer.
    Failed(UpstreamFault),
    /// It goes on, and its answer comes back here.
    Forward(Recorder),
}

/// The outcome of a search for an answer.
enum Collapsing {
    Answer(Arc<StoredAnswer>, Outcome),
    Failed(UpstreamFault),
    Lead(Lead, MissReason),
    Alone(MissReason),
    Crowd,
}

impl Cache {
    pub(crate) fn new(bounds: &bounds::Bounds) -> Cache {
        let bounds = Bounds {
            bytes_max: bounds.cache_bytes_max,
            answers_max: bounds.cache_answers_max,
            body_bytes_max: bounds.cache_body_bytes_max,
            followers_max: bounds.cache_followers_max,
            wait_max: bounds.cache_wait_max,
        };
        Cache {
            keys: Keys::new(),
            store: Mutex::new(Store::new(bounds)),
            recording: AtomicUsize::new(0),
            bounds,
        }
    }

    /// Lets go of answers that are not fresh any more. Called now and then.
    pub(crate) fn sweep(&self, now: Now) {
        self.store.lock().sweep(now);
    }

    /// Looks for an answer, waits for one that is on its way, or takes the lead.
    async fn find(self: &Arc<Cache>, request: &CacheableRequest, wish: Wish, clock: &Clock) -> Collapsing {
        loop {
            let now = clock.now();
            let (joined, flight_key, why) = {
                let mut store = self.store.lock();
                let why = match store.look(&self.keys, request.key, &request.headers, wish, now) {
                    Lookup::Fresh(stored) => {
                        let left = stored.left(now);
                        return Collapsing::Answer(stored, Outcome::Hit { left });
                    }
                    Lookup::Missing(why, _) => why,
                };
                // Whoever wants it fresher than it is kept wants no answer that was asked for before, either.
                if wish.is_anew() || why == MissReason::Request {
                    return Collapsing::Alone(MissReason::Request);
                }
                let flight_key = store.flight_key(&self.keys, request.key, &request.headers);
                (store.join(flight_key, request.tags.clone()), flight_key, why)
            };
            let ended = match joined {
                Joined::Lead(flight) => return Collapsing::Lead(Lead::new(self.clone(), flight_key, flight), why),
                Joined::Crowd => return Collapsing::Crowd,
                Joined::Follow(follow) => follow.ended().await,
            };
            match ended {
                Ended::Answered(stored) if stored.is_for(&self.keys, &request.headers) => {
                    return Collapsing::Answer(stored, Outcome::Collapsed);
                }
                Ended::Answered(_) | Ended::Alone => return Collapsing::Alone(why),
                Ended::Failed(fault) => return Collapsing::Failed(fault),
                // One of those who waited takes the lead, and the others wait for that one.
                Ended::Left => {}
            }
        }
    }
}

/// Takes a request's turn at the cache. What is answered here has gone to no upstream.
pub(crate) async fn take_turn(
    cache: &Arc<Cache>,
    clock: &Clock,
    plan: &CachePlan,
    context: &RequestContext,
    head: &mut Parts,
    has_body: bool,
    now: Now,
) -> Turn {
    let pass = |outcome, head: &Parts| {
        Turn::Forward(Recorder {
            cache: cache.clone(),
            outcome,
            change: Change::of(cache, plan, context, head),
            request: None,
        })
    };
    let (Some(rule), Some(route)) = (plan.rule.clone(), &context.route) else {
        return pass(Outcome::Apart, head);
    };
    let wish = match freshness::wish(&head.method, &head.headers, has_body) {
        Ok(_) if matches!(context.identity, Identity::Invalid(_)) => Err(Bypass::Credential),
        other => other,
    };
    let wish = match wish {
        Ok(wish) => wish,
        Err(why) => return pass(Outcome::Bypass(why), head),
    };
    let key = cache.keys.answer(head, context);
    let look = cache.store.lock().look(&cache.keys, key, &head.headers, wish, now);
    let stale = match look {
        Lookup::Fresh(stored) => {
            let outcome = Outcome::Hit { left: stored.left(now) };
            return Turn::Answered(stored.answer(&head.method, &head.headers, now), outcome);
        }
        // HEAD is answered from what GET was answered, and leaves nothing itself.
        Lookup::Missing(why, _) if head.method == Method::HEAD => return pass(Outcome::Miss(why, Storing::Open), head),
        Lookup::Missing(_, stale) => stale,
    };
    let mut request = CacheableRequest::new(cache, key, rule, route, context, head, now);
    let finding = tokio::time::timeout(cache.bounds.wait_max, cache.find(&request, wish, clock));
    let why = match Box::pin(finding).await.unwrap_or(Collapsing::Alone(MissReason::None)) {
        Collapsing::Answer(stored, outcome) => {
            let answer = stored.answer(&head.method, &head.headers, clock.now());
            return Turn::Answered(answer, outcome);
        }
        Collapsing::Failed(fault) => return Turn::Failed(fault),
        Collapsing::Crowd => return pass(Outcome::Bypass(Bypass::Crowd), head),
        Collapsing::Alone(why) => why,
        Collapsing::Lead(lead, why) => {
            request.begun = lead.begun();
            request.lead = Some(lead);
            why
        }
    };
    // The whole answer is asked for, so that it can be kept; whether the caller has it already is said here.
    head.headers.remove(IF_NONE_MATCH);
    head.headers.remove(IF_MODIFIED_SINCE);
    if let Some(stale) = stale {
        stale.ask_about(&mut head.headers);
        request.stale = Some(stale);
    }
    Turn::Forward(Recorder {
        cache: cache.clone(),
        outcome: Outcome::Miss(why, Storing::Open),
        change: None,
        request: Some(Box::new(request)),
    })
}

#[cfg(test)]
mod tests;
