//! `PUT /api/feed`: samples in the query, a JSON list in the body, or the advanced API's document there.

mod document;
mod element;

use super::GroveStreams;
use super::PARAMETERS_RESERVED;
use super::batch::Batch;
use super::limits::SAMPLES_PER_PUT_MAX;
use super::limits::TIME_MAX_MS;
use crate::elements;
use crate::fault::Fault;
use crate::query::Query;
use crate::reply::{self, Changed, ReplyBody};
use crate::store::{Datum, SampleBatch, ValueText, Write};
use bytes::Bytes;
use element::Element;
use http::{Response, StatusCode};
use serde_json::json;

pub(super) async fn answer(grove: &GroveStreams<'_>, query: &Query, body: Bytes) -> Result<Response<ReplyBody>, Fault> {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    let samples = match (query.get("compId"), first.is_none()) {
        (Some(comp_id), true) => from_query(grove, query, comp_id)?,
        (None, false) if first == Some(&b'{') => {
            let mut batch = Batch::new(grove.caller.tenant.clone(), grove.now_ms);
            document::into_batch(grove, &body, &mut batch).await?;
            batch.into_samples()
        }
        (None, false) => from_json(grove, &body).map_err(Fault::bad_request)?,
        (Some(_), false) => {
            return Err(Fault::bad_request(
                "found compId in the query and a body; send samples in one of them",
            ));
        }
        (None, true) => {
            return Err(Fault::bad_request(
                "no samples: give compId and streams in the query, or a JSON array as the body",
            ));
        }
    };
    drop(body);
    let changed = Changed::of(samples.streams.iter().map(|stream| &stream.comp_id));
    let stored = match samples.samples.is_empty() {
        true => 0,
        false => grove.store.write(Write::Samples(samples)).await?,
    };
    let document = json!({"success": true, "message": "", "stored": stored});
    let mut answer = reply::json(StatusCode::OK, &document);
    answer.extensions_mut().insert(changed);
    answer.extensions_mut().insert(reply::Stored(stored as u64));
    Ok(answer)
}

fn from_query(grove: &GroveStreams<'_>, query: &Query, comp_id: &str) -> Result<SampleBatch, Fault> {
    let time_ms = query.integer("time", 0..=TIME_MAX_MS, "milliseconds since 1970")?;
    let comp_name = query.filled("compName");
    let mut batch = Batch::new(grove.caller.tenant.clone(), grove.now_ms);
    let streams = query.pairs().filter(|(name, _)| !PARAMETERS_RESERVED.contains(name));
    for (element, (stream_id, value)) in streams.enumerate() {
        let datum = Datum::Untyped(ValueText(value.to_owned()));
        batch
            .stream(comp_id, comp_name, stream_id)
            .and_then(|stream| batch.add(stream, element, time_ms, Some(datum)))
            .map_err(|problem| Fault::bad_request(format!("parameter {stream_id}: {problem}")))?;
    }
    let samples = batch.into_samples();
    if samples.samples.is_empty() {
        return Err(Fault::bad_request(
            "no stream given: every parameter but compId, compName, time and credentials is one, as in &temp=21.5",
        ));
    }
    Ok(samples)
}

fn from_json(grove: &GroveStreams<'_>, body: &[u8]) -> Result<SampleBatch, String> {
    let mut batch = Batch::new(grove.caller.tenant.clone(), grove.now_ms);
    elements::each(body, SAMPLES_PER_PUT_MAX, |index, element: Element| {
        element.into_batch(index, &mut batch)
    })?;
    Ok(batch.into_samples())
}

#[cfg(test)]
mod tests;
