//! Exported counts as plain data, which the program writes to disk and imports at the next start.

use tidegate_core::{cell::CellState, decide::Tag, partition::CellId};

/// One exported record of a store, to import at the next start. Later ones replace earlier ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// A cell of one partition alone.
    Cell {
        /// The cell's id.
        id: CellId,
        /// The cell's user and limit, so that a pardon finds it in the next process too.
        tag: Tag,
        /// The cell's state.
        state: CellState,
    },
    /// A cell that callers share because the store was full.
    Shared {
        /// The number of its map.
        map: u8,
        /// The cell's key in that map.
        shared: Shared,
        /// The cell's state.
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
    /// The cell's number among the few that a limit has for each quota.
    pub number: u8,
}

/// The choice of counts to export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// All of them.
    Whole,
    /// Those that changed since the last pass of either kind.
    Changes,
}
