//! Proof of admission.

use tidegate_core::fields::RateLimitFields;

/// The only way to an upstream: made by [`crate::engine::Engine::admit`] alone, consumed by the call.
#[derive(Debug)]
#[must_use = "a ticket not used is a request admitted and not served"]
pub struct Ticket {
    fields: Option<RateLimitFields>,
}

impl Ticket {
    pub(crate) fn new(fields: Option<RateLimitFields>) -> Ticket {
        Ticket { fields }
    }

    /// The RateLimit fields of the answer.
    pub fn fields(&self) -> Option<&RateLimitFields> {
        self.fields.as_ref()
    }
}
