//! Refusals in the dialects that today's clients survive (wire formats, section C).

mod grovestreams;
mod problem;
mod tempest;

use http::StatusCode;
use tidegate_core::{policy::Profile, refusal::Refusal};
use tidegate_engine::refusals::DecisionId;

/// A refusal's body with its content type.
pub(crate) fn document(
    profile: Profile,
    refusal: &Refusal,
    status: StatusCode,
    decision: DecisionId,
) -> (&'static str, String) {
    let members = problem::members(refusal, status, decision);
    let (content_type, members) = match profile {
        Profile::Problem => ("application/problem+json", problem::finish(members, status)),
        Profile::Tempest => ("application/json", tempest::finish(members, refusal, status)),
        Profile::GroveStreams => ("application/json", grovestreams::finish(members, refusal, status)),
    };
    (content_type, serde_json::Value::Object(members).to_string())
}

#[cfg(test)]
mod tests;
