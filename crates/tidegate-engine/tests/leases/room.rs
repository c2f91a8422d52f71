//! Memory is bounded, and being short of it is told apart from a caller's limit.

use tidegate_core::limit::{Part, Quantity};
use tidegate_engine::{
    engine::{Admission, Bounds},
    sockets::SocketEntry,
};

use crate::house::{admit, ann, bounded, connects, limit, open, slots, ticket, used, user};

const BOUNDS: Bounds = Bounds {
    cells_max: 6_400,
    leases_max: 20,
    sockets_max: 1_000,
};

#[test]
fn no_more_leases_are_kept_than_there_is_room_for_and_the_answer_is_no_capacity() {
    let engine = bounded(vec![connects(1_000), slots(15)], BOUNDS);
    let mut held: Vec<SocketEntry> = (0..15).map(|_| open(&engine, &ann()).unwrap()).collect();
    let bob = user("bob", "t9");
    held.extend((0..5).map(|_| open(&engine, &bob).unwrap()));
    for _ in 0..100 {
        assert!(
            matches!(admit(&engine, &bob), Admission::NoCapacity),
            "no limit of his refuses"
        );
    }
    assert!(
        matches!(admit(&engine, &ann()), Admission::Rejected { .. }),
        "hers does, and she is told so"
    );
    assert_eq!(
        used(&engine, &bob),
        [5, 5],
        "a refusal for want of room takes no unit of a rate"
    );
    let occupancy = engine.occupancy();
    assert_eq!((occupancy.leases, occupancy.leases_refused), (20, 100));
    held.pop();
    held.push(open(&engine, &bob).expect("room that is given back is there again"));
    held.clear();
    assert_eq!(engine.occupancy().leases, 0);
}

#[test]
fn a_socket_under_two_limits_takes_room_for_both_or_for_none() {
    let tenant = limit("websockets-per-tenant", &[Part::Tenant], Quantity::Slots { quota: 100 });
    let bounds = Bounds {
        leases_max: 5,
        ..BOUNDS
    };
    let engine = bounded(vec![slots(10), tenant], bounds);
    let mut held: Vec<SocketEntry> = (0..2).map(|_| open(&engine, &ann()).unwrap()).collect();
    assert!(matches!(admit(&engine, &ann()), Admission::NoCapacity));
    assert_eq!((engine.occupancy().leases, used(&engine, &ann())), (4, vec![2, 2]));
    held.clear();
    assert_eq!((engine.occupancy().leases, used(&engine, &ann())), (0, vec![0, 0]));
}

#[test]
fn a_set_is_as_large_as_its_quota_wherever_its_hash_falls() {
    let bounds = Bounds {
        leases_max: 5_000,
        sockets_max: 5_000,
        ..BOUNDS
    };
    let engine = bounded(vec![slots(5_000)], bounds);
    let held: Vec<SocketEntry> = (0..5_000).map(|_| open(&engine, &ann()).unwrap()).collect();
    assert!(ticket(&engine, &ann()).is_none());
    drop(held);
}

#[test]
fn a_socket_that_finds_no_place_on_the_list_gives_its_slot_back() {
    let bounds = Bounds {
        sockets_max: 3,
        ..BOUNDS
    };
    let engine = bounded(vec![slots(10)], bounds);
    let _held: Vec<SocketEntry> = (0..3).map(|_| open(&engine, &ann()).unwrap()).collect();
    assert!(open(&engine, &ann()).is_none());
    assert_eq!((engine.sockets.len(), engine.occupancy().leases), (3, 3));
}
