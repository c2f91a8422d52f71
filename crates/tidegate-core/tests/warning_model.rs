//! Warnings against a model: once on the way up at 80 %, and again only after use fell under 60 %
//! (docs/semantics.md rule 13).

use std::time::Duration;

use proptest::prelude::*;
use tidegate_core::{
    cell::{Cell, Slots},
    decide::{Tag, Take, Verdict, decide},
    limit::{Period, Quantity},
    partition::CellId,
    time::Now,
};

const START: Now = Now {
    mono_ns: 1_000_000_000_000,
    // A minute begins.
    wall_ms: 1_795_348_800_000,
};

#[derive(Clone, Debug)]
enum Step {
    /// So many milliseconds pass; of slots so many are let go.
    Pass(u32),
    /// A request of this cost.
    Ask(u32),
    /// A request of this cost, which another limit refuses.
    AskInVain(u32),
    /// Another quota comes into force.
    Quota(u32),
    /// The last request that was admitted is given back.
    GiveBack,
    /// The process ends and another one begins.
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..40_000_u32).prop_map(Step::Pass),
        1 => Just(Step::Pass(60_000)),
        8 => (0..4_u32).prop_map(Step::Ask),
        2 => (1..4_u32).prop_map(Step::AskInVain),
        1 => (1..40_u32).prop_map(Step::Quota),
        1 => Just(Step::GiveBack),
        1 => Just(Step::Restart),
    ]
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Rate,
    Burst,
    Sliding,
    Quota,
    Slots,
}

impl Kind {
    fn quantity(self, quota: u32) -> Quantity {
        // Over a minute, so that it outlives a process.
        let window = Duration::from_secs(120);
        match self {
            Kind::Rate => Quantity::Rate {
                quota,
                burst: quota,
                window,
            },
            Kind::Burst => Quantity::Rate {
                quota,
                burst: quota * 3,
                window,
            },
            Kind::Sliding => Quantity::Sliding { quota, window },
            Kind::Quota => Quantity::Quota {
                quota,
                period: Period::Hour,
            },
            Kind::Slots => Quantity::Slots { quota },
        }
    }
}

fn take(cell: u128, quantity: Quantity, cost: u32) -> Take {
    Take {
        cell: CellId(cell),
        tag: Tag { limit: 1, user: None },
        quantity,
        cost,
        shadow: false,
        subkey: None,
    }
}

/// One cell, what a model knows of it, and the last request that may be given back.
struct Run {
    kind: Kind,
    quota: u32,
    cell: Cell,
    now: Now,
    armed: bool,
    last: Option<(u32, u64, bool)>,
}

impl Run {
    fn new(kind: Kind, quota: u32) -> Run {
        Run {
            kind,
            quota,
            cell: Cell::new(kind.quantity(quota), START),
            now: START,
            armed: true,
            last: None,
        }
    }

    fn used(&self) -> u64 {
        let mut cells = [self.cell.clone()];
        let takes = [take(0, self.kind.quantity(self.quota), 0)];
        decide(&takes, &[0], &mut cells, self.now).outcomes[0].standing.used
    }

    /// A request that this limit meets, and one that refuses if it is to be in vain.
    fn ask(&mut self, cost: u32, in_vain: bool) -> Verdict {
        let quantity = self.kind.quantity(self.quota);
        if let Cell::Slots(look) = &mut self.cell {
            // Each request is another one's.
            let mut next = Slots::new(look.open, false, true);
            next.warned = look.warned;
            *look = next;
        }
        let refuses = take(1, Quantity::Slots { quota: 1 }, u32::from(in_vain));
        let mut cells = [self.cell.clone(), Cell::Slots(Slots::new(1, false, true))];
        let takes = [take(0, quantity, cost), refuses];
        let verdict = decide(&takes, &[0, 1], &mut cells, self.now);
        self.cell = cells[0].clone();
        verdict
    }

    fn check(&mut self, cost: u32, in_vain: bool) -> Result<(), TestCaseError> {
        let capacity = u64::from(self.kind.quantity(self.quota).burst());
        self.armed |= 100 * self.used() < 60 * capacity;
        let verdict = self.ask(cost, in_vain);
        let used = self.used();
        let expected = verdict.admitted && cost > 0 && self.armed && 100 * used >= 80 * capacity;
        prop_assert_eq!(
            verdict.outcomes[0].warns,
            expected,
            "{} of {} after a cost of {}",
            used,
            capacity,
            cost
        );
        self.armed &= !expected;
        prop_assert_eq!(verdict.outcomes[0].standing.warned, !self.armed);
        if verdict.admitted {
            self.last = Some((cost, self.cell.clock_ns(), expected));
        }
        Ok(())
    }

    fn step(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match *step {
            Step::Pass(ms) => {
                self.now.mono_ns += u64::from(ms) * 1_000_000;
                self.now.wall_ms += i64::from(ms);
                if let Cell::Slots(look) = &mut self.cell {
                    look.open = look.open.saturating_sub(u64::from(ms) / 4_000);
                }
            }
            Step::Ask(cost) => self.check(cost, false)?,
            Step::AskInVain(cost) => self.check(cost, true)?,
            Step::Quota(quota) => self.quota = quota,
            // A slot is given back by its lease.
            Step::GiveBack if matches!(self.kind, Kind::Slots) => {}
            Step::GiveBack => {
                if let Some((cost, taken_at_ns, warned)) = self.last.take() {
                    self.cell.give_back(cost, taken_at_ns);
                    if warned {
                        self.cell.unwarn();
                        self.armed = true;
                    }
                }
            }
            Step::Restart => {
                if let Some(state) = self.cell.state(self.now) {
                    self.cell = state.cell(self.now).unwrap();
                    self.last = None;
                }
            }
        }
        Ok(())
    }
}

proptest! {
    #[test]
    fn a_warning_comes_once_on_the_way_up_and_again_only_after_use_fell_under_60_percent(
        kind in prop::sample::select(vec![Kind::Rate, Kind::Burst, Kind::Sliding, Kind::Quota, Kind::Slots]),
        quota in 1..40_u32,
        steps in prop::collection::vec(step(), 1..120),
    ) {
        let mut run = Run::new(kind, quota);
        for step in &steps {
            run.step(step)?;
        }
    }
}

/// After how many of its units each quota warns.
#[test]
fn of_fewer_than_five_units_the_last_one_warns() {
    for kind in [Kind::Rate, Kind::Sliding, Kind::Quota, Kind::Slots] {
        for (quota, warns_at) in [
            (1, 1),
            (2, 2),
            (3, 3),
            (4, 4),
            (5, 4),
            (6, 5),
            (10, 8),
            (12, 10),
            (64, 52),
        ] {
            let mut run = Run::new(kind, quota);
            let warned: Vec<u32> = (1..=quota).filter(|_| run.ask(1, false).outcomes[0].warns).collect();
            assert_eq!(warned, [warns_at], "{kind:?} of {quota}");
        }
    }
}

#[test]
fn a_limit_in_shadow_warns_nobody_and_warns_when_it_is_enforced() {
    let quantity = Kind::Rate.quantity(10);
    let mut cells = [Cell::new(quantity, START)];
    let shadow = Take {
        shadow: true,
        ..take(0, quantity, 9)
    };
    let warns = |take: Take, cells: &mut [Cell; 1]| decide(&[take], &[0], cells, START).outcomes[0].warns;
    assert!(!warns(shadow, &mut cells));
    assert!(warns(take(0, quantity, 1), &mut cells));
}

#[test]
fn a_limit_that_became_one_of_another_kind_warns_no_second_time() {
    let (rate, sliding) = (Kind::Rate.quantity(10), Kind::Sliding.quantity(10));
    let mut cells = [Cell::new(rate, START)];
    let mut warns = |quantity, cost| decide(&[take(0, quantity, cost)], &[0], &mut cells, START).outcomes[0].warns;
    assert!(warns(rate, 8));
    assert!(!warns(sliding, 1));
}

#[test]
fn a_cell_with_its_mark_is_no_larger_than_a_line_of_the_cache() {
    assert_eq!(size_of::<Cell>(), 64);
}
