//! Reader of the values of a change, from a browser's form or from JSON.

use std::collections::BTreeMap;

use http::{HeaderMap, header::CONTENT_TYPE};
use http_body_util::{BodyExt, Limited};
use tidegate_gateway::Body;

/// The most bytes of a change.
pub const FORM_BYTES_MAX: usize = 16 * 1024;

/// Reads the values by name; an empty body has none. Numbers in JSON become text.
///
/// # Errors
/// Returns a sentence when the body is too large, broken off, or in neither of the two formats.
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
    // Many clients declare every body as a form.
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

/// Returns the pairs of a form; the last one wins where a name occurs twice. Bytes that are not UTF-8 become U+FFFD,
/// which no name, token or id contains.
fn pairs(bytes: &[u8]) -> BTreeMap<String, String> {
    form_urlencoded::parse(bytes).into_owned().collect()
}

#[cfg(test)]
mod tests;
