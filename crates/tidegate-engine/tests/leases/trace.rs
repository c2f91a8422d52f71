//! The store against plain maps: the same answers over random traces of rates and slots together.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use proptest::prelude::*;
use tidegate_core::{
    cell::Fit,
    decide::{Tag, Take},
    limit::Quantity,
    partition::Partitioner,
    time::Now,
};
use tidegate_engine::{
    lease_member::{LeaseId, Member, Membership},
    store::Store,
};

/// Rates whose units come back after whole milliseconds, so that the model needs no fractions: quota and burst, seconds.
const RATES: [(u32, u64); 2] = [(5, 10), (60, 60)];
const SLOTS: [u32; 3] = [1, 3, 6];
const USERS: usize = 3;
const START_MS: u64 = 10_000_000;

/// A limit: of a rate or of slots, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Of {
    Rate(usize),
    Slots(usize),
}

#[derive(Clone, Debug)]
enum Step {
    Ask {
        member: u64,
        takes: Vec<(Of, usize)>,
        lowered: bool,
    },
    Release {
        member: u64,
    },
    Sweep,
    Pardon {
        user: usize,
    },
}

/// When each rate is full again, and who is in each set.
#[derive(Default)]
struct Model {
    full_at_ms: HashMap<(usize, usize), u64>,
    sets: HashMap<(usize, usize), BTreeSet<u64>>,
}

fn quota(slots: usize, lowered: bool) -> u32 {
    if lowered {
        SLOTS[slots].div_ceil(2)
    } else {
        SLOTS[slots]
    }
}

impl Model {
    fn ask(&mut self, member: u64, takes: &[(Of, usize)], lowered: bool, now_ms: u64) -> (bool, Vec<Fit>) {
        let (mut full_at_ms, mut sets) = (self.full_at_ms.clone(), self.sets.clone());
        let mut asked: HashMap<(usize, usize), u32> = HashMap::new();
        let fits = takes.iter().map(|(of, user)| match *of {
            Of::Rate(rate) => {
                let (burst, interval_ms) = (RATES[rate].0, RATES[rate].1 * 1_000 / u64::from(RATES[rate].0));
                let full = full_at_ms.entry((rate, *user)).or_insert(0);
                *full = (*full).max(now_ms) + interval_ms;
                let sum = asked.entry((rate, *user)).or_insert(0);
                *sum += 1;
                let room_ms = u64::from(burst) * interval_ms;
                match *full - now_ms {
                    _ if *sum > burst => Fit::Never,
                    owed_ms if owed_ms <= room_ms => Fit::Now,
                    owed_ms => Fit::After(Duration::from_millis(owed_ms - room_ms)),
                }
            }
            Of::Slots(slots) => {
                let set = sets.entry((slots, *user)).or_default();
                let was = self.sets.get(&(slots, *user)).map_or(0, BTreeSet::len);
                let fits = set.contains(&member) || was < quota(slots, lowered) as usize;
                if fits {
                    set.insert(member);
                }
                if fits { Fit::Now } else { Fit::Full }
            }
        });
        let fits: Vec<Fit> = fits.collect();
        let admitted = fits.iter().all(|fit| *fit == Fit::Now);
        if admitted {
            (self.full_at_ms, self.sets) = (full_at_ms, sets);
        }
        (admitted, fits)
    }
}

fn take(of: Of, user: usize, lowered: bool) -> Take {
    let (kind, limit) = match of {
        Of::Rate(limit) => (0, limit),
        Of::Slots(limit) => (1, limit),
    };
    let quantity = match of {
        Of::Rate(rate) => Quantity::Rate {
            quota: RATES[rate].0,
            burst: RATES[rate].0,
            window: Duration::from_secs(RATES[rate].1),
        },
        Of::Slots(slots) => Quantity::Slots {
            quota: quota(slots, lowered),
        },
    };
    Take {
        cell: Partitioner::new([1; 16]).cell([[kind, limit as u8, user as u8].as_slice()]),
        tag: Tag {
            limit: limit as u64,
            user: Some(user as u64),
        },
        quantity,
        cost: 1,
        shadow: false,
        subkey: None,
    }
}

fn step() -> impl Strategy<Value = Step> {
    let of = prop_oneof![
        1 => (0..RATES.len()).prop_map(Of::Rate),
        2 => (0..SLOTS.len()).prop_map(Of::Slots),
    ];
    let ask = (
        0..20_u64,
        prop::collection::vec((of, 0..USERS), 0..5),
        prop::bool::weighted(0.1),
    );
    prop_oneof![
        6 => ask.prop_map(|(member, takes, lowered)| Step::Ask { member, takes, lowered }),
        3 => (0..20_u64).prop_map(|member| Step::Release { member }),
        1 => Just(Step::Sweep),
        1 => (0..USERS).prop_map(|user| Step::Pardon { user }),
    ]
}

proptest! {
    #[test]
    fn store_answers_as_plain_maps_would(trace in prop::collection::vec((0..400_u64, step()), 1..150)) {
        let (store, mut model, mut now_ms) = (Store::new(6_400, 10_000), Model::default(), START_MS);
        let mut held: HashMap<u64, Vec<Membership>> = HashMap::new();
        for (by_ms, step) in trace {
            now_ms += by_ms;
            let now = Now { mono_ns: now_ms * 1_000_000, wall_ms: now_ms as i64 };
            let id = |number| LeaseId { epoch: 7, number };
            match step {
                Step::Ask { member, takes, lowered } => {
                    let (admitted, fits) = model.ask(member, &takes, lowered, now_ms);
                    let takes: Vec<Take> = takes.into_iter().map(|(of, user)| take(of, user, lowered)).collect();
                    let acquired = store.acquire(&takes, Member { id: id(member), since_ms: 0 }, now);
                    prop_assert_eq!(acquired.verdict.admitted, admitted);
                    let found: Vec<Fit> = acquired.verdict.outcomes.iter().map(|outcome| outcome.fit).collect();
                    prop_assert_eq!(found, fits);
                    prop_assert!(admitted || acquired.held.is_empty(), "a refusal gives nothing to hold");
                    held.entry(member).or_default().extend(acquired.held);
                }
                Step::Release { member } => {
                    let left: usize = model.sets.values_mut().map(|set| usize::from(set.remove(&member))).sum();
                    prop_assert_eq!(store.release(id(member), &held.remove(&member).unwrap_or_default()), left);
                }
                Step::Sweep => store.sweep(now),
                Step::Pardon { user } => {
                    store.forget(|_, tag| tag.user == Some(user as u64), now);
                    model.full_at_ms.retain(|(_, known), _| *known != user);
                }
            }
            for (slots, user) in (0..SLOTS.len()).flat_map(|slots| (0..USERS).map(move |user| (slots, user))) {
                let question = Take { cost: 0, ..take(Of::Slots(slots), user, false) };
                let open = model.sets.get(&(slots, user)).map_or(0, BTreeSet::len) as u64;
                prop_assert_eq!(store.peek(&[question], now).outcomes[0].standing.used, open);
                prop_assert!(open <= u64::from(SLOTS[slots]));
            }
            let all: usize = model.sets.values().map(BTreeSet::len).sum();
            prop_assert_eq!(store.occupancy().leases, all);
        }
    }
}
