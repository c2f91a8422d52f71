//! Who makes a change.

/// Who did it, as the audit trail keeps it: `admin`, or the name of the user who asked.
///
/// It is a record, not a permission: whether the actor may do it is asked before
/// ([`Accounts::require_owner`](crate::Accounts::require_owner)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor(pub String);
