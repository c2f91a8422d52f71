//! Every order in which threads can take and give back slots: the locks, the sets and the room of the store, compiled
//! from its own source against loom's locks and atomics. The verdict between them is the core's.

use loom::{sync::Arc, thread};
use tidegate_core::{
    cell::Cell,
    decide::{self, Tag, Take},
    limit::Quantity,
    partition::CellId,
    time::Now,
};

use lease_member::{LeaseId, Member};

/// The items that the sources below take from the crate they belong to.
mod lease_member {
    pub use tidegate_engine::lease_member::{LeaseId, Member};
}

/// Loom's locks under the names the sources use.
mod sync {
    pub use loom::sync::{
        MutexGuard,
        atomic::{AtomicUsize, Ordering},
    };

    /// Without poisoning, as the program's.
    #[derive(Debug)]
    pub struct Mutex<T>(loom::sync::Mutex<T>);

    impl<T> Mutex<T> {
        pub fn new(value: T) -> Mutex<T> {
            Mutex(loom::sync::Mutex::new(value))
        }

        pub fn lock(&self) -> MutexGuard<'_, T> {
            self.0.lock().unwrap()
        }
    }
}

#[path = "../src/store/leases.rs"]
#[expect(dead_code, reason = "the model needs no sub-keys")]
mod leases;
#[path = "../src/store/locks.rs"]
#[expect(dead_code, reason = "the model locks only what it concerns")]
mod locks;

const NOW: Now = Now { mono_ns: 1, wall_ms: 1 };

/// Two maps, one set in each.
struct Model {
    maps: locks::OrderedLocks<leases::Leases>,
    room: leases::Room,
}

impl Model {
    fn new(room: usize) -> Arc<Model> {
        Arc::new(Model {
            maps: locks::OrderedLocks::new(2, leases::Leases::default),
            room: leases::Room::new(room),
        })
    }

    /// Does with slots alone as `Store::acquire` does.
    fn acquire(&self, number: u64, sets: &[(usize, u32)]) -> bool {
        let member = member(number);
        let takes: Vec<Take> = sets.iter().map(|(map, quota)| take(*map, *quota)).collect();
        let cell_of: Vec<usize> = (0..takes.len()).collect();
        let mut maps = self.maps.lock(sets.iter().map(|(map, _)| *map));
        let mut has_room = true;
        let (verdict, cells) = loop {
            let look = |(map, _): &(usize, u32)| {
                Cell::Slots(maps.map(*map).look(CellId(*map as u128), Some(member.id), has_room))
            };
            let mut cells: Vec<Cell> = sets.iter().map(look).collect();
            let verdict = decide::decide(&takes, &cell_of, &mut cells, NOW);
            let joining = cells
                .iter()
                .filter(|cell| matches!(cell, Cell::Slots(slots) if slots.joins()))
                .count();
            if joining == 0 || self.room.take(joining) {
                break (verdict, cells);
            }
            has_room = false;
        };
        for ((map, _), cell) in sets.iter().zip(cells) {
            if matches!(cell, Cell::Slots(slots) if slots.joins()) {
                maps.map_mut(*map).join(CellId(*map as u128), member, false);
            }
        }
        verdict.admitted
    }

    /// Does as `Store::release` does.
    fn release(&self, number: u64, sets: &[usize]) {
        let mut maps = self.maps.lock(sets.iter().copied());
        let mut left = 0;
        for map in sets {
            left += usize::from(maps.map_mut(*map).leave(CellId(*map as u128), member(number).id));
        }
        self.room.give(left);
    }

    fn open(&self, map: usize) -> u64 {
        self.maps
            .lock([map])
            .map(map)
            .look(CellId(map as u128), None, true)
            .open
    }
}

fn member(number: u64) -> Member {
    Member {
        id: LeaseId { epoch: 1, number },
        since_ms: 0,
    }
}

fn take(map: usize, quota: u32) -> Take {
    Take {
        cell: CellId(map as u128),
        tag: Tag { limit: 1, user: None },
        quantity: Quantity::Slots { quota },
        cost: 1,
        shadow: false,
        subkey: None,
    }
}

/// Runs every order and says how many there were.
#[expect(
    clippy::print_stdout,
    reason = "how many orders were run is what a reader of the test asks"
)]
fn every_order(claim: &str, run: impl Fn() + Sync + Send + 'static) {
    let orders = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = orders.clone();
    loom::model(move || {
        counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        run();
    });
    let orders = orders.load(std::sync::atomic::Ordering::Relaxed);
    println!("{claim}: {orders} interleavings");
    assert!(orders > 10, "{claim}: only {orders} interleavings");
}

#[test]
fn of_three_who_ask_for_two_slots_exactly_two_get_one_in_every_order() {
    every_order("three ask for two", || {
        let model = Model::new(100);
        let ask = |number| {
            let model = model.clone();
            thread::spawn(move || model.acquire(number, &[(0, 2)]))
        };
        let (one, two) = (ask(1), ask(2));
        let third = model.acquire(3, &[(0, 2)]);
        let admitted = [one.join().unwrap(), two.join().unwrap(), third];
        assert_eq!(admitted.iter().filter(|admitted| **admitted).count(), 2);
        assert_eq!((model.open(0), model.room.taken()), (2, 2));
    });
}

#[test]
fn two_sets_in_any_order_are_joined_both_or_neither_and_nobody_waits_for_ever() {
    every_order("two sets, both or neither", || {
        let model = Model::new(100);
        let ask = |number, sets: &'static [(usize, u32)]| {
            let model = model.clone();
            thread::spawn(move || model.acquire(number, sets))
        };
        // The same two sets, named the other way round; one of them has one slot.
        let (first, third) = (ask(1, &[(0, 5), (1, 1)]), ask(3, &[(0, 5)]));
        let second = model.acquire(2, &[(1, 1), (0, 5)]);
        assert!(first.join().unwrap() != second, "exactly one of the two");
        assert!(third.join().unwrap(), "a refusal by one set takes no slot of the other");
        assert_eq!((model.open(0), model.open(1), model.room.taken()), (2, 1, 3));
    });
}

#[test]
fn a_slot_let_go_twice_is_free_once_and_taken_again_once_in_every_order() {
    every_order("let go twice", || {
        let model = Model::new(100);
        assert!(model.acquire(1, &[(0, 1)]));
        let [release, again] = [model.clone(), model.clone()];
        let release = thread::spawn(move || release.release(1, &[0]));
        let again = thread::spawn(move || again.release(1, &[0]));
        let second = model.acquire(2, &[(0, 1)]);
        release.join().unwrap();
        again.join().unwrap();
        assert_eq!(
            (model.open(0), model.room.taken()),
            (u64::from(second), usize::from(second))
        );
        assert!(second || model.acquire(3, &[(0, 1)]), "it is free in the end");
    });
}

#[test]
fn a_connection_that_asks_twice_at_once_takes_one_slot_in_every_order() {
    every_order("asks twice at once", || {
        let model = Model::new(100);
        let ask = |number| {
            let model = model.clone();
            thread::spawn(move || model.acquire(number, &[(0, 1), (1, 2)]))
        };
        let (retry, other) = (ask(1), ask(2));
        let first = model.acquire(1, &[(0, 1), (1, 2)]);
        assert_eq!(retry.join().unwrap(), first, "a retry is answered as the first time");
        assert!(other.join().unwrap() != first);
        assert_eq!((model.open(0), model.open(1), model.room.taken()), (1, 1, 2));
        model.release(if first { 1 } else { 2 }, &[0, 1]);
        assert_eq!((model.open(0), model.open(1), model.room.taken()), (0, 0, 0));
    });
}

#[test]
fn the_last_room_is_given_once_and_a_refusal_keeps_none_in_every_order() {
    every_order("the last room", || {
        let model = Model::new(2);
        let ask = |number, map| {
            let model = model.clone();
            thread::spawn(move || model.acquire(number, &[(map, 5)]))
        };
        // Two sets, so that no lock keeps all apart: only the room does.
        let (first, second) = (ask(1, 0), ask(2, 1));
        let third = model.acquire(3, &[(0, 5)]);
        let admitted = [first.join().unwrap(), second.join().unwrap(), third];
        assert_eq!(admitted.iter().filter(|admitted| **admitted).count(), 2);
        assert_eq!((model.open(0) + model.open(1), model.room.taken()), (2, 2));
        for (number, map) in [(1, 0), (2, 1), (3, 0)] {
            model.release(number, &[map]);
        }
        assert_eq!(model.room.taken(), 0);
        assert!(model.acquire(4, &[(1, 5)]), "the refused one holds no room");
    });
}
