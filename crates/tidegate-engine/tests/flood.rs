//! A walk through more addresses than there is room for, as `examples/flood` measures it, in small.

#[path = "../examples/flood/walk.rs"]
mod walk;

use walk::Walk;

const CELLS_MAX: usize = 30_016;
const ADDRESSES: u64 = 300_000;
/// 64 maps, each with 4 shared cells for the /64, the /56 and the /48, whose quotas differ.
const SHARED_MAX: usize = 64 * 4 * 3;

// fault 08, fault 09
#[test]
fn walk_through_ipv6_stays_within_the_bound_and_leaves_every_callers_count_exact() {
    let walk = Walk::new(CELLS_MAX);
    let outcome = walk.through(ADDRESSES);
    let occupancy = walk.engine.occupancy();
    assert!(
        occupancy.cells > CELLS_MAX - 64 && occupancy.cells <= CELLS_MAX + SHARED_MAX,
        "full and not over: {occupancy:?}"
    );
    assert!(occupancy.overflows > ADDRESSES, "a full store says so: {occupancy:?}");
    assert_eq!(outcome.intact, walk.callers());
    // Who has no count of their own shares one with others: the walk is slowed, not waved through.
    assert!(outcome.admitted < ADDRESSES / 2, "{} were admitted", outcome.admitted);
}
