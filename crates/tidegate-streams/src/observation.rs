//! One observation of a device, as it is stored and as it is told.

/// One observation as it lies in the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ObservationRow {
    pub(crate) device_id: i64,
    pub(crate) epoch_s: i64,
    /// `obs_st`, `obs_air` or `obs_sky`: which layout `fields` has.
    pub(crate) kind: String,
    /// A JSON array of numbers and nulls.
    pub(crate) fields: String,
}
