//! Many limits, one answer: every cell moves or none does.

use std::time::Duration;

use crate::{
    cell::{Cell, Fit, Standing},
    limit::Quantity,
    partition::CellId,
    time::Now,
};

/// One limit's share of a request, as data: a store needs nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Take {
    /// The cell.
    pub cell: CellId,
    /// The owner and the limit of the cell, for pardons.
    pub tag: Tag,
    /// The effective quantity, override and factor applied.
    pub quantity: Quantity,
    /// The number of units.
    pub cost: u32,
    /// Decide and count, never refuse.
    pub shadow: bool,
    /// The sub-key cap, where the cell is one of a parent's.
    pub subkey: Option<Subkey>,
}

/// The owner of a cell, as keyed hashes of names; see [`crate::partition::Partitioner::name`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tag {
    /// The limit.
    pub limit: u64,
    /// The user, where the partition names one.
    pub user: Option<u64>,
}

/// A cell that a caller can choose, so that a parent caps how many of them live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subkey {
    /// The registry of the parent's live sub-keys.
    pub parent: CellId,
    /// The cell that further sub-keys share.
    pub base: CellId,
    /// The most live members.
    pub max: u32,
}

/// The answer to one take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The standing of the cell after the verdict.
    pub standing: Standing,
    /// The fit of this take alone.
    pub fit: Fit,
    /// This very take brought use to where the caller is warned, see [`Cell::warns`].
    pub warns: bool,
}

/// The answer to all takes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// True when the request goes on. If not, nothing was taken anywhere.
    pub admitted: bool,
    /// One outcome for each take, in their order.
    pub outcomes: Vec<Outcome>,
}

/// Decides over all takes at once. `cell_of[i]` is the index in `cells` of the cell that the i-th take concerns; several
/// takes may concern one cell, and they carry one quantity.
///
/// Cells are brought to `now` either way; units move only if every take that is not in shadow fits. A shadow take
/// that does not fit takes nothing itself.
pub fn decide(takes: &[Take], cell_of: &[usize], cells: &mut [Cell], now: Now) -> Verdict {
    for (take, &cell) in takes.iter().zip(cell_of) {
        cells[cell].advance(take.quantity, now);
    }
    let fits = fits(takes, cell_of, cells, now);
    let admitted = takes
        .iter()
        .zip(&fits)
        .all(|(take, fit)| take.shadow || *fit == Fit::Now);
    if admitted {
        for ((take, &cell), fit) in takes.iter().zip(cell_of).zip(&fits) {
            if *fit == Fit::Now {
                cells[cell].take(take.cost);
            }
        }
    }
    let outcomes = takes
        .iter()
        .zip(cell_of)
        .zip(fits)
        .map(|((take, &cell), fit)| {
            let cell = &mut cells[cell];
            // A take that refuses nobody warns nobody, and one that took nothing caused nothing.
            let took = admitted && fit == Fit::Now && take.cost > 0;
            let warns = took && !take.shadow && cell.warns(take.quantity);
            Outcome {
                standing: cell.standing(take.quantity, now),
                fit,
                warns,
            }
        })
        .collect();
    Verdict { admitted, outcomes }
}

/// Each take fits on top of what the request takes from the same cell besides it: an enforced one on top of the earlier
/// enforced ones, a shadow one on top of all of those and of the earlier shadow ones that fit. So no shadow take ever
/// stands in an enforced one's way.
fn fits(takes: &[Take], cell_of: &[usize], cells: &[Cell], now: Now) -> Vec<Fit> {
    let mut fits: Vec<Fit> = Vec::with_capacity(takes.len());
    for (i, (take, &cell)) in takes.iter().zip(cell_of).enumerate() {
        let counts = |j: usize| {
            if takes[j].shadow {
                take.shadow && j < i && fits[j] == Fit::Now
            } else {
                take.shadow || j < i
            }
        };
        let pending = (0..takes.len())
            .filter(|&j| cell_of[j] == cell && counts(j))
            .map(|j| u64::from(takes[j].cost))
            .sum();
        fits.push(cells[cell].fit(take.quantity, take.cost, pending, now));
    }
    fits
}

// === impl Verdict ===

impl Verdict {
    /// The longest wait any refusing, enforced take asks for, exact or a hint; `None` where one can never fit.
    pub fn retry_after(&self, takes: &[Take]) -> Option<Duration> {
        let mut longest = Duration::ZERO;
        for (_, outcome) in takes.iter().zip(&self.outcomes).filter(|(take, _)| !take.shadow) {
            if let Some(wait) = outcome.fit.wait() {
                longest = longest.max(wait.retry_after()?);
            }
        }
        Some(longest)
    }
}

#[cfg(test)]
mod tests;
