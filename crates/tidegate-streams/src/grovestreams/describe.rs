//! The streams that a read covers, found as the read itself finds them.

use super::GroveStreams;
use super::route::{Route, route};
use super::select::{self, Selection};
use crate::fault::Fault;
use crate::query::Query;
use crate::store::{ComponentName, StreamShape};
use std::collections::HashMap;

/// The streams that a GET of this path and query reads, each with its first sample where that is wanted; a fault where
/// the read will be one.
pub(crate) async fn describe(
    grove: &GroveStreams<'_>,
    path: &str,
    query: Option<&str>,
    firsts: bool,
) -> Result<Vec<StreamShape>, Fault> {
    let query = Query::parse(query)?;
    let selection = match route(path)? {
        Route::Feed => select::named(grove, &query).await?,
        Route::CompFeed(comp) => of_component(grove, ComponentName::Id(&comp)).await?,
        Route::ComponentFeed(uid) => of_component(grove, ComponentName::Uid(&uid)).await?,
        Route::ComponentStreamFeed { component, stream } => select::one(grove, &component, &stream).await?,
        Route::StreamFeed(ids) => {
            let component = select::component(grove, ComponentName::Id(&ids.comp_id)).await?;
            let stream = grove.store.stream(&grove.caller.tenant, ids.name()).await?;
            vec![(component, stream.into_iter().collect())]
        }
        _ => return Err(Fault::not_found("no read of a range")),
    };
    let mut shapes = Vec::new();
    for (component, streams) in selection {
        let mut first_ms: HashMap<i64, i64> = HashMap::new();
        // One statement for a component's many streams, and one each for a few.
        if firsts && streams.len() > FIRSTS_ONE_BY_ONE_MAX {
            let all = grove.store.streams_of(component.id).await?.into_iter();
            let found = grove.store.first_samples_ms(component.id).await?;
            first_ms.extend(all.zip(found).filter_map(|(stream, first)| Some((stream.id, first?))));
        }
        for stream in streams {
            let first = match (firsts, first_ms.get(&stream.id)) {
                (true, None) => grove.store.first_sample_ms(&stream).await?,
                (_, known) => known.copied(),
            };
            shapes.push(stream.into_shape(first));
        }
    }
    Ok(shapes)
}

/// Up to so many streams are asked for their first samples one by one.
const FIRSTS_ONE_BY_ONE_MAX: usize = 8;

async fn of_component(grove: &GroveStreams<'_>, name: ComponentName<'_>) -> Result<Selection, Fault> {
    let component = select::component(grove, name).await?;
    let streams = grove.store.streams_of(component.id).await?;
    Ok(vec![(component, streams)])
}
