//! The payload of an admitted request, held against the limits in force: the samples of its query now, its body while it
//! streams.

use std::sync::Arc;

use http::request::Parts;
use tidegate_core::{payload::upload::UploadFormat, refusal::Refusal, time::Now};
use tidegate_gate::PayloadLimits;
use tokio::sync::Semaphore;

use crate::{body::request::RequestBody, inspect::InspectionRules};

/// Counts the samples of the query, and has the body rules at as it streams.
pub(crate) fn inspect(
    in_force: PayloadLimits,
    head: &Parts,
    body: &mut RequestBody,
    body_bytes_max: u64,
    decoders: &Arc<Semaphore>,
    now: Now,
) -> Result<(), Refusal> {
    let rules = InspectionRules {
        limits: in_force.limits,
        format: in_force.format,
    };
    if let Some(format) = rules.format {
        body.add_samples(in_query(&rules, format, head, now)?);
    }
    if !body.is_end() {
        let inspection = rules.body(&head.headers, body_bytes_max, decoders, now)?;
        body.inspect(inspection);
    }
    Ok(())
}

/// The samples of a query that stands for a body.
fn in_query(rules: &InspectionRules, format: &UploadFormat, head: &Parts, now: Now) -> Result<u64, Refusal> {
    let mut shadow = rules.upload(true);
    if let Err(excess) = (format.read_query)(head.uri.query(), now.wall_ms, &mut shadow) {
        tracing::info!(limit = %excess.limit, "a shadow limit would refuse: {}", excess.sentence());
    }
    let mut upload = rules.upload(false);
    (format.read_query)(head.uri.query(), now.wall_ms, &mut upload).map_err(Refusal::TooMuch)?;
    Ok(upload.samples())
}
