//! The members of a refusal for what one request asks or carries.

use serde_json::{Map, Value, json};
use tidegate_core::payload::excess::{Excess, Of, SampleIndex, StreamLabel};

/// Adds the limit, what was asked and what is allowed, and what is known of where.
pub(super) fn put(members: &mut Map<String, Value>, excess: &Excess) {
    let mut put = |name: &str, value: Value| {
        members.insert(name.into(), value);
    };
    put("limit", json!(&*excess.limit));
    put("asked", json!(excess.asked));
    put("allowed", json!(excess.allowed));
    put("from", json!(excess.from));
    put("hint", json!(excess.hint.as_deref()));
    match &excess.of {
        Of::Points { strings, widest } => {
            put("range_ms_max", json!(widest.map(|widest| widest.range_ms)));
            put("end_ms_max", json!(widest.map(|widest| widest.end_ms)));
            put("of_strings", json!(strings));
        }
        Of::StringChars(stream, SampleIndex(index)) => {
            name(&mut put, stream.as_ref());
            put("index", json!(index));
        }
        Of::Subsecond { stream, seconds, .. } => {
            name(&mut put, stream.as_ref());
            put("seconds", json!(seconds));
        }
        Of::BodyBytes { .. } | Of::Ratio | Of::Samples | Of::Streams => {}
    }
}

/// A stream as far as it was named; null where it was not, yet.
fn name(put: &mut impl FnMut(&str, Value), stream: Option<&StreamLabel>) {
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    put("component", json!(stream.and_then(|label| text(&label.component))));
    put("stream", json!(stream.and_then(|label| text(&label.stream))));
}
