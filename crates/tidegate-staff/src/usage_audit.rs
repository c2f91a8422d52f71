//! The comparison of the usage ledger with its log, as `tidegate usage verify` and the admin API show it.

use serde::{Deserialize, Serialize};

/// The result of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Audit {
    /// True when the ledger agrees with the log and the log is whole.
    pub ok: bool,
    /// The number of segments that were read.
    pub segments: u64,
    /// The size of the segments in bytes.
    pub bytes: u64,
    /// The number of batches in them.
    pub batches: u64,
    /// Batches that the ledger does not have yet.
    pub pending: u64,
    /// Batches that were written, but are neither in the log nor in the ledger.
    pub missing: u64,
    /// Bytes that are damaged.
    pub damaged_bytes: u64,
    /// Bytes that crashes tore off.
    pub torn_bytes: u64,
    /// The differences between ledger and log; at most a hundred.
    pub differences: Vec<Difference>,
}

/// A sum of a tenant that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Difference {
    /// The month.
    pub month: String,
    /// The tenant; null for anonymous callers.
    pub tenant: Option<String>,
    /// The name of the sum, e.g. `transactions`.
    pub sum: String,
    /// The value in the ledger.
    pub ledger: u64,
    /// The value in the log, including what was read of segments before they were deleted.
    pub log: u64,
}
