//! The cache: answers that are kept for a short while and given again, to the same caller and to nobody else.
//!
//! ```text
//! take_turn ─► kept and fresh ─────────────────────────────► Turn::Answered
//!           ─► somebody asks the same: wait for them ──────► Turn::Answered | Turn::Failed
//!           ─► nobody does ─► Turn::Onwards(Keeper) ─► upstream ─► Keeper::keep: kept, and told to those who wait
//! ```
//!
//! What may be kept, and for how long, is [`tidegate_core::freshness`].

mod change;
mod flight;
mod keeper;
mod key;
mod record;
mod shelf;
pub(crate) mod status;
mod stored;

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

use crate::{body::Body, bounds, upstream::fault::Fault};
use change::Change;
use flight::{Ended, Lead};
use keeper::{Asked, Keeper};
use key::Keys;
use shelf::{Join, Look, Shelf};
use status::{Fate, Outcome, Why};
use stored::Stored;

/// The cache of one gateway.
#[derive(Debug)]
pub(crate) struct Cache {
    keys: Keys,
    shelf: Mutex<Shelf>,
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

/// What comes of a request at the cache.
pub(crate) enum Turn {
    /// It is answered.
    Answered(Response<Body>, Outcome),
    /// Whoever asked the same got no answer.
    Failed(Fault),
    /// It goes on, and its answer comes back here.
    Onwards(Keeper),
}

/// What a look for an answer found.
enum Found {
    Answer(Arc<Stored>, Outcome),
    Failed(Fault),
    Lead(Lead, Why),
    Alone(Why),
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
            shelf: Mutex::new(Shelf::new(bounds)),
            recording: AtomicUsize::new(0),
            bounds,
        }
    }

    /// Lets go of answers that are not fresh any more. Called now and then.
    pub(crate) fn sweep(&self, now: Now) {
        self.shelf.lock().sweep(now);
    }

    /// Looks for an answer, waits for one that is on its way, or takes the lead.
    async fn find(self: &Arc<Cache>, asked: &Asked, wish: Wish, clock: &Clock) -> Found {
        loop {
            let now = clock.now();
            let (joined, flight_key, why) = {
                let mut shelf = self.shelf.lock();
                let why = match shelf.look(&self.keys, asked.key, &asked.headers, wish, now) {
                    Look::Fresh(stored) => {
                        let left = stored.left(now);
                        return Found::Answer(stored, Outcome::Hit { left });
                    }
                    Look::Missing(why, _) => why,
                };
                // Whoever wants it fresher than it is kept wants no answer that was asked for before, either.
                if wish.is_anew() || why == Why::Request {
                    return Found::Alone(Why::Request);
                }
                let flight_key = shelf.flight_key(&self.keys, asked.key, &asked.headers);
                (shelf.join(flight_key, asked.tags.clone()), flight_key, why)
            };
            let ended = match joined {
                Join::Lead(flight) => return Found::Lead(Lead::new(self.clone(), flight_key, flight), why),
                Join::Crowd => return Found::Crowd,
                Join::Follow(follow) => follow.ended().await,
            };
            match ended {
                Ended::Answered(stored) if stored.is_for(&self.keys, &asked.headers) => {
                    return Found::Answer(stored, Outcome::Collapsed);
                }
                Ended::Answered(_) | Ended::Alone => return Found::Alone(why),
                Ended::Failed(fault) => return Found::Failed(fault),
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
    let keeper = |outcome, head: &Parts| {
        Turn::Onwards(Keeper {
            cache: cache.clone(),
            outcome,
            change: Change::of(cache, plan, context, head),
            asked: None,
        })
    };
    let (Some(rule), Some(route)) = (plan.rule.clone(), &context.route) else {
        return keeper(Outcome::Apart, head);
    };
    let wish = match freshness::wish(&head.method, &head.headers, has_body) {
        Ok(_) if matches!(context.identity, Identity::Invalid(_)) => Err(Bypass::Credential),
        other => other,
    };
    let wish = match wish {
        Ok(wish) => wish,
        Err(why) => return keeper(Outcome::Bypass(why), head),
    };
    let key = cache.keys.answer(head, context);
    let look = cache.shelf.lock().look(&cache.keys, key, &head.headers, wish, now);
    let stale = match look {
        Look::Fresh(stored) => {
            let outcome = Outcome::Hit { left: stored.left(now) };
            return Turn::Answered(stored.answer(&head.method, &head.headers, now), outcome);
        }
        // HEAD is answered from what GET was answered, and leaves nothing itself.
        Look::Missing(why, _) if head.method == Method::HEAD => return keeper(Outcome::Miss(why, Fate::Open), head),
        Look::Missing(_, stale) => stale,
    };
    let mut asked = Asked::new(cache, key, rule, route, context, head, now);
    let finding = tokio::time::timeout(cache.bounds.wait_max, cache.find(&asked, wish, clock));
    let why = match Box::pin(finding).await.unwrap_or(Found::Alone(Why::None)) {
        Found::Answer(stored, outcome) => {
            let answer = stored.answer(&head.method, &head.headers, clock.now());
            return Turn::Answered(answer, outcome);
        }
        Found::Failed(fault) => return Turn::Failed(fault),
        Found::Crowd => return keeper(Outcome::Bypass(Bypass::Crowd), head),
        Found::Alone(why) => why,
        Found::Lead(lead, why) => {
            asked.begun = lead.begun();
            asked.lead = Some(lead);
            why
        }
    };
    // The whole answer is asked for, so that it can be kept; whether the caller has it already is said here.
    head.headers.remove(IF_NONE_MATCH);
    head.headers.remove(IF_MODIFIED_SINCE);
    if let Some(stale) = stale {
        stale.ask_about(&mut head.headers);
        asked.stale = Some(stale);
    }
    Turn::Onwards(Keeper {
        cache: cache.clone(),
        outcome: Outcome::Miss(why, Fate::Open),
        change: None,
        asked: Some(Box::new(asked)),
    })
}

#[cfg(test)]
mod tests;
