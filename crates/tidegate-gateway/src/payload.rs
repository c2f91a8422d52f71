//! The payload of an admitted request, held against the limits in force: the samples of its query now, its body while it
//! streams.

use std::sync::Arc;

use http::request::Parts;
use tidegate_core::{payload::upload::UploadFormat, refusal::Refusal, time::Now};
use tidegate_gate::PayloadLimits;
use tokio::sync::Semaphore;

use crate::{body::request::RequestBody, inspect::Looked};

/// Counts the samples of the query, and has the body looked at as it streams.
pub(crate) fn inspect(
    in_force: PayloadLimits,
    head: &Parts,
    body: &mut RequestBody,
    body_bytes_max: u64,
    decoders: &Arc<Semaphore>,
    now: Now,
) -> Result<(), Refusal> {
    let looked = Looked {
        limits: in_force.limits,
        format: in_force.format,
    };
    if let Some(format) = looked.format {
        body.fate().add_samples(in_query(&looked, format, head, now)?);
    }
    if !body.is_end() {
        let inspection = looked.body(&head.headers, body_bytes_max, decoders, now)?;
        body.inspect(inspection);
    }
    Ok(())
}

/// The samples of a query that stands for a body.
fn in_query(looked: &Looked, format: &UploadFormat, head: &Parts, now: Now) -> Result<u64, Refusal> {
    let mut shadow = looked.upload(true);
    if let Err(excess) = (format.read_query)(head.uri.query(), now.wall_ms, &mut shadow) {
        tracing::info!(limit = %excess.limit, "a limit in the shadow would refuse: {}", excess.sentence());
    }
    let mut upload = looked.upload(false);
    (format.read_query)(head.uri.query(), now.wall_ms, &mut upload).map_err(Refusal::TooMuch)?;
    Ok(upload.samples())
}
