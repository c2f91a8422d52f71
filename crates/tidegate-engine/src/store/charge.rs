//! The charge of a take, so that it can be given back to the very cell it was taken from.

use super::{location::Location, locks::LockedMaps, shard::Shard};

/// The units that one take put into one cell. A charge is worth something only while that generation of the cell lasts
/// (docs/semantics.md rule 12): a cell that was pardoned, or that held nothing in between, owes nobody anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    pub(super) location: Location,
    pub(super) generation: u64,
    pub(super) cost: u32,
    /// The reading of the cell's own clock at the take.
    pub(super) taken_at_ns: u64,
    /// True when the take warned its caller; giving it back undoes the warning.
    pub(super) warned: bool,
}

impl LockedMaps<'_, Shard> {
    /// Gives these charges back. All their maps are held, so that it is one step with other changes to them.
    pub(super) fn give_back(&mut self, charges: &[Charge]) {
        for charge in charges {
            self.map_mut(charge.location.map).give_back(charge);
        }
    }
}

#[cfg(test)]
mod tests;
