//! The warnings that a client gets on its socket when little is left of a limit (docs/semantics.md rule 13).

use serde_json::json;
use tidegate_core::{
    cell::{Cell, Slots},
    limit::Quantity,
    policy::Policy,
    socket::SocketRules,
    time::Now,
    warning::Warning,
};

/// A typed text: of one kind for all protocols, as the dialect of a refusal says nothing about texts.
pub(super) fn text(limit: &str, used: u64, quota: u32) -> String {
    json!({ "type": "limit_warning", "limit": limit, "used": used, "quota": quota }).to_string()
}

/// The texts about what a handshake took. On a socket they are about sockets alone: a limit that counts other calls too
/// is in the fields of the handshake's answer.
pub(super) fn texts(rules: &SocketRules, policy: &Policy, warnings: &[Warning]) -> Vec<String> {
    if !rules.warnings {
        return Vec::new();
    }
    let of_sockets = warnings.iter().filter(|warning| policy.is_of_sockets(&warning.limit));
    of_sockets
        .map(|warning| text(&warning.limit, warning.used, warning.quota))
        .collect()
}

/// The warning to a client whose one socket listens to nearly as many resources as it may.
#[derive(Clone, Copy, Debug)]
pub struct ResourceWarning {
    resources_max: u32,
    is_on: bool,
    warned: bool,
}

impl ResourceWarning {
    /// Makes the warning of a socket that listens to nothing yet.
    pub fn new(rules: &SocketRules) -> ResourceWarning {
        ResourceWarning {
            resources_max: rules.resources_max,
            is_on: rules.warnings,
            warned: false,
        }
    }

    /// Notes the number of resources listened to now, and returns the text to send, if it is time for one.
    pub fn listens_to(&mut self, resources: usize, now: Now) -> Option<String> {
        let quantity = Quantity::Slots {
            quota: self.resources_max,
        };
        let mut look = Slots::new(resources as u64, false, true);
        look.warned = self.warned;
        let mut cell = Cell::Slots(look);
        cell.advance(quantity, now);
        let warns = cell.warns(quantity);
        self.warned = cell.is_warned();
        (warns && self.is_on).then(|| text("resources_max", resources as u64, self.resources_max))
    }
}

#[cfg(test)]
mod tests;
