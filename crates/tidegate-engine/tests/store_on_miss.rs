//! The second admit of a request, against two stores: one that is asked twice, one that is asked at once or not at all.

use std::time::Duration;

use proptest::prelude::*;
use tidegate_core::{
    decide::{Tag, Take},
    limit::{Period, Quantity},
    partition::{CellId, Partitioner},
    time::Now,
};
use tidegate_engine::store::Store;

const MINUTE: Duration = Duration::from_secs(60);
const LIMITS: [Quantity; 4] = [
    Quantity::Rate {
        quota: 6,
        burst: 8,
        window: MINUTE,
    },
    Quantity::Sliding {
        quota: 5,
        window: MINUTE,
    },
    Quantity::Quota {
        quota: 7,
        period: Period::Minute,
    },
    Quantity::Rate {
        quota: 60,
        burst: 3,
        window: MINUTE,
    },
];
const USERS: usize = 2;

#[derive(Clone, Debug)]
struct Asked {
    by_ms: u64,
    edge: Vec<(usize, usize)>,
    miss: Vec<(usize, usize)>,
    hits: bool,
}

fn take((limit, user): (usize, usize), place: u8) -> Take {
    let cell: CellId = Partitioner::new([1; 16]).cell([[place, limit as u8, user as u8].as_slice()]);
    Take {
        cell,
        tag: Tag {
            limit: limit as u64,
            user: None,
        },
        quantity: LIMITS[limit],
        cost: 1,
        shadow: false,
        subkey: None,
    }
}

fn asked() -> impl Strategy<Value = Asked> {
    let takes = || prop::collection::vec((0..LIMITS.len(), 0..USERS), 0..4);
    (0..20_000_u64, takes(), takes(), prop::bool::weighted(0.3)).prop_map(|(by_ms, edge, miss, hits)| Asked {
        by_ms,
        edge,
        miss,
        hits,
    })
}

fn standings(store: &Store, now: Now) -> Vec<u64> {
    let all = (0..LIMITS.len()).flat_map(|limit| (0..USERS).map(move |user| (limit, user)));
    let takes = all.flat_map(|one| {
        [0, 1].map(|place| Take {
            cost: 0,
            ..take(one, place)
        })
    });
    let takes: Vec<_> = takes.collect();
    store
        .peek(&takes, now)
        .outcomes
        .iter()
        .map(|outcome| outcome.standing.remaining)
        .collect()
}

proptest! {
    // docs/semantics.md rule 7
    #[test]
    fn a_refusal_on_a_miss_leaves_everything_as_if_nobody_had_asked(trace in prop::collection::vec(asked(), 1..60)) {
        let (twice, once) = (Store::new(6_400, 10), Store::new(6_400, 10));
        let mut now = Now { mono_ns: 1_000_000_000_000, wall_ms: 1_795_348_800_000 };
        for Asked { by_ms, edge, miss, hits } in trace {
            now = Now { mono_ns: now.mono_ns + by_ms * 1_000_000, wall_ms: now.wall_ms + by_ms as i64 };
            let edge: Vec<_> = edge.into_iter().map(|one| take(one, 0)).collect();
            let miss: Vec<_> = miss.into_iter().map(|one| take(one, 1)).collect();
            let first = twice.charge(&edge, now);
            let both = [&edge[..], &miss[..]].concat();
            if first.verdict.admitted && !hits {
                let second = twice.charge_over(&first.charges, &miss, now);
                prop_assert_eq!(second.verdict.admitted, once.charge(&both, now).verdict.admitted);
            } else {
                prop_assert_eq!(first.verdict.admitted, once.charge(&edge, now).verdict.admitted);
            }
            prop_assert_eq!(standings(&twice, now), standings(&once, now));
        }
    }
}

#[test]
fn nobody_sees_a_refusal_on_a_miss_without_what_it_gave_back() {
    let store = Store::new(6_400, 10);
    let now = Now {
        mono_ns: 1_000_000_000_000,
        wall_ms: 1_795_348_800_000,
    };
    // The limit on misses is spent; the edge has room for one request beside those that are refused.
    let (edge, miss) = (take((2, 0), 0), take((3, 0), 1));
    (0..3).for_each(|_| assert!(store.take(&[miss], now).admitted));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..2_000 {
                    let first = store.charge(&[edge], now);
                    assert!(first.verdict.admitted, "four at once never fill seven");
                    assert!(!store.charge_over(&first.charges, &[miss], now).verdict.admitted);
                }
            });
        }
    });
    let look = Take { cost: 0, ..edge };
    assert_eq!(store.peek(&[look], now).outcomes[0].standing.used, 0);
}
