//! A count as it outlives the process: plain data, for whoever writes it down.

use tidegate_core::{cell::CellState, decide::Tag, partition::CellId};

/// One thing to write down of a store, and to give it back at the next start. Later ones replace earlier ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// A cell of somebody's own.
    Cell {
        /// Which.
        id: CellId,
        /// Whose, and of which limit, so that a pardon finds it in the next process too.
        tag: Tag,
        /// What it holds.
        state: CellState,
    },
    /// A cell that callers share because the store was full.
    Shared {
        /// In which map.
        map: u8,
        /// Which there.
        shared: Shared,
        /// What it holds.
        state: CellState,
    },
    /// Live sub-keys of a parent, up to [`SUBKEYS_EACH_MAX`]; they add to those in other records of it.
    Subkeys {
        /// The parent's registry.
        parent: CellId,
        /// The cells of the sub-keys.
        cells: Vec<CellId>,
    },
}

/// Most sub-keys in one [`Record::Subkeys`]; a parent with more of them has several.
pub const SUBKEYS_EACH_MAX: usize = 1_000;

/// A cell shared by callers of one limit under one quota. The quota is part of it, because the debt of a wide address
/// block put under a narrow one's quota would be cut down to that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shared {
    /// The limit, as a keyed hash of its name.
    pub limit: u64,
    /// The quota.
    pub quota: u32,
    /// Which of the few that a limit has for each quota.
    pub number: u8,
}

/// Which counts to write down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// All of them.
    Whole,
    /// Those that changed since the last pass of either kind.
    Changes,
}
