//! Components, streams and cycles: listed, shown and defined.

mod component;
mod cycle;

pub(super) use component::{component, components, define_component, delete_component, property, set_property};
pub(super) use cycle::{cycle, cycles, define_cycle};

use super::limits::ID_CHARS_MAX;
use crate::fault::Fault;
use crate::query::clip;
use jiff::tz::TimeZone;
use serde::de::DeserializeOwned;

/// The most characters a description may have.
const DESCRIPTION_CHARS_MAX: usize = 4_096;

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(body).map_err(|error| Fault::bad_request(format!("the body: {error}")))
}

/// A text of at most `chars_max` characters.
fn bounded(member: &str, text: String, chars_max: usize) -> Result<String, Fault> {
    if text.len() > chars_max && text.chars().count() > chars_max {
        let found = text.chars().count();
        return Err(Fault::bad_request(format!(
            "{member}: found {found} characters, expected at most {chars_max}"
        )));
    }
    Ok(text)
}

/// A display name. An empty one is none.
fn name(text: Option<String>) -> Result<Option<String>, Fault> {
    let text = text.filter(|text| !text.is_empty());
    text.map(|text| bounded("name", text, ID_CHARS_MAX)).transpose()
}

/// A time zone that exists. An empty one is none.
fn timezone(member: &str, text: Option<String>) -> Result<Option<String>, Fault> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    match TimeZone::get(&text) {
        Ok(_) => Ok(Some(text)),
        Err(_) => {
            let found = clip(&text);
            Err(Fault::bad_request(format!(
                "{member}: found \"{found}\", expected the name of a time zone, as America/Denver"
            )))
        }
    }
}
