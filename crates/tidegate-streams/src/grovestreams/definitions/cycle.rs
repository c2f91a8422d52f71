//! Cycles.

use super::{DESCRIPTION_CHARS_MAX, bounded, name, parse, timezone};
use crate::fault::Fault;
use crate::grovestreams::GroveStreams;
use crate::grovestreams::answer::envelope;
use crate::grovestreams::batch::check_id;
use crate::intervals::CycleUnit;
use crate::query::clip;
use crate::reply::ReplyBody;
use crate::store::{CycleDefinition, CycleRow, CycleText, Write};
use http::Response;
use jiff::civil::{self, DateTime};
use serde::Deserialize;
use serde_json::{Value, json};

/// A reference that nobody gave: a Monday that begins a year.
const REFERENCE: DateTime = civil::date(2018, 1, 1).at(0, 0, 0, 0);

#[derive(Deserialize)]
struct Body {
    cycle: Text,
}

/// Members it does not know are passed over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Text {
    id: Option<String>,
    name: Option<String>,
    #[serde(default)]
    description: String,
    intvl_size_type: String,
    num_size_types_per_intvl: u32,
    #[serde(alias = "refDate")]
    reference_date: Option<String>,
    timezone_id: Option<String>,
}

/// `GET /api/cycle`
pub(in crate::grovestreams) async fn cycles(grove: &GroveStreams<'_>) -> Result<Response<ReplyBody>, Fault> {
    let cycles = grove.store.cycles(&grove.caller.tenant).await?;
    Ok(envelope("cycle", cycles.iter().map(shown).collect()))
}

/// `GET /api/cycle/{uid}`
pub(in crate::grovestreams) async fn cycle(grove: &GroveStreams<'_>, uid: &str) -> Result<Response<ReplyBody>, Fault> {
    let cycles = grove.store.cycles(&grove.caller.tenant).await?;
    let found = cycles.iter().find(|row| row.uid == uid);
    let found = found.ok_or_else(|| Fault::not_found(format!("no cycle {}", clip(uid))))?;
    Ok(envelope("cycle", shown(found)))
}

/// `PUT` and `POST /api/cycle`: makes the cycle with this id, or changes it. Without an id it is the name.
pub(in crate::grovestreams) async fn define_cycle(
    grove: &GroveStreams<'_>,
    body: &[u8],
) -> Result<Response<ReplyBody>, Fault> {
    let Body { cycle: text } = parse(body)?;
    let name = name(text.name)?;
    let id = text.id.or_else(|| name.clone()).unwrap_or_default();
    check_id("id", &id).map_err(Fault::bad_request)?;
    let found = clip(&text.intvl_size_type);
    let unit = CycleUnit::from_name(&text.intvl_size_type).ok_or_else(|| {
        Fault::bad_request(format!(
            "intvlSizeType: found \"{found}\", expected MILLISEC, SECOND, MINUTE, HOUR, DAY, WEEK, MONTH or YEAR"
        ))
    })?;
    let definition = CycleDefinition {
        tenant: grove.caller.tenant.clone(),
        name: name.unwrap_or_else(|| id.clone()),
        cycle_id: id.clone(),
        description: bounded("description", text.description, DESCRIPTION_CHARS_MAX)?,
        text: CycleText {
            unit,
            units: text.num_size_types_per_intvl,
            reference: reference(text.reference_date.as_deref())?,
            timezone: timezone("timezoneId", text.timezone_id)?,
        },
    };
    let cycle = definition.text.cycle(None);
    cycle.map_err(|error| Fault::bad_request(format!("numSizeTypesPerIntvl: {error}")))?;
    grove.store.write(Write::DefineCycle(definition)).await?;
    let cycles = grove.store.cycles(&grove.caller.tenant).await?;
    let made = cycles.iter().find(|row| row.cycle_id == id);
    Ok(envelope("cycle", made.map_or(Value::Null, shown)))
}

/// Years far from ours would be reckoned from for no good.
fn reference(text: Option<&str>) -> Result<DateTime, Fault> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(REFERENCE);
    };
    let reference = text.parse().ok();
    let reference = reference.filter(|at: &DateTime| (1900..=2200).contains(&at.year()));
    reference.ok_or_else(|| {
        let found = clip(text);
        Fault::bad_request(format!(
            "referenceDate: found \"{found}\", expected a date and time from 1900 to 2200, as 2011-04-08T01:00:00"
        ))
    })
}

fn shown(row: &CycleRow) -> Value {
    json!({
        "uid": row.uid,
        "id": row.cycle_id,
        "name": row.name,
        "description": row.description,
        "intvlSizeType": row.text.unit.name(),
        "numSizeTypesPerIntvl": row.text.units,
        "referenceDate": row.text.reference.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        "timezoneId": row.text.timezone.as_deref().unwrap_or(""),
    })
}
