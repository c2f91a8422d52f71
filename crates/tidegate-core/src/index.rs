//! Positions in the lists of a policy, by which its parts name each other.

/// Index into [`Policy::limits`](crate::policy::Policy::limits).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct LimitIndex(pub usize);

/// Index into [`Policy::payload_limits`](crate::policy::Policy::payload_limits).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PayloadIndex(pub usize);

/// Index into [`Policy::pages`](crate::policy::Policy::pages).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PageIndex(pub usize);
