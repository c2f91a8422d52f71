//! Reads of the simple API: `feed` (a range) and `last_value`, of one stream or of all of a component's.
//!
//! One stream's points are pairs below `data`. A component's, and formatted ones (`retFData`), are objects, as the
//! platform's own pages read them.

use super::GroveStreams;
use super::answer::Room;
use super::limits::SAMPLES_PER_GET_MAX;
use super::points::{PointRange, each_point, may_fit};
use super::route::StreamIds;
use crate::fault::Fault;
use crate::query::Query;
use crate::reply::{self, ReplyBody};
use crate::store::{ComponentName, StreamRow};
use http::{Response, StatusCode};
use serde_json::{Value, json};

/// `sd` is included, `ed` excluded, both unix milliseconds. With `sd`, `limit` keeps the oldest points, so that a
/// reader can go on from the last one; without it, the newest.
pub(super) async fn feed(
    grove: &GroveStreams<'_>,
    name: &StreamIds,
    query: &Query,
) -> Result<Response<ReplyBody>, Fault> {
    let range = range(query)?;
    let stream = stream(grove, name).await?;
    of_stream(grove, name, &stream, query, range).await
}

/// The newest sample as the only point.
pub(super) async fn last_value(
    grove: &GroveStreams<'_>,
    name: &StreamIds,
    query: &Query,
) -> Result<Response<ReplyBody>, Fault> {
    let stream = stream(grove, name).await?;
    of_stream(grove, name, &stream, query, LAST).await
}

/// Reads one range of each of a component's streams.
pub(super) async fn component_feed(
    grove: &GroveStreams<'_>,
    comp_id: &str,
    query: &Query,
) -> Result<Response<ReplyBody>, Fault> {
    let range = range(query)?;
    of_component(grove, comp_id, query, range).await
}

/// The newest sample of each of a component's streams.
pub(super) async fn component_last_value(
    grove: &GroveStreams<'_>,
    comp_id: &str,
    query: &Query,
) -> Result<Response<ReplyBody>, Fault> {
    of_component(grove, comp_id, query, LAST).await
}

const LAST: PointRange = PointRange {
    start_ms: None,
    end_ms: None,
    limit: Some(1),
    points_max: 1,
};

fn range(query: &Query) -> Result<PointRange, Fault> {
    let mut range = PointRange::of(query, "sd", "ed", SAMPLES_PER_GET_MAX)?;
    let samples_max = i64::from(SAMPLES_PER_GET_MAX);
    let limit = query.integer("limit", 1..=samples_max, "1 to 1100000")?;
    range.limit = limit.map(|limit| limit as u32);
    Ok(range)
}

async fn stream(grove: &GroveStreams<'_>, name: &StreamIds) -> Result<StreamRow, Fault> {
    let found = grove.store.stream(&grove.caller.tenant, name.name()).await?;
    found.ok_or_else(|| {
        let (comp, stream) = (&name.comp_id, &name.stream_id);
        Fault::not_found(format!("component {comp} has no stream {stream}"))
    })
}

async fn of_stream(
    grove: &GroveStreams<'_>,
    name: &StreamIds,
    stream: &StreamRow,
    query: &Query,
    range: PointRange,
) -> Result<Response<ReplyBody>, Fault> {
    let named = flag(query, "retStreamId");
    let formatted = flag(query, "retFData");
    let mut list = List::new();
    let form = match formatted {
        true => Form::Objects { formatted, named },
        false => Form::Pairs,
    };
    list.read(grove, stream, range, form).await?;
    let data = list.finish()?;
    if formatted {
        return Ok(reply::bytes(StatusCode::OK, "application/json", data));
    }
    let names = match named {
        true => format!(
            "\"compId\":{},\"streamId\":{},",
            json!(name.comp_id),
            json!(name.stream_id)
        ),
        false => String::new(),
    };
    let document = format!("{{\"success\":true,\"message\":\"\",{names}\"data\":{data}}}");
    Ok(reply::bytes(StatusCode::OK, "application/json", document))
}

async fn of_component(
    grove: &GroveStreams<'_>,
    comp_id: &str,
    query: &Query,
    range: PointRange,
) -> Result<Response<ReplyBody>, Fault> {
    let found = grove
        .store
        .component(&grove.caller.tenant, ComponentName::Id(comp_id))
        .await?;
    let component = found.ok_or_else(|| Fault::not_found(format!("no component {comp_id}")))?;
    let form = Form::Objects {
        formatted: flag(query, "retFData"),
        named: true,
    };
    let mut list = List::new();
    for stream in grove.store.streams_of(component.id).await? {
        list.read(grove, &stream, range, form).await?;
    }
    Ok(reply::bytes(StatusCode::OK, "application/json", list.finish()?))
}

/// A flag is there with any value but false.
fn flag(query: &Query, name: &str) -> bool {
    query.get(name).is_some_and(|value| value != "false")
}

#[derive(Clone, Copy)]
enum Form {
    /// `[time,value]`
    Pairs,
    /// `{"time":…,"data":…}`, with the stream's id and the value as text if that is asked.
    Objects { formatted: bool, named: bool },
}

/// A JSON array that is written as its points come, so that a long answer is held once.
struct List {
    text: String,
    room: Room,
}

impl List {
    fn new() -> List {
        List {
            text: String::from("["),
            room: Room::new(),
        }
    }

    async fn read(
        &mut self,
        grove: &GroveStreams<'_>,
        stream: &StreamRow,
        range: PointRange,
        form: Form,
    ) -> Result<(), Fault> {
        let range = PointRange {
            points_max: range.points_max.min(self.room.points()),
            ..range
        };
        if !may_fit(stream, &range) {
            self.room.overfill();
            return self.room.check();
        }
        let List { text, room } = self;
        let each = |time_ms: i64, value: Option<Value>| {
            let point = point(stream, time_ms, value.unwrap_or(Value::Null), form);
            let fits = room.take(point.len() + 1);
            if fits {
                if text.len() > 1 {
                    text.push(',');
                }
                text.push_str(&point);
            }
            fits
        };
        each_point(grove.store, stream, range, each).await?;
        self.room.check()
    }

    fn finish(mut self) -> Result<String, Fault> {
        self.text.push(']');
        Ok(self.text)
    }
}

fn point(stream: &StreamRow, time_ms: i64, value: Value, form: Form) -> String {
    let Form::Objects { formatted, named } = form else {
        return format!("[{time_ms},{value}]");
    };
    let mut object = json!({"time": time_ms, "data": value});
    if formatted {
        object["fData"] = match value {
            Value::Null => json!(""),
            Value::String(text) => json!(text),
            other => json!(other.to_string()),
        };
    }
    if named {
        object["streamId"] = json!(stream.stream_id);
    }
    object.to_string()
}
