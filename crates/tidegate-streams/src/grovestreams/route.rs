//! Paths of the dialect.

use crate::fault::Fault;
use percent_encoding::percent_decode_str;

/// What a path asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Feed,
    StreamFeed(StreamName),
    LastValue(StreamName),
}

/// A stream as a path names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StreamName {
    pub(super) comp_id: String,
    pub(super) stream_id: String,
}

/// Reads a full path; a trailing slash is tolerated. Ids may be percent-encoded.
pub(super) fn route(path: &str) -> Result<Route, Fault> {
    let segments: Vec<&str> = path.trim_matches('/').split('/').collect();
    match segments[..] {
        ["api", "feed"] => Ok(Route::Feed),
        ["api", "comp", comp, "stream", stream, "feed"] => Ok(Route::StreamFeed(name(comp, stream)?)),
        ["api", "comp", comp, "stream", stream, "last_value"] => Ok(Route::LastValue(name(comp, stream)?)),
        _ => Err(Fault::not_found(
            "no such path below /api/; there is feed and comp/{compId}/stream/{streamId}/feed or last_value",
        )),
    }
}

fn name(comp: &str, stream: &str) -> Result<StreamName, Fault> {
    Ok(StreamName {
        comp_id: decode(comp)?,
        stream_id: decode(stream)?,
    })
}

fn decode(segment: &str) -> Result<String, Fault> {
    let decoded = percent_decode_str(segment).decode_utf8();
    decoded
        .map(|text| text.into_owned())
        .map_err(|_| Fault::bad_request("the path's percent-encoding is not UTF-8"))
}
