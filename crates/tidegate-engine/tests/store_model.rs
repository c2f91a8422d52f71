//! The store against a plain map: the same answers over random traces of limits and callers.

use std::{collections::HashMap, time::Duration};

use proptest::prelude::*;
use tidegate_core::{
    cell::Fit,
    decide::{Tag, Take},
    limit::Quantity,
    partition::{CellId, Partitioner},
    time::Now,
};
use tidegate_engine::store::Store;

/// Limits whose units come back after whole milliseconds, so that the model needs no fractions: quota, burst, seconds.
const LIMITS: [(u32, u32, u64); 4] = [(100, 100, 60), (5, 10, 10), (1_000, 1_000, 3_600), (1, 3, 1)];
const USERS: usize = 3;
const START_MS: u64 = 10_000_000;

/// When each cell is full again, in milliseconds.
#[derive(Default)]
struct Model {
    full_at_ms: HashMap<(usize, usize), u64>,
}

#[derive(Clone, Debug)]
struct Asked {
    by_ms: u64,
    takes: Vec<(usize, usize, u32)>,
    sweep: bool,
    pardon: Option<usize>,
}

fn interval_ms(limit: usize) -> u64 {
    LIMITS[limit].2 * 1_000 / u64::from(LIMITS[limit].0)
}

impl Model {
    /// Whether all fit, and the waits of those that do not.
    fn take(&mut self, takes: &[(usize, usize, u32)], now_ms: u64) -> (bool, Vec<Fit>) {
        let mut then = self.full_at_ms.clone();
        let mut asked: HashMap<(usize, usize), u64> = HashMap::new();
        let mut fits = Vec::new();
        for (limit, user, cost) in takes {
            let full_at_ms = then.entry((*limit, *user)).or_insert(0);
            *full_at_ms = (*full_at_ms).max(now_ms) + u64::from(*cost) * interval_ms(*limit);
            let sum = asked.entry((*limit, *user)).or_insert(0);
            *sum += u64::from(*cost);
            let room_ms = u64::from(LIMITS[*limit].1) * interval_ms(*limit);
            fits.push(match *full_at_ms - now_ms {
                _ if *sum > u64::from(LIMITS[*limit].1) => Fit::Never,
                owed_ms if owed_ms <= room_ms => Fit::Now,
                owed_ms => Fit::After(Duration::from_millis(owed_ms - room_ms)),
            });
        }
        let admitted = fits.iter().all(|fit| *fit == Fit::Now);
        if admitted {
            self.full_at_ms = then;
        }
        (admitted, fits)
    }

    fn used(&self, limit: usize, user: usize, now_ms: u64) -> u64 {
        self.full_at_ms.get(&(limit, user)).map_or(0, |full_at_ms| {
            full_at_ms.saturating_sub(now_ms).div_ceil(interval_ms(limit))
        })
    }
}

fn take((limit, user, cost): (usize, usize, u32)) -> Take {
    let (quota, burst, secs) = LIMITS[limit];
    let cell: CellId = Partitioner::new([1; 16]).cell([[limit as u8, user as u8].as_slice()]);
    let quantity = Quantity::Rate {
        quota,
        burst,
        window: Duration::from_secs(secs),
    };
    Take {
        cell,
        tag: Tag {
            limit: limit as u64,
            user: Some(user as u64),
        },
        quantity,
        cost,
        shadow: false,
        subkey: None,
    }
}

fn asked() -> impl Strategy<Value = Asked> {
    let one = (
        0..LIMITS.len(),
        0..USERS,
        prop_oneof![3 => Just(1_u32), 1 => 0..12_u32, 1 => 0..120_u32],
    );
    let by_ms = prop_oneof![3 => Just(0_u64), 3 => 0..50_u64, 2 => 0..5_000_u64, 1 => 0..200_000_u64];
    (
        by_ms,
        prop::collection::vec(one, 0..6),
        prop::bool::weighted(0.1),
        prop::option::weighted(0.03, 0..USERS),
    )
        .prop_map(|(by_ms, takes, sweep, pardon)| Asked {
            by_ms,
            takes,
            sweep,
            pardon,
        })
}

proptest! {
    #[test]
    fn store_answers_as_a_plain_map_would(trace in prop::collection::vec(asked(), 1..120)) {
        let (store, mut model, mut now_ms) = (Store::new(6_400, 1_000), Model::default(), START_MS);
        for Asked { by_ms, takes, sweep, pardon } in trace {
            now_ms += by_ms;
            let now = Now { mono_ns: now_ms * 1_000_000, wall_ms: now_ms as i64 };
            if sweep {
                store.sweep(now);
            }
            if let Some(pardoned) = pardon {
                store.forget(|_, tag| tag.user == Some(pardoned as u64), now);
                model.full_at_ms.retain(|(_, user), _| *user != pardoned);
            }
            let (admitted, fits) = model.take(&takes, now_ms);
            let verdict = store.take(&takes.into_iter().map(take).collect::<Vec<_>>(), now);
            prop_assert_eq!(verdict.admitted, admitted);
            prop_assert_eq!(verdict.outcomes.into_iter().map(|outcome| outcome.fit).collect::<Vec<_>>(), fits);
            for (limit, user) in (0..LIMITS.len()).flat_map(|limit| (0..USERS).map(move |user| (limit, user))) {
                let standing = store.peek(&[take((limit, user, 0))], now).outcomes[0].standing;
                prop_assert_eq!(standing.used, model.used(limit, user, now_ms));
                prop_assert_eq!(standing.remaining, u64::from(LIMITS[limit].1) - standing.used);
            }
        }
    }
}
