//! Slots of partitions that callers choose: a made-up credential gains nothing past the parent's cap.

use tidegate_core::limit::{Limit, Part, Within};
use tidegate_engine::sockets::SocketEntry;

use crate::house::{engine, open, slots, used, user};

/// Two slots a credential, three live credentials an address.
fn within() -> Limit {
    Limit {
        within: Some(Within {
            per: vec![Part::Ip],
            subkeys_max: 3,
            limit: None,
        }),
        ..slots(2)
    }
}

fn credential(number: usize) -> tidegate_core::identity::Identity {
    user(&format!("made up {number}"), "t")
}

#[test]
fn credentials_past_the_cap_share_one_set() {
    let engine = engine(vec![within()]);
    let held: Vec<SocketEntry> = (0..1_000)
        .flat_map(|number| [number, number])
        .filter_map(|number| open(&engine, &credential(number)))
        .collect();
    assert_eq!(
        held.len(),
        3 * 2 + 2,
        "three of their own, and the one that all others share"
    );
    assert_eq!(engine.occupancy().leases, 8);
    assert_eq!(
        (used(&engine, &credential(0)), used(&engine, &credential(999))),
        (vec![2], vec![2])
    );
}

#[test]
fn a_credential_lives_while_it_has_a_socket_and_its_place_is_free_after() {
    let engine = engine(vec![within()]);
    let mut held: Vec<SocketEntry> = (0..3)
        .map(|number| open(&engine, &credential(number)).unwrap())
        .collect();
    let base = [
        open(&engine, &credential(3)).unwrap(),
        open(&engine, &credential(4)).unwrap(),
    ];
    assert!(open(&engine, &credential(5)).is_none());
    let second = open(&engine, &credential(0)).expect("one that lives has slots of its own");
    drop(held.remove(0));
    assert!(
        open(&engine, &credential(5)).is_none(),
        "its other socket keeps it alive"
    );
    drop(second);
    held.push(open(&engine, &credential(5)).expect("its place is free"));
    held.push(open(&engine, &credential(5)).unwrap());
    assert!(open(&engine, &credential(6)).is_none());
    drop((held, base));
    assert_eq!(engine.occupancy().leases, 0);
    assert!(
        (10..13).all(|number| open(&engine, &credential(number)).is_some()),
        "nothing is left behind"
    );
}
