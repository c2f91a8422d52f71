//! A million random steps over every way in and out: what is counted is what is open, after every one.

use std::{panic, sync::Arc, time::Duration};

use tidegate_core::{
    cell::Fit,
    decide::Tag,
    limit::Quantity,
    partition::{CellId, Partitioner},
};

use super::*;
use crate::sockets::{CloseReason, SocketEntry, SocketFacts, Sockets};

const STEPS: usize = 1_000_000;
const USERS: usize = 5;
/// Slots of a tenant. There are two tenants, each with users beside each other.
const TENANT_QUOTA: u32 = 22;
const PER_MINUTE: u32 = 600;

fn partitioner() -> Partitioner {
    Partitioner::new([5; 16])
}

fn take(kind: u128, number: usize, quantity: Quantity) -> Take {
    // Spread over the maps as hashes would be.
    let cell = (kind << 8 | number as u128).wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835);
    Take {
        cell: CellId(cell),
        tag: Tag {
            limit: 1,
            user: Some(number as u64),
        },
        quantity,
        cost: 1,
        shadow: false,
        subkey: None,
    }
}

fn tenant(user: usize) -> usize {
    user % 2
}

/// A generator of its own, so that a run can be repeated.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

/// The holder of an open connection.
enum Holder {
    /// Between the verdict and the upgrade.
    Handshake(Lease),
    /// Listed.
    Socket(SocketEntry),
    /// By its name alone, as a shared store sees it.
    Named(Member, Vec<Membership>),
}

struct House {
    store: Arc<Store>,
    sockets: Arc<Sockets>,
    ids: LeaseIds,
    open: Vec<(usize, Holder)>,
    of_user: [usize; USERS],
    listed: usize,
    last: usize,
    quotas: [u32; USERS],
    now: Now,
    draw: Draw,
    admitted: usize,
    refused: usize,
}

impl House {
    fn new() -> House {
        let now = Now {
            mono_ns: 1_000_000_000_000,
            wall_ms: 1_700_000_000_000,
        };
        House {
            store: Arc::new(Store::new(6_400, 1_000)),
            sockets: Arc::new(Sockets::new(partitioner(), now, 1_000)),
            ids: LeaseIds::new(now),
            open: Vec::new(),
            of_user: [0; USERS],
            listed: 0,
            last: 0,
            quotas: [10; USERS],
            now,
            draw: Draw(20_261_122),
            admitted: 0,
            refused: 0,
        }
    }

    /// Slots of the user and of their tenant, and a rate of connects, in any order.
    fn takes(&mut self, user: usize) -> Vec<Take> {
        let window = Duration::from_secs(60);
        let rate = Quantity::Rate {
            quota: PER_MINUTE,
            burst: 60,
            window,
        };
        let mut takes = vec![
            take(
                1,
                user,
                Quantity::Slots {
                    quota: self.quotas[user],
                },
            ),
            take(2, tenant(user), Quantity::Slots { quota: TENANT_QUOTA }),
            take(3, user, rate),
        ];
        let by = self.draw.below(3);
        takes.rotate_left(by);
        takes
    }

    fn of_tenant(&self, number: usize) -> usize {
        (0..USERS)
            .filter(|user| tenant(*user) == number)
            .map(|user| self.of_user[user])
            .sum()
    }

    fn hold(&mut self, user: usize, holder: Holder) {
        self.of_user[user] += 1;
        self.listed += usize::from(matches!(holder, Holder::Socket(_)));
        self.open.push((user, holder));
    }

    fn let_go(&mut self, at: usize) -> (usize, Holder) {
        let (user, holder) = self.open.swap_remove(at);
        self.of_user[user] -= 1;
        self.last = user;
        self.listed -= usize::from(matches!(holder, Holder::Socket(_)));
        (user, holder)
    }

    /// Asks for a connection. It is admitted exactly when there is a slot in both sets and a unit of the rate; a refusal
    /// moves nothing.
    fn open(&mut self) {
        let user = self.draw.below(USERS);
        self.last = user;
        let takes = self.takes(user);
        let rate = *takes.iter().find(|take| !take.quantity.is_slots()).unwrap();
        let before = self.store.peek(&[rate], self.now);
        let expect = self.of_user[user] < self.quotas[user] as usize
            && self.of_tenant(tenant(user)) < TENANT_QUOTA as usize
            && before.outcomes[0].fit == Fit::Now;
        let member = Member {
            id: self.ids.next(),
            since_ms: self.now.wall_ms,
        };
        if self.draw.below(4) == 0 {
            let acquired = self.store.acquire(&takes, member, self.now);
            assert_eq!(acquired.verdict.admitted, expect);
            if expect {
                self.hold(user, Holder::Named(member, acquired.held));
            }
        } else {
            let (verdict, lease, _) = Lease::acquire(&self.store, &takes, member, self.now);
            assert_eq!((verdict.admitted, lease.is_some()), (expect, expect));
            if let Some(lease) = lease {
                self.enter(user, lease);
            }
        }
        if expect {
            self.admitted += 1;
        } else {
            self.refused += 1;
            assert_eq!(
                self.store.peek(&[rate], self.now),
                before,
                "a refusal takes no unit of the rate"
            );
        }
    }

    /// Decides the fate of a lease just taken: most go on, some end on the way.
    fn enter(&mut self, user: usize, lease: Lease) {
        match self.draw.below(12) {
            0 => drop(lease),
            1 => {
                // The task dies holding it; `resume_unwind` is a panic that prints nothing.
                let died = panic::catch_unwind(panic::AssertUnwindSafe(|| {
                    let _held = lease;
                    panic::resume_unwind(Box::new(()));
                }));
                assert!(died.is_err());
            }
            2 | 3 => self.hold(user, Holder::Handshake(lease)),
            _ => {
                let entry = self.sockets.register(about(user), Some(lease), self.now).unwrap();
                self.hold(user, Holder::Socket(entry));
            }
        }
    }

    fn any_open(&mut self) -> Option<usize> {
        (!self.open.is_empty()).then(|| self.draw.below(self.open.len()))
    }

    fn close(&mut self) {
        let Some(at) = self.any_open() else { return };
        match self.let_go(at).1 {
            Holder::Handshake(lease) => drop(lease),
            Holder::Socket(entry) => {
                if self.draw.below(2) == 0 {
                    assert!(self.sockets.close(entry.id(), CloseReason::ClosedByStaff));
                    assert!(!self.sockets.close(entry.id(), CloseReason::Drain), "told once");
                }
                drop(entry);
            }
            Holder::Named(member, held) => {
                assert_eq!(self.store.release(member.id, &held), 2);
                assert_eq!(self.store.release(member.id, &held), 0, "let go twice is let go once");
            }
        }
    }

    /// Retries for one that holds its slots, as after a lost answer: it gets the same slots, whatever the quota.
    fn ask_again(&mut self) {
        let Some(at) = self.any_open() else { return };
        let (user, Holder::Named(member, held)) = &self.open[at] else {
            return;
        };
        let (user, member, held) = (*user, *member, held.clone());
        let takes = self.takes(user);
        let again = self.store.acquire(&takes, member, self.now);
        let rate = takes.iter().position(|take| !take.quantity.is_slots()).unwrap();
        assert_eq!(again.verdict.admitted, again.verdict.outcomes[rate].fit == Fit::Now);
        if again.verdict.admitted {
            assert_eq!(again.held.len(), 2);
            assert!(again.held.iter().all(|membership| held.contains(membership)));
        }
    }

    /// Promotes a handshake to a socket, which moves no slot.
    fn upgrade(&mut self) {
        let Some(at) = self.any_open() else { return };
        if let (user, Holder::Handshake(_)) = &self.open[at] {
            let user = *user;
            let Holder::Handshake(lease) = self.let_go(at).1 else {
                return;
            };
            let entry = self.sockets.register(about(user), Some(lease), self.now).unwrap();
            self.hold(user, Holder::Socket(entry));
        }
    }

    fn step(&mut self) {
        match self.draw.below(100) {
            0..50 => self.open(),
            50..80 => self.close(),
            80..85 => self.ask_again(),
            85..90 => self.upgrade(),
            90..93 => {
                let user = self.draw.below(USERS);
                self.quotas[user] = [1, 4, 10, 20][self.draw.below(4)];
            }
            93 => {
                // A pardon gives units of the rate back, and no slot.
                let user = self.draw.below(USERS) as u64;
                self.store.forget(|_, tag| tag.user == Some(user), self.now);
            }
            94 => self.store.sweep(self.now),
            _ => self.now.mono_ns += self.draw.below(300) as u64 * 1_000_000,
        }
    }

    /// Checks the sets of the step's user; with `whole` those of all users, and the store's totals.
    fn check(&self, whole: bool) {
        let of = |user: usize| {
            let (own, tenants) = (self.quotas[user], TENANT_QUOTA);
            [
                (take(1, user, Quantity::Slots { quota: own }), self.of_user[user]),
                (
                    take(2, tenant(user), Quantity::Slots { quota: tenants }),
                    self.of_tenant(tenant(user)),
                ),
            ]
        };
        let users = if whole { 0..USERS } else { self.last..self.last + 1 };
        let (takes, open): (Vec<Take>, Vec<usize>) = users
            .flat_map(of)
            .map(|(take, open)| (Take { cost: 0, ..take }, open))
            .unzip();
        for ((outcome, take), open) in self.store.peek(&takes, self.now).outcomes.iter().zip(&takes).zip(open) {
            let (standing, quota) = (outcome.standing, u64::from(take.quantity.quota()));
            assert_eq!(standing.used, open as u64, "what is counted is what is open");
            assert_eq!(standing.remaining, quota.saturating_sub(open as u64));
        }
        assert_eq!(self.sockets.len(), self.listed);
        if whole {
            assert_eq!(self.store.occupancy().leases, 2 * self.open.len());
        }
    }
}

fn about(user: usize) -> SocketFacts {
    SocketFacts {
        subject: format!("user {user}").into(),
        user: None,
        token_ends_ms: None,
        token: None,
        tenant: None,
        peer: "192.0.2.1".parse().unwrap(),
        route: "socket".into(),
    }
}

// fault 26, fault 31, fault 34; docs/platforms/tempest.md T1, T2, T6
#[test]
fn what_is_counted_is_what_is_open_over_a_million_steps_of_every_way_in_and_out() {
    let mut house = House::new();
    for step in 0..STEPS {
        house.step();
        house.check(step % 100 == 0);
    }
    assert!(
        house.admitted > STEPS / 10 && house.refused > STEPS / 20,
        "{} {}",
        house.admitted,
        house.refused
    );
    while !house.open.is_empty() {
        house.close();
    }
    house.check(true);
    assert_eq!(house.store.occupancy().leases, 0);
    println!("{} admitted, {} refused", house.admitted, house.refused);
}

#[test]
fn ids_of_two_runs_and_of_one_are_all_different() {
    let now = House::new().now;
    let (one, two) = (LeaseIds::new(now), LeaseIds::new(now));
    let ids = [one.next(), one.next(), two.next(), two.next()];
    assert!((0..4).all(|i| !ids[..i].contains(&ids[i])));
    assert_eq!(ids[0].to_string().len(), 32);
}
