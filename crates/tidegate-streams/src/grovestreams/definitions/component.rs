//! Components and their streams.

use super::{name, parse, timezone};
use crate::fault::Fault;
use crate::grovestreams::GroveStreams;
use crate::grovestreams::advanced_api::{stream_type, value_type};
use crate::grovestreams::answer::envelope;
use crate::grovestreams::batch::check_id;
use crate::grovestreams::limits::COMPONENTS_PER_PAGE_MAX;
use crate::grovestreams::select;
use crate::query::{Query, clip};
use crate::reply::{self, ReplyBody};
use crate::store::{
    ComponentDefinition, ComponentErasure, ComponentName, ComponentRow, RhythmDefinition, STREAMS_PER_COMPONENT_MAX,
    StreamDefinition, StreamRow, ValueKind, Write,
};
use http::{Response, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
struct Body {
    component: Text,
}

/// Members it does not know are passed over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Text {
    id: Option<String>,
    uid: Option<String>,
    name: Option<String>,
    time_zone_id: Option<String>,
    #[serde(default)]
    stream: Vec<StreamText>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StreamText {
    id: String,
    name: Option<String>,
    value_type: Option<String>,
    stream_type: Option<String>,
    base_cycle: Option<CycleText>,
}

#[derive(Deserialize)]
struct CycleText {
    uid: Option<String>,
    id: Option<String>,
}

/// `GET /api/component`: a page of them, without their streams. `compId` finds one.
pub(in crate::grovestreams) async fn components(
    grove: &GroveStreams<'_>,
    query: &Query,
) -> Result<Response<ReplyBody>, Fault> {
    if let Some(comp_id) = query.filled("compId") {
        return shown(grove, ComponentName::Id(comp_id)).await;
    }
    let page_max = i64::from(COMPONENTS_PER_PAGE_MAX);
    let start = query
        .integer("start", 0..=i64::from(u32::MAX), "0 or more")?
        .unwrap_or(0);
    let limit = query.integer("limit", 1..=page_max, "1 to 1000")?.unwrap_or(page_max);
    let tenant = &grove.caller.tenant;
    let (rows, total) = grove.store.components(tenant, start as u32, limit as u32).await?;
    let listed: Vec<Value> = rows.iter().map(|row| summary(row).into()).collect();
    let document = json!({"message": "", "component": listed, "totalCount": total, "success": true});
    Ok(reply::json(StatusCode::OK, &document))
}

/// `GET /api/component/{uid}`: with its streams.
pub(in crate::grovestreams) async fn component(
    grove: &GroveStreams<'_>,
    uid: &str,
) -> Result<Response<ReplyBody>, Fault> {
    shown(grove, ComponentName::Uid(uid)).await
}

/// `PUT` and `POST /api/component`: makes the component with this id, or changes it and the streams that are named.
pub(in crate::grovestreams) async fn define_component(
    grove: &GroveStreams<'_>,
    uid: Option<&str>,
    body: &[u8],
) -> Result<Response<ReplyBody>, Fault> {
    let Body { component: text } = parse(body)?;
    let uid = uid.or(text.uid.as_deref());
    let comp_id = match (text.id, uid) {
        (Some(id), _) => id,
        (None, Some(uid)) => select::component(grove, ComponentName::Uid(uid)).await?.comp_id,
        (None, None) => String::new(),
    };
    check_id("id", &comp_id).map_err(Fault::bad_request)?;
    if text.stream.len() > STREAMS_PER_COMPONENT_MAX {
        return Err(Fault::bad_request(format!(
            "stream: a component has at most {STREAMS_PER_COMPONENT_MAX} streams"
        )));
    }
    let streams: Result<_, Fault> = text.stream.into_iter().map(stream).collect();
    let definition = ComponentDefinition {
        tenant: grove.caller.tenant.clone(),
        comp_id: comp_id.as_str().into(),
        name: name(text.name)?,
        timezone: timezone("timeZoneId", text.time_zone_id)?,
        streams: streams?,
        now_ms: grove.now_ms,
    };
    grove.store.write(Write::DefineComponent(definition)).await?;
    shown(grove, ComponentName::Id(&comp_id)).await
}

/// `DELETE /api/component/{uid}`: with its streams and their samples.
pub(in crate::grovestreams) async fn delete_component(
    grove: &GroveStreams<'_>,
    uid: &str,
) -> Result<Response<ReplyBody>, Fault> {
    let component = select::component(grove, ComponentName::Uid(uid)).await?;
    let erasure = ComponentErasure {
        tenant: grove.caller.tenant.clone(),
        component_id: component.id,
    };
    grove.store.write(Write::EraseComponent(erasure)).await?;
    Ok(reply::json(StatusCode::OK, &json!({"message": "", "success": true})))
}

/// `GET /api/comp/{compId}/property`
pub(in crate::grovestreams) async fn property(
    grove: &GroveStreams<'_>,
    comp_id: &str,
) -> Result<Response<ReplyBody>, Fault> {
    let component = select::component(grove, ComponentName::Id(comp_id)).await?;
    Ok(envelope("property", summary(&component).into()))
}

/// `POST /api/comp/{compId}/property?name=&timeZoneId=`, of a component that is there.
pub(in crate::grovestreams) async fn set_property(
    grove: &GroveStreams<'_>,
    comp_id: &str,
    query: &Query,
) -> Result<Response<ReplyBody>, Fault> {
    let component = select::component(grove, ComponentName::Id(comp_id)).await?;
    let given = |member: &str| query.filled(member).map(str::to_owned);
    let definition = ComponentDefinition {
        tenant: grove.caller.tenant.clone(),
        comp_id: component.comp_id.as_str().into(),
        name: name(given("name"))?,
        timezone: timezone("timeZoneId", given("timeZoneId"))?,
        streams: Vec::new(),
        now_ms: grove.now_ms,
    };
    if definition.name.is_none() && definition.timezone.is_none() {
        return Err(Fault::bad_request("give name or timeZoneId"));
    }
    grove.store.write(Write::DefineComponent(definition)).await?;
    property(grove, comp_id).await
}

fn stream(text: StreamText) -> Result<StreamDefinition, Fault> {
    check_id("stream.id", &text.id).map_err(Fault::bad_request)?;
    let id = clip(&text.id);
    let wrong = |what: &str| Fault::bad_request(format!("stream {id}: {what}"));
    let kind = match text.value_type.as_deref().map(str::to_ascii_uppercase).as_deref() {
        None | Some("") => None,
        Some("BOOLEAN") => Some(ValueKind::Boolean),
        Some("STRING") => Some(ValueKind::Text),
        Some("SHORT" | "INTEGER" | "LONG" | "FLOAT" | "DOUBLE" | "LATITUDE" | "LONGITUDE" | "ELEVATION") => {
            Some(ValueKind::Number)
        }
        Some(found) => {
            let found = clip(found);
            return Err(wrong(&format!(
                "valueType: found \"{found}\", expected DOUBLE or another number, BOOLEAN or STRING"
            )));
        }
    };
    let cycle = text.base_cycle.and_then(|cycle| cycle.uid.or(cycle.id));
    let cycle = cycle.filter(|cycle| !cycle.is_empty());
    let rhythm = match (text.stream_type.as_deref(), cycle) {
        (None | Some(""), None) => None,
        (Some("rdm_stream" | "random_stream" | "random"), None) => Some(RhythmDefinition::Random),
        (Some("point_stream" | "point"), None) => Some(RhythmDefinition::Point),
        (None | Some("intvl_stream" | "interval_stream" | "interval" | ""), Some(cycle)) => {
            Some(RhythmDefinition::Interval { cycle })
        }
        (Some("intvl_stream" | "interval_stream" | "interval"), None) => {
            return Err(wrong("an interval stream needs a cycle: \"baseCycle\":{\"uid\":\"…\"}"));
        }
        (Some("rdm_stream" | "random_stream" | "random" | "point_stream" | "point"), Some(_)) => {
            return Err(wrong("baseCycle: only an interval stream has a cycle"));
        }
        (Some(found), _) => {
            let found = clip(found);
            return Err(wrong(&format!(
                "streamType: found \"{found}\", expected intvl_stream, rdm_stream or point_stream"
            )));
        }
    };
    Ok(StreamDefinition {
        stream_id: text.id.into(),
        name: name(text.name)?,
        kind,
        rhythm,
    })
}

async fn shown(grove: &GroveStreams<'_>, component: ComponentName<'_>) -> Result<Response<ReplyBody>, Fault> {
    let component = select::component(grove, component).await?;
    let streams = grove.store.streams_of(component.id).await?;
    let mut document = summary(&component);
    document.insert("stream".to_owned(), streams.iter().map(shown_stream).collect());
    Ok(envelope("component", document.into()))
}

fn summary(row: &ComponentRow) -> serde_json::Map<String, Value> {
    let mut summary = serde_json::Map::new();
    let members = [
        ("uid", json!(row.uid)),
        ("id", json!(row.comp_id)),
        ("name", json!(row.name.as_deref().unwrap_or(&row.comp_id))),
        ("timeZoneId", json!(row.timezone.as_deref().unwrap_or("UTC"))),
        ("creationDate", json!(row.created_ms)),
    ];
    summary.extend(members.map(|(name, value)| (name.to_owned(), value)));
    summary
}

fn shown_stream(row: &StreamRow) -> Value {
    let mut stream = json!({
        "uid": row.uid,
        "id": row.stream_id,
        "name": row.name.as_deref().unwrap_or(&row.stream_id),
        "streamType": stream_type(&row.rhythm),
        "valueType": value_type(row.kind),
        "lastUpdated": row.updated_ms,
    });
    if let Some(uid) = &row.cycle_uid {
        stream["baseCycle"] = json!({"uid": uid});
    }
    stream
}
