//! Warnings that little is left of a limit, for whoever tells its caller.

use std::sync::Arc;

use crate::decide::{Take, Verdict};

/// A request brought use of one limit to where callers are warned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The limit's name.
    pub limit: Arc<str>,
    /// Units used by now.
    pub used: u64,
    /// Units it admits at once: the quota in force, of a `rate` its burst.
    pub quota: u32,
}

/// Returns the warnings of a verdict; nearly always nothing.
pub fn warnings<'a>(takes: impl IntoIterator<Item = (&'a Arc<str>, &'a Take)>, verdict: &Verdict) -> Vec<Warning> {
    if !verdict.outcomes.iter().any(|outcome| outcome.warns) {
        return Vec::new();
    }
    let takes = takes.into_iter().zip(&verdict.outcomes);
    takes
        .filter(|(_, outcome)| outcome.warns)
        .map(|((limit, take), outcome)| Warning {
            limit: limit.clone(),
            used: outcome.standing.used,
            quota: take.quantity.burst(),
        })
        .collect()
}
