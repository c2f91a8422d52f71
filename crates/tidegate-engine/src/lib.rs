//! State in time: the cell store, the clock, the running snapshot, the refusal log.
