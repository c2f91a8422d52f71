//! The few values of a change, as a form of a browser or as JSON.

use std::collections::BTreeMap;

use http::{HeaderMap, header::CONTENT_TYPE};
use http_body_util::{BodyExt, Limited};
use tidegate_gateway::Body;

/// Most bytes of a change.
pub const FORM_BYTES_MAX: usize = 16 * 1024;

/// The values by name; of an empty body none. Numbers of JSON come as their text.
///
/// # Errors
/// A sentence: too large, broken off, or not in one of the two forms.
pub async fn read(headers: &HeaderMap, body: Body) -> Result<BTreeMap<String, String>, String> {
    let bytes = Limited::new(body, FORM_BYTES_MAX)
        .collect()
        .await
        .map_err(|_| format!("The body broke off or is larger than {FORM_BYTES_MAX} bytes."))?
        .to_bytes();
    if bytes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    // Many clients say of all they send that it is a form.
    if content_type.starts_with("application/x-www-form-urlencoded") && !bytes.starts_with(b"{") {
        return Ok(pairs(&bytes));
    }
    let value: BTreeMap<String, serde_json::Value> =
        serde_json::from_slice(&bytes).map_err(|error| format!("The body is not a JSON object: {error}."))?;
    value
        .into_iter()
        .map(|(name, value)| Ok((name.clone(), text(&name, value)?)))
        .collect()
}

fn text(name: &str, value: serde_json::Value) -> Result<String, String> {
    match value {
        serde_json::Value::String(text) => Ok(text),
        serde_json::Value::Number(number) => Ok(number.to_string()),
        serde_json::Value::Null => Ok(String::new()),
        _ => Err(format!("`{name}` must be a string or a number.")),
    }
}

/// The pairs of a form; of a name that stands twice the last. Bytes that are no UTF-8 are read as U+FFFD, which no name,
/// token or id holds.
fn pairs(bytes: &[u8]) -> BTreeMap<String, String> {
    form_urlencoded::parse(bytes).into_owned().collect()
}

#[cfg(test)]
mod tests;
