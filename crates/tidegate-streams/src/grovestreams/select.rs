//! The streams that an advanced call names.

use super::GroveStreams;
use super::limits::STREAMS_PER_GET_MAX;
use crate::elements;
use crate::fault::Fault;
use crate::query::{Query, clip};
use crate::store::{ComponentName, ComponentRow, StreamName, StreamRow};

/// Streams by the components they are in, in the order they were named.
pub(super) type Selection = Vec<(ComponentRow, Vec<StreamRow>)>;

/// `{"compId","streamId"}`, an element of `itemsById`.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Item {
    comp_id: String,
    stream_id: String,
}

/// The streams of `itemsById=[{"compId","streamId"}]`, or of `streams=componentUid.streamUid+componentUid.streamUid`.
pub(super) async fn named(grove: &GroveStreams<'_>, query: &Query) -> Result<Selection, Fault> {
    let mut selection = Selection::new();
    match (query.filled("itemsById"), query.filled("streams")) {
        (Some(json), None) => {
            let mut items = Vec::new();
            elements::each(json.as_bytes(), STREAMS_PER_GET_MAX, |_, item: Item| {
                items.push(item);
                Ok(())
            })
            .map_err(|problem| Fault::bad_request(format!("parameter itemsById: {problem}")))?;
            for Item { comp_id, stream_id } in &items {
                let stream = StreamName::Ids { comp_id, stream_id };
                add(grove, &mut selection, ComponentName::Id(comp_id), stream).await?;
            }
        }
        (None, Some(pairs)) => {
            // The plus between two streams is a space, unless it was escaped.
            let pairs: Vec<&str> = pairs.split([' ', '+']).filter(|pair| !pair.is_empty()).collect();
            if pairs.len() > STREAMS_PER_GET_MAX {
                return Err(Fault::bad_request(format!(
                    "parameter streams: a call names at most {STREAMS_PER_GET_MAX} streams"
                )));
            }
            for pair in pairs {
                let (component, stream) = pair.split_once('.').ok_or_else(|| {
                    let found = clip(pair);
                    Fault::bad_request(format!(
                        "parameter streams: found \"{found}\", expected componentUid.streamUid"
                    ))
                })?;
                let name = StreamName::Uids { component, stream };
                add(grove, &mut selection, ComponentName::Uid(component), name).await?;
            }
        }
        _ => {
            return Err(Fault::bad_request(
                "name the streams, by itemsById=[{\"compId\":\"c\",\"streamId\":\"s\"}] or by \
                 streams=componentUid.streamUid",
            ));
        }
    }
    Ok(selection)
}

/// All streams of a component.
pub(super) async fn of_component(grove: &GroveStreams<'_>, uid: &str) -> Result<Selection, Fault> {
    let component = component(grove, ComponentName::Uid(uid)).await?;
    let streams = grove.store.streams_of(component.id).await?;
    Ok(vec![(component, streams)])
}

/// One stream of a component.
pub(super) async fn one(grove: &GroveStreams<'_>, component: &str, stream: &str) -> Result<Selection, Fault> {
    let mut selection = Selection::new();
    let name = StreamName::Uids { component, stream };
    add(grove, &mut selection, ComponentName::Uid(component), name).await?;
    Ok(selection)
}

/// A tenant's component, or 404.
pub(super) async fn component(grove: &GroveStreams<'_>, name: ComponentName<'_>) -> Result<ComponentRow, Fault> {
    let found = grove.store.component(&grove.caller.tenant, name).await?;
    found.ok_or_else(|| Fault::not_found(format!("no component {name}")))
}

async fn add(
    grove: &GroveStreams<'_>,
    selection: &mut Selection,
    component_name: ComponentName<'_>,
    name: StreamName<'_>,
) -> Result<(), Fault> {
    let found = grove.store.stream(&grove.caller.tenant, name).await?;
    let stream = found.ok_or_else(|| match name {
        StreamName::Ids { comp_id, stream_id } => {
            let (comp_id, stream_id) = (clip(comp_id), clip(stream_id));
            Fault::not_found(format!("component {comp_id} has no stream {stream_id}"))
        }
        StreamName::Uids { component, stream } => {
            let (component, stream) = (clip(component), clip(stream));
            Fault::not_found(format!("component {component} has no stream {stream}"))
        }
    })?;
    let is = |row: &ComponentRow| match component_name {
        ComponentName::Id(id) => row.comp_id == id,
        ComponentName::Uid(uid) => row.uid == uid,
    };
    match selection.iter_mut().find(|(row, _)| is(row)) {
        Some((_, streams)) => streams.push(stream),
        None => selection.push((component(grove, component_name).await?, vec![stream])),
    }
    Ok(())
}
