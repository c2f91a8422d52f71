//! The body of the advanced API's PUT: `{"feed":{"component":[{"componentId","time":[…],"stream":[{"streamId","data":[…]}]}]}}`.
//!
//! Times may stand with each stream, or once with the component for all of its streams.

use super::element::{OneOrMany, TimeMs, Value, pair};
use crate::fault::Fault;
use crate::grovestreams::GroveStreams;
use crate::grovestreams::batch::Batch;
use crate::grovestreams::limits::STREAMS_PER_PUT_MAX;
use crate::grovestreams::select;
use crate::store::{ComponentName, StreamRow};
use serde::Deserialize;

#[derive(Deserialize)]
struct Document {
    feed: Feed,
}

#[derive(Deserialize)]
struct Feed {
    component: Vec<Component>,
}

/// Members it does not know are passed over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Component {
    #[serde(alias = "compId")]
    component_id: Option<String>,
    #[serde(alias = "compUid")]
    component_uid: Option<String>,
    #[serde(default)]
    defaults: Defaults,
    time: Option<OneOrMany<TimeMs>>,
    #[serde(default)]
    stream: Vec<Stream>,
}

#[derive(Default, Deserialize)]
struct Defaults {
    name: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stream {
    stream_id: Option<String>,
    stream_uid: Option<String>,
    #[serde(default, deserialize_with = "super::element::present")]
    data: Option<OneOrMany<Value>>,
    time: Option<OneOrMany<TimeMs>>,
}

/// Adds all samples of the document. The error names the component and the stream at fault, counted from 0.
pub(super) async fn into_batch(grove: &GroveStreams<'_>, body: &[u8], batch: &mut Batch) -> Result<(), Fault> {
    let document: Document =
        serde_json::from_slice(body).map_err(|error| Fault::bad_request(format!("the body: {error}")))?;
    let components = document.feed.component;
    let streams: usize = components.iter().map(|component| component.stream.len()).sum();
    if streams.max(components.len()) > STREAMS_PER_PUT_MAX {
        return Err(Fault::bad_request(format!(
            "a PUT names at most {STREAMS_PER_PUT_MAX} streams"
        )));
    }
    let mut element = 0;
    for (place, component) in components.into_iter().enumerate() {
        let at = |problem: String| Fault::bad_request(format!("component {place} (counted from 0): {problem}"));
        let names = Names::of(grove, component.component_id, component.component_uid).await?;
        let name = component.defaults.name.filter(|name| !name.is_empty());
        for (place, stream) in component.stream.into_iter().enumerate() {
            let at = |problem: String| at(format!("stream {place}: {problem}"));
            let stream_id = names.stream_id(stream.stream_id, stream.stream_uid).map_err(at)?;
            let index = batch.stream(&names.comp_id, name.as_deref(), &stream_id).map_err(at)?;
            let data = stream.data.ok_or_else(|| at("data is missing".to_owned()))?;
            let times = stream.time.or_else(|| component.time.clone());
            pair(data, times, |time, value| batch.add(index, element, time, value)).map_err(at)?;
            element += 1;
        }
    }
    Ok(())
}

/// A component's id, and its streams if they may be named by uid.
struct Names {
    comp_id: String,
    known: Vec<StreamRow>,
}

impl Names {
    async fn of(grove: &GroveStreams<'_>, comp_id: Option<String>, uid: Option<String>) -> Result<Names, Fault> {
        match (comp_id, uid) {
            (Some(comp_id), _) => Ok(Names {
                comp_id,
                known: Vec::new(),
            }),
            (None, Some(uid)) => {
                let component = select::component(grove, ComponentName::Uid(&uid)).await?;
                Ok(Names {
                    known: grove.store.streams_of(component.id).await?,
                    comp_id: component.comp_id,
                })
            }
            (None, None) => Err(Fault::bad_request(
                "a component has neither componentId nor componentUid",
            )),
        }
    }

    fn stream_id(&self, id: Option<String>, uid: Option<String>) -> Result<String, String> {
        match (id, uid) {
            (Some(id), _) => Ok(id),
            (None, Some(uid)) => {
                let found = self.known.iter().find(|stream| stream.uid == uid);
                let found = found.ok_or("the component named by its uid has no stream with this streamUid")?;
                Ok(found.stream_id.clone())
            }
            (None, None) => Err("streamId is missing".to_owned()),
        }
    }
}
