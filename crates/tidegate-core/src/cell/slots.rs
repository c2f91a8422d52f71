//! A look at a set of leases: how many members it has, and whether the asking one is among them.

use super::Fit;

/// The facts about one set that a verdict needs. They are made for one verdict from the set itself and never kept: a
/// count that goes up and down drifts, the size of a set of named members cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slots {
    /// The number of members of the set.
    pub open: u64,
    /// The one who asks is a member already, so that asking twice takes one slot.
    pub is_member: bool,
    /// The store has room for one more member.
    pub has_room: bool,
    /// It was warned that few are left, see [`crate::cell::Cell::warns`].
    pub warned: bool,
    joins: bool,
}

impl Slots {
    /// A look at a set of `open` members.
    pub fn new(open: u64, is_member: bool, has_room: bool) -> Slots {
        Slots {
            open,
            is_member,
            has_room,
            warned: false,
            joins: false,
        }
    }

    /// Is true when the verdict made the one who asks a new member.
    pub fn joins(&self) -> bool {
        self.joins
    }

    pub(super) fn fit(&self, quota: u64, cost: u32) -> Fit {
        match self {
            _ if cost == 0 || self.is_member || self.joins => Fit::Now,
            _ if self.open >= quota => Fit::Full,
            _ if !self.has_room => Fit::NoRoom,
            _ => Fit::Now,
        }
    }

    pub(super) fn take(&mut self, cost: u32) {
        if cost > 0 && !self.is_member && !self.joins {
            self.joins = true;
            self.open += 1;
        }
    }
}

#[cfg(test)]
mod tests;
