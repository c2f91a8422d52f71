//! `POST /swd/rest/observations`: broadcasts of hubs, relayed over HTTP. Our addition to the platform's
//! API: the body is what a hub sends by UDP, one object or an array of them, stored as a whole or not at all.

use super::Tempest;
use super::answer;
use super::broadcast::{BROADCASTS_PER_POST_MAX, Broadcast};
use super::datagram::place;
use crate::body::{self, FEED_BODY_BYTES_MAX};
use crate::directory::Device;
use crate::elements;
use crate::fault::Fault;
use crate::reply::ReplyBody;
use crate::store::ObservationBatch;
use bytes::Bytes;
use http::Response;
use http_body::Body;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::fmt::Display;

/// Answers a relayed batch. `accepted` counts broadcasts, `stored` the observations in them.
pub(super) async fn answer<B>(tempest: &Tempest<'_>, body: B) -> Result<Response<ReplyBody>, Fault>
where
    B: Body<Data = Bytes>,
    B::Error: Display,
{
    let Some(user) = tempest.caller.user.as_deref() else {
        return Err(Fault::forbidden(
            "FORBIDDEN - only a station's owner relays observations to it; use a user's token",
        ));
    };
    let body = body::read(body, FEED_BODY_BYTES_MAX).await?;
    let broadcasts = parse(&body, tempest.now_s()).map_err(Fault::bad_request)?;
    drop(body);
    let accepted = broadcasts.len();
    let mut batch = ObservationBatch::default();
    let mut devices: HashMap<Box<str>, Device> = HashMap::new();
    for (index, broadcast) in broadcasts.into_iter().enumerate() {
        let Some(origin) = broadcast.origin() else {
            continue;
        };
        let device = match devices.get(&origin.serial) {
            Some(device) => device,
            None => {
                let device = owned_device(tempest, user, index, &origin.serial).await?;
                devices.entry(origin.serial.clone()).or_insert(device)
            }
        };
        place(device, broadcast, &mut batch).map_err(|problem| Fault::bad_request(named(index, &problem)))?;
    }
    let stored = batch.rows.len();
    tempest.store.take(batch).await?;
    Ok(answer::ok(&json!({
        "status": answer::status(false),
        "accepted": accepted,
        "stored": stored,
    })))
}

fn parse(body: &[u8], now_s: i64) -> Result<Vec<Broadcast>, String> {
    let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
    if first == Some(&b'{') {
        let object: Value = serde_json::from_slice(body).map_err(|error| format!("malformed JSON: {error}"))?;
        return Ok(vec![Broadcast::read(&object, now_s)?]);
    }
    let mut broadcasts = Vec::new();
    elements::each(body, BROADCASTS_PER_POST_MAX, |_, object: Value| {
        broadcasts.push(Broadcast::read(&object, now_s)?);
        Ok(())
    })?;
    Ok(broadcasts)
}

async fn owned_device(tempest: &Tempest<'_>, user: &str, index: usize, serial: &str) -> Result<Device, Fault> {
    let unknown = || Fault::not_found(named(index, &format!("no device has the serial number {serial}")));
    let directory = tempest.directory;
    let device = directory.device_by_serial(serial).await?.ok_or_else(unknown)?;
    let station = directory.station(device.station_id).await?.ok_or_else(unknown)?;
    if station.owner != user || !tempest.caller.stations.allows(station.id) {
        return Err(Fault::forbidden(named(
            index,
            &format!("{serial} is not at a station of {user}; only its owner relays to it"),
        )));
    }
    Ok(device)
}

fn named(index: usize, problem: &str) -> String {
    format!("element {index} (counted from 0): {problem}")
}
