//! The actor of a change.

/// The one who made a change, as the audit trail keeps it: `admin`, or the name of the user who asked.
///
/// It is a record, not a permission: callers check the permission before the change
/// ([`Accounts::require_owner`](crate::Accounts::require_owner)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor(pub String);
