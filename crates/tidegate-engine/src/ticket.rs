//! Proof of admission.

use tidegate_core::fields::RateLimitFields;

use crate::lease::Lease;

/// The only way to an upstream: made by [`crate::engine::Engine::admit`] alone, consumed by the call. Dropped on any way
/// out, it frees the slots it holds.
#[derive(Debug)]
#[must_use = "a ticket not used is a request admitted and not served"]
pub struct Ticket {
    fields: Option<RateLimitFields>,
    lease: Option<Lease>,
}

impl Ticket {
    pub(crate) fn new(fields: Option<RateLimitFields>, lease: Option<Lease>) -> Ticket {
        Ticket { fields, lease }
    }

    /// The RateLimit fields of the answer.
    pub fn fields(&self) -> Option<&RateLimitFields> {
        self.fields.as_ref()
    }

    /// The lease, where a limit on slots applied.
    pub fn lease(&self) -> Option<&Lease> {
        self.lease.as_ref()
    }

    /// Takes the lease out, for a connection that outlives the call this ticket is for.
    pub fn take_lease(&mut self) -> Option<Lease> {
        self.lease.take()
    }

    /// What is left of a ticket whose call is done: the lease.
    pub fn into_lease(self) -> Option<Lease> {
        self.lease
    }
}
