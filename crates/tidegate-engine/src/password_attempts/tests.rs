use tidegate_core::{overrides::Overrides, testing};

use super::*;
use crate::{clock::Clock, engine::Bounds, snapshot::Current};

const HERE: &str = "192.0.2.1";

fn engine() -> Engine {
    let policy = testing::policy().build();
    let bounds = Bounds {
        cells_max: 6_400,
        leases_max: 1,
        sockets_max: 1,
    };
    let current = Current::new(policy, Overrides::default());
    Engine::new(Clock::manual(1_700_000_000_000), current, [9; 16], bounds)
}

fn attempt(engine: &Engine, name: &str, from: &str) -> Result<Attempt, Duration> {
    engine.attempt(name, from.parse().unwrap(), engine.clock.now())
}

/// Wrong tries until one is refused: how many, and the wait.
fn wrong(engine: &Engine, name: &str, from: &str) -> (u32, Duration) {
    for tried in 0.. {
        match attempt(engine, name, from) {
            Ok(wrong) => drop(wrong),
            Err(wait) => return (tried, wait),
        }
    }
    unreachable!()
}

fn right(engine: &Engine, name: &str, from: &str) {
    attempt(engine, name, from).unwrap().was_right(engine.clock.now());
}

#[test]
fn ten_wrong_tries_from_an_address_are_all_there_are_in_any_ten_minutes() {
    let engine = engine();
    drop(attempt(&engine, "ann", HERE).unwrap());
    engine.clock.advance(Duration::from_secs(60));
    assert_eq!(wrong(&engine, "ann", HERE), (9, Duration::from_secs(540)));
    engine.clock.advance(Duration::from_secs(539));
    attempt(&engine, "ann", HERE).unwrap_err();
    engine.clock.advance(Duration::from_secs(1));
    assert_eq!(
        wrong(&engine, "ann", HERE),
        (1, Duration::from_secs(60)),
        "the wait is exact"
    );
}

#[test]
fn a_stranger_elsewhere_does_not_hold_up_who_was_here_before() {
    let engine = engine();
    right(&engine, "ann", HERE);
    for host in 0..12 {
        wrong(&engine, "ann", &format!("198.51.100.{host}"));
    }
    let (tried, wait) = wrong(&engine, "ann", "203.0.113.1");
    assert_eq!(
        tried, 0,
        "a hundred an hour at one name is all that strangers have together"
    );
    assert_eq!(wait, Duration::from_secs(36));
    right(&engine, "ann", HERE);
    assert_eq!(
        wrong(&engine, "ben", "203.0.113.1").0,
        10,
        "another name is another count"
    );
}

#[test]
fn a_known_address_is_one_for_thirty_days_and_has_no_more_tries_than_others() {
    let engine = engine();
    right(&engine, "ann", HERE);
    assert_eq!(wrong(&engine, "ann", HERE).0, 10);
    engine.clock.advance(KNOWN_ADDRESS);
    for host in 0..12 {
        wrong(&engine, "ann", &format!("198.51.100.{host}"));
    }
    assert_eq!(wrong(&engine, "ann", HERE).0, 0);
}

#[test]
fn who_knows_the_password_is_never_counted() {
    let engine = engine();
    (0..1_000).for_each(|_| right(&engine, "ann", HERE));
    assert_eq!(wrong(&engine, "ann", HERE).0, 10);
}

#[test]
fn a_right_try_takes_no_wrong_one_back() {
    let engine = engine();
    for _ in 0..9 {
        drop(attempt(&engine, "ann", HERE).unwrap());
    }
    right(&engine, "ann", HERE);
    assert_eq!(
        wrong(&engine, "ann", HERE).0,
        1,
        "or whoever has an own account there would guess for ever"
    );
}

#[test]
fn a_try_nobody_looked_at_counts_nothing() {
    let engine = engine();
    (0..200).for_each(|_| attempt(&engine, "ann", HERE).unwrap().give_back());
    assert_eq!(wrong(&engine, "ann", HERE).0, 10);
}

#[test]
fn a_walk_through_an_ipv6_site_has_sixteen_times_the_tries_and_no_more() {
    let engine = engine();
    right(&engine, "ann", HERE);
    let tried: u32 = (0..64)
        .map(|net| wrong(&engine, "eve", &format!("2001:db8:0:{net:x}00::1")).0)
        .sum();
    assert_eq!(tried, 100, "all of a name's");
    let mut tried = 0;
    for net in 0..64 {
        let from = format!("2001:db8:0:{net:x}00::1");
        // Known everywhere, so that only the address counts.
        let now = engine.clock.now();
        if let Ok(first) = engine.attempt("ben", from.parse().unwrap(), now) {
            first.was_right(now);
        }
        tried += wrong(&engine, "ben", &from).0;
    }
    assert_eq!(tried, 160);
}

#[test]
fn a_pardon_of_the_name_gives_all_tries_back() {
    let engine = engine();
    wrong(&engine, "ann", HERE);
    engine.pardon("ann", None, engine.clock.now());
    assert_eq!(wrong(&engine, "ann", HERE).0, 10);
}

#[test]
fn a_flood_of_names_stays_within_the_stores_bound() {
    let engine = engine();
    for name in 0..20_000 {
        let _ = attempt(&engine, &format!("name-{name}"), HERE);
    }
    assert!(
        engine.occupancy().cells <= 6_400 + 64 * 4 * 3,
        "{:?}",
        engine.occupancy()
    );
}
