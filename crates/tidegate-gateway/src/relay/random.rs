//! Random numbers for what is spread out, masked or told apart; nothing secret hangs on them.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    time::Duration,
};

/// Another number each time: each state is keyed afresh from the system's randomness, so its hash of nothing is one.
pub(super) fn number() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// A mask for a frame to an upstream.
pub(super) fn mask() -> [u8; 4] {
    let [a, b, c, d, ..] = number().to_ne_bytes();
    [a, b, c, d]
}

/// A time from zero up to this one.
pub(super) fn within(most: Duration) -> Duration {
    // The upper half of the bits is enough of a fraction.
    let fraction = (number() >> 32) as f64 / f64::from(u32::MAX);
    most.mul_f64(fraction)
}
