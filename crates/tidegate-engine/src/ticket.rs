//! Proof of admission.

use std::sync::Arc;

use tidegate_core::{fields::RateLimitFields, warning::Warning};

use crate::{
    lease::Lease,
    store::{Charge, Store},
};

/// A proof of admission, without which nothing goes to an upstream: made by [`crate::engine::Engine::admit`] alone,
/// consumed by the call. When it is dropped, on any way out, it frees the slots it holds; the units it took stay taken, unless they are given back.
#[derive(Debug)]
#[must_use = "a ticket not used is a request admitted and not served"]
pub struct Ticket {
    fields: Option<RateLimitFields>,
    warnings: Vec<Warning>,
    lease: Option<Lease>,
    charges: Vec<Charge>,
    store: Arc<Store>,
}

impl Ticket {
    pub(crate) fn new(
        store: &Arc<Store>,
        fields: Option<RateLimitFields>,
        warnings: Vec<Warning>,
        lease: Option<Lease>,
        charges: Vec<Charge>,
    ) -> Ticket {
        Ticket {
            fields,
            warnings,
            lease,
            charges,
            store: store.clone(),
        }
    }

    /// Returns the RateLimit fields of the answer.
    pub fn fields(&self) -> Option<&RateLimitFields> {
        self.fields.as_ref()
    }

    /// Takes the RateLimit fields out, for the answer that says them.
    pub fn take_fields(&mut self) -> Option<RateLimitFields> {
        self.fields.take()
    }

    /// Returns the warnings for the caller that little is left of a limit; nearly always none.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Returns the lease, if a limit on slots applied.
    pub fn lease(&self) -> Option<&Lease> {
        self.lease.as_ref()
    }

    /// Takes the lease out, for a connection that outlives the call this ticket is for.
    pub fn take_lease(&mut self) -> Option<Lease> {
        self.lease.take()
    }

    /// Returns the lease of a ticket whose call is done.
    pub fn into_lease(self) -> Option<Lease> {
        self.lease
    }

    /// Returns its charges to counters.
    pub(crate) fn charges(&self) -> &[Charge] {
        &self.charges
    }

    /// Adds the result of a later admission to the ticket.
    pub(crate) fn with(
        mut self,
        fields: Option<RateLimitFields>,
        warnings: Vec<Warning>,
        charges: Vec<Charge>,
    ) -> Ticket {
        self.fields = match (self.fields.take(), fields) {
            (Some(first), Some(later)) => Some(first.and(&later)),
            (first, later) => first.or(later),
        };
        self.warnings.extend(warnings);
        self.charges.extend(charges);
        self
    }

    /// Gives everything back, units and slots: the request is refused after all, and a refusal for our own lack of
    /// capacity charges nothing (docs/semantics.md rule 6).
    pub fn give_back(self) {
        self.store.give_back(&self.charges);
    }
}
