//! The ledger of usage compared with its log, as `tidegate usage verify` and the admin API show it.

use serde::{Deserialize, Serialize};

/// What a comparison found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Audit {
    /// The ledger is what the log says, and the log is whole.
    pub ok: bool,
    /// Segments that were read.
    pub segments: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Batches in them.
    pub batches: u64,
    /// Batches that the ledger does not have yet.
    pub pending: u64,
    /// Batches that were written once, and that neither the log nor the ledger has.
    pub missing: u64,
    /// Bytes that are damaged.
    pub damaged_bytes: u64,
    /// Bytes that crashes tore off.
    pub torn_bytes: u64,
    /// Where ledger and log differ; at most a hundred of them.
    pub differences: Vec<Difference>,
}

/// A sum of a tenant that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Difference {
    /// The month.
    pub month: String,
    /// The tenant; null of nobody known.
    pub tenant: Option<String>,
    /// Which sum, e.g. `transactions`.
    pub sum: String,
    /// What the ledger says.
    pub ledger: u64,
    /// What the log says: what stands in it, and what was read of segments before they were deleted.
    pub log: u64,
}
