//! Paths of the dialect.

use crate::fault::Fault;
use crate::store::StreamName;
use percent_encoding::percent_decode_str;

/// The resource that a path asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Feed,
    CompFeed(String),
    CompLastValue(String),
    CompProperty(String),
    StreamFeed(StreamIds),
    LastValue(StreamIds),
    Components,
    Component(String),
    ComponentFeed(String),
    ComponentStreamFeed { component: String, stream: String },
    Cycles,
    Cycle(String),
}

/// A stream as a path of the simple API names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StreamIds {
    pub(super) comp_id: String,
    pub(super) stream_id: String,
}

impl StreamIds {
    pub(super) fn name(&self) -> StreamName<'_> {
        StreamName::Ids {
            comp_id: &self.comp_id,
            stream_id: &self.stream_id,
        }
    }
}

impl Route {
    /// The methods it has, for 405.
    pub(super) fn methods(&self) -> &'static str {
        match self {
            Route::Feed => "GET, HEAD, PUT, DELETE",
            Route::ComponentFeed(_) | Route::ComponentStreamFeed { .. } => "GET, HEAD, DELETE",
            Route::CompProperty(_) => "GET, HEAD, POST",
            Route::Components | Route::Cycles => "GET, HEAD, PUT, POST",
            Route::Component(_) => "GET, HEAD, PUT, POST, DELETE",
            Route::CompFeed(_)
            | Route::CompLastValue(_)
            | Route::StreamFeed(_)
            | Route::LastValue(_)
            | Route::Cycle(_) => "GET, HEAD",
        }
    }
}

/// Reads a full path; a trailing slash is tolerated. Ids may be percent-encoded.
pub(super) fn route(path: &str) -> Result<Route, Fault> {
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    let ids = |comp: &str, stream: &str| -> Result<StreamIds, Fault> {
        Ok(StreamIds {
            comp_id: decode(comp)?,
            stream_id: decode(stream)?,
        })
    };
    Ok(match segments[..] {
        ["api", "feed"] => Route::Feed,
        ["api", "comp", comp, "feed"] => Route::CompFeed(decode(comp)?),
        ["api", "comp", comp, "last_value"] => Route::CompLastValue(decode(comp)?),
        ["api", "comp", comp, "property"] => Route::CompProperty(decode(comp)?),
        ["api", "comp", comp, "stream", stream, "feed"] => Route::StreamFeed(ids(comp, stream)?),
        ["api", "comp", comp, "stream", stream, "last_value"] => Route::LastValue(ids(comp, stream)?),
        ["api", "component"] => Route::Components,
        ["api", "component", uid] => Route::Component(decode(uid)?),
        ["api", "component", uid, "feed"] => Route::ComponentFeed(decode(uid)?),
        ["api", "component", component, "stream", stream, "feed"] => Route::ComponentStreamFeed {
            component: decode(component)?,
            stream: decode(stream)?,
        },
        ["api", "cycle"] => Route::Cycles,
        ["api", "cycle", uid] => Route::Cycle(decode(uid)?),
        // Whoever hosts this API answers `login` itself, if there are passwords.
        ["api", "login" | "login_guest", ..] => {
            return Err(Fault::not_found(
                "nobody logs in here; show a token as api_key, as session or as Bearer",
            ));
        }
        ["api", "comp", _, "cycle", ..] | ["api", "comp", _, "stream", _, "cycle", ..] => {
            return Err(Fault::not_found("statistics by cycle are not kept here; read the feed"));
        }
        _ => {
            return Err(Fault::not_found(
                "no such path below /api/; there are feed, comp/{compId}/feed, last_value and property, \
                 comp/{compId}/stream/{streamId}/feed and last_value, component and cycle",
            ));
        }
    })
}

fn decode(segment: &str) -> Result<String, Fault> {
    let decoded = percent_decode_str(segment).decode_utf8();
    decoded
        .map(|text| text.into_owned())
        .map_err(|_| Fault::bad_request("the path's percent-encoding is not UTF-8"))
}
