//! What a take took, so that it can be given back to the very cell it was taken from.

use super::{location::Location, locks::LockedMaps, shard::Shard};

/// What one take put into one cell. It is worth something only while that generation of the cell lasts
/// (docs/semantics.md rule 12): a cell that was pardoned, or that held nothing in between, owes nobody anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    pub(super) location: Location,
    pub(super) generation: u64,
    pub(super) cost: u32,
    /// What the cell's own clock showed.
    pub(super) taken_at_ns: u64,
    /// It warned its caller; given back, it did not.
    pub(super) warned: bool,
}

impl LockedMaps<'_, Shard> {
    /// Gives these back. The maps of all of them are held, so that it is one step with whatever else is done to them.
    pub(super) fn give_back(&mut self, charges: &[Charge]) {
        for charge in charges {
            self.map_mut(charge.location.map).give_back(charge);
        }
    }
}

#[cfg(test)]
mod tests;
