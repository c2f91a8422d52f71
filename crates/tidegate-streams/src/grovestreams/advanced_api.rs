//! Reads and deletions of the advanced API, which names components and streams by uid and ranges by `startDate` and
//! `endDate`.

use super::GroveStreams;
use super::answer::Room;
use super::limits::SAMPLES_PER_GET_MAX;
use super::points::{PointRange, each_point, may_fit, rounded};
use super::select::Selection;
use crate::fault::Fault;
use crate::query::Query;
use crate::reply::{self, ReplyBody};
use crate::store::{ComponentRow, Rhythm, SampleErasure, StreamRow, ValueKind, Write};
use http::{Response, StatusCode};
use serde_json::{Value, json};

/// A range of each stream, with its newest value beside it. Both ends are needed; those of interval streams are moved
/// outwards to whole intervals.
pub(super) async fn read(
    grove: &GroveStreams<'_>,
    selection: Selection,
    query: &Query,
) -> Result<Response<ReplyBody>, Fault> {
    let range = range(query)?;
    let ends = query.get("intvlDates") == Some("return");
    let mut room = Room::new();
    let mut text = String::from("{\"message\":\"\",\"feed\":{\"component\":[");
    for (index, (component, streams)) in selection.iter().enumerate() {
        text.push_str(if index > 0 { "," } else { "" });
        text.push_str(&opening(component));
        for (index, stream) in streams.iter().enumerate() {
            text.push_str(if index > 0 { "," } else { "" });
            push_stream(grove, stream, range, ends, &mut room, &mut text).await?;
        }
        text.push_str("]}");
    }
    text.push_str("]},\"success\":true}");
    Ok(reply::bytes(StatusCode::OK, "application/json", text))
}

/// Deletes a range of each stream.
pub(super) async fn delete(
    grove: &GroveStreams<'_>,
    selection: Selection,
    query: &Query,
) -> Result<Response<ReplyBody>, Fault> {
    let range = range(query)?;
    let (start_ms, end_ms) = (range.start_ms.unwrap_or(i64::MAX), range.end_ms.unwrap_or(i64::MIN));
    let streams = selection.into_iter().flat_map(|(_, streams)| streams).map(|stream| {
        let (start_ms, end_ms) = rounded(&stream, start_ms, end_ms);
        (stream, start_ms, end_ms)
    });
    let erasure = SampleErasure {
        streams: streams.collect(),
        now_ms: grove.now_ms,
    };
    let deleted = grove.store.write(Write::Erase(erasure)).await?;
    let document = json!({"success": true, "message": "", "deleted": deleted});
    Ok(reply::json(StatusCode::OK, &document))
}

fn range(query: &Query) -> Result<PointRange, Fault> {
    let range = PointRange::of(query, "startDate", "endDate", SAMPLES_PER_GET_MAX)?;
    match (range.start_ms, range.end_ms) {
        (Some(_), Some(_)) => Ok(range),
        _ => Err(Fault::bad_request(
            "startDate and endDate are needed, in milliseconds since 1970",
        )),
    }
}

fn opening(component: &ComponentRow) -> String {
    format!(
        "{{\"componentUid\":{},\"componentId\":{},\"stream\":[",
        json!(component.uid),
        json!(component.comp_id)
    )
}

/// `time` are the samples' times, or the beginnings of intervals; `endDate`, their ends, come when they are asked for.
async fn push_stream(
    grove: &GroveStreams<'_>,
    stream: &StreamRow,
    range: PointRange,
    ends: bool,
    room: &mut Room,
    text: &mut String,
) -> Result<(), Fault> {
    let last = grove.store.last_sample(stream, i64::MAX).await?;
    let completed_ms = last.as_ref().map(|(time_ms, _)| match &stream.rhythm {
        Rhythm::Interval(cycle) => cycle.end_of(*time_ms),
        Rhythm::Random | Rhythm::Point => *time_ms,
    });
    let head = json!({
        "streamUid": stream.uid,
        "streamId": stream.stream_id,
        "streamType": stream_type(&stream.rhythm),
        "lastValue": last.map(|(_, value)| value),
        "lastValueType": value_type(stream.kind),
        "completedDate": completed_ms,
        "lastUpdated": stream.updated_ms,
    })
    .to_string();
    let range = PointRange {
        points_max: room.points(),
        ..range
    };
    if !may_fit(stream, &range) {
        room.overfill();
        return room.check();
    }
    let (mut times, mut end_times, mut values) = (String::new(), String::new(), String::new());
    let mut walk = None;
    let each = |time_ms: i64, value: Option<Value>| {
        let value = value.unwrap_or(Value::Null).to_string();
        // The times are about as long as each other.
        let fits = room.take(value.len() + 32);
        if fits {
            push(&mut times, &time_ms.to_string());
            push(&mut values, &value);
            if let (true, Rhythm::Interval(cycle)) = (ends, &stream.rhythm) {
                // Points of an interval stream follow each other: one ends where the next begins.
                let walk = walk.get_or_insert_with(|| cycle.walk(time_ms));
                walk.step();
                push(&mut end_times, &walk.start_ms().to_string());
            }
        }
        fits
    };
    each_point(grove.store, stream, range, each).await?;
    room.check()?;
    let end_member = match ends && matches!(stream.rhythm, Rhythm::Interval(_)) {
        true => format!(",\"endDate\":[{end_times}]"),
        false => String::new(),
    };
    text.push_str(head.strip_suffix('}').unwrap_or(&head));
    text.push_str(&format!(",\"time\":[{times}]{end_member},\"data\":[{values}]}}"));
    Ok(())
}

fn push(list: &mut String, item: &str) {
    if !list.is_empty() {
        list.push(',');
    }
    list.push_str(item);
}

/// The platform's names of the kinds of stream.
pub(super) fn stream_type(rhythm: &Rhythm) -> &'static str {
    match rhythm {
        Rhythm::Random => "rdm_stream",
        Rhythm::Point => "point_stream",
        Rhythm::Interval(_) => "intvl_stream",
    }
}

/// The platform's names of the types of values. Its shorter numbers are kept as the widest.
pub(super) fn value_type(kind: ValueKind) -> &'static str {
    match kind {
        ValueKind::Number => "DOUBLE",
        ValueKind::Boolean => "BOOLEAN",
        ValueKind::Text => "STRING",
    }
}
