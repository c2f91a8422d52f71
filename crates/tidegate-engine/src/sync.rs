//! The locks and atomics that leases are counted with, by one name: `tests/leases_loom.rs` puts loom's in their place
//! and runs the same source over every order of its threads.

pub(crate) use std::sync::atomic::{AtomicUsize, Ordering};

pub(crate) use parking_lot::{Mutex, MutexGuard};
