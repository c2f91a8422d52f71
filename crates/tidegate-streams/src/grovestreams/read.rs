//! Reads of one stream: `feed` (a range) and `last_value`.

use super::GroveStreams;
use super::limits::{ANSWER_BYTES_MAX, SAMPLES_PER_GET_MAX, TIME_MAX_MS};
use super::route::StreamName;
use crate::fault::Fault;
use crate::query::Query;
use crate::reply::{self, ReplyBody};
use crate::store::{SampleRange, StreamRow};
use http::{Response, StatusCode};
use serde_json::{Value, json};

/// `sd` is included, `ed` excluded, both unix milliseconds. With `sd`, `limit` keeps the oldest samples, so
/// that a reader can go on from the last one; without it, the newest.
pub(super) async fn feed(
    grove: &GroveStreams<'_>,
    name: &StreamName,
    query: &Query,
) -> Result<Response<ReplyBody>, Fault> {
    let expected = "milliseconds since 1970";
    let start = query.integer("sd", 0..=TIME_MAX_MS, expected)?;
    let end = query.integer("ed", 0..=TIME_MAX_MS, expected)?;
    let samples_max = i64::from(SAMPLES_PER_GET_MAX);
    let limit = query.integer("limit", 1..=samples_max, "1 to 550000")?;
    let range = SampleRange {
        start_ms: start.unwrap_or(0),
        end_ms: end.unwrap_or(TIME_MAX_MS + 1),
        // One more than is answered, to tell "all of it" from "too much".
        samples_max: limit.map_or(SAMPLES_PER_GET_MAX + 1, |limit| limit as u32),
        newest: start.is_none() && limit.is_some(),
    };
    if range.start_ms > range.end_ms {
        return Err(Fault::bad_request(format!(
            "parameter sd: found {}, expected at most ed ({})",
            range.start_ms, range.end_ms
        )));
    }
    let stream = stream(grove, name).await?;
    let data = read(grove, stream, range).await?;
    Ok(document(name, query, data))
}

/// The newest sample as the only pair of `data`.
pub(super) async fn last_value(
    grove: &GroveStreams<'_>,
    name: &StreamName,
    query: &Query,
) -> Result<Response<ReplyBody>, Fault> {
    let stream = stream(grove, name).await?;
    let range = SampleRange {
        start_ms: 0,
        end_ms: TIME_MAX_MS + 1,
        samples_max: 1,
        newest: true,
    };
    let data = read(grove, stream, range).await?;
    Ok(document(name, query, data))
}

async fn stream(grove: &GroveStreams<'_>, name: &StreamName) -> Result<StreamRow, Fault> {
    let tenant = &grove.caller.tenant;
    let found = grove.store.stream(tenant, &name.comp_id, &name.stream_id).await?;
    found.ok_or_else(|| {
        let (comp, stream) = (&name.comp_id, &name.stream_id);
        Fault::not_found(format!("component {comp} has no stream {stream}"))
    })
}

/// Writes `[[time,value],...]` as it comes, so that a long answer is held once.
async fn read(grove: &GroveStreams<'_>, stream: StreamRow, range: SampleRange) -> Result<String, Fault> {
    let mut data = String::from("[");
    let mut count: u32 = 0;
    let mut too_much = false;
    let each = |time_ms: i64, value: Value| {
        count += 1;
        too_much = count > SAMPLES_PER_GET_MAX || data.len() > ANSWER_BYTES_MAX;
        if !too_much {
            let comma = if count > 1 { "," } else { "" };
            data.push_str(&format!("{comma}[{time_ms},{value}]"));
        }
        !too_much
    };
    grove.store.each_sample(stream, range, each).await?;
    if too_much {
        return Err(Fault::asks_too_much(format!(
            "the range holds over {SAMPLES_PER_GET_MAX} samples or {ANSWER_BYTES_MAX} bytes; \
             narrow sd and ed, or give limit"
        )));
    }
    data.push(']');
    Ok(data)
}

/// `retStreamId` (with any value but false) names the stream beside its data.
fn document(name: &StreamName, query: &Query, data: String) -> Response<ReplyBody> {
    let named = query.get("retStreamId").is_some_and(|value| value != "false");
    let names = match named {
        true => format!(
            "\"compId\":{},\"streamId\":{},",
            json!(name.comp_id),
            json!(name.stream_id)
        ),
        false => String::new(),
    };
    let document = format!("{{\"success\":true,\"message\":\"\",{names}\"data\":{data}}}");
    reply::bytes(StatusCode::OK, "application/json", document)
}
