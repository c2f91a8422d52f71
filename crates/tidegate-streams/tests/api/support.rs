//! A store in a temporary folder, a directory in memory, and callers.

use futures_util::future::BoxFuture;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use std::sync::Arc;
use tidegate_streams::{Caller, Device, Directory, DirectoryError, ReplyBody, Station, StationScope, Streams};

/// 2027-01-15T08:00:00Z, a Friday.
pub const NOW_S: i64 = 1_800_000_000;
pub const NOW_MS: i64 = NOW_S * 1_000;

pub struct Town {
    pub stations: Vec<Station>,
}

impl Directory for Town {
    fn stations<'a>(&'a self, scope: &'a StationScope) -> BoxFuture<'a, Result<Vec<Station>, DirectoryError>> {
        let stations = self.stations.iter().filter(|s| scope.allows(s.id)).cloned().collect();
        Box::pin(async { Ok(stations) })
    }

    fn station<'a>(&'a self, id: i64) -> BoxFuture<'a, Result<Option<Station>, DirectoryError>> {
        let station = self.stations.iter().find(|s| s.id == id).cloned();
        Box::pin(async { Ok(station) })
    }

    fn device<'a>(&'a self, id: i64) -> BoxFuture<'a, Result<Option<Device>, DirectoryError>> {
        Box::pin(async move { Ok(self.devices().find(|d| d.id == id).cloned()) })
    }

    fn device_by_serial<'a>(&'a self, serial: &'a str) -> BoxFuture<'a, Result<Option<Device>, DirectoryError>> {
        let is = move |d: &&Device| d.serial_number.as_deref() == Some(serial);
        Box::pin(async move { Ok(self.devices().find(is).cloned()) })
    }
}

impl Town {
    fn devices(&self) -> impl Iterator<Item = &Device> {
        self.stations.iter().flat_map(|station| &station.devices)
    }
}

fn station(id: i64, owner: &str, timezone: &str, devices: &[(i64, &str)]) -> Station {
    let device = |(device, kind): &(i64, &str)| Device {
        id: *device,
        station_id: id,
        serial_number: Some(format!("{kind}-{device:08}")),
        kind: (*kind).to_owned(),
    };
    Station {
        id,
        name: format!("Garden {id}"),
        owner: owner.to_owned(),
        latitude: 52.5,
        longitude: 13.4,
        elevation_m: 34.0,
        timezone: timezone.to_owned(),
        created_ms: 1_700_000_000_000,
        devices: devices.iter().map(device).collect(),
    }
}

/// A store with three stations: 1 (ada's Tempest, 11), 2 (ada's Air 21 and Sky 22), 3 (bob's Tempest, 31).
pub struct World {
    pub streams: Streams,
    pub folder: tempfile::TempDir,
}

pub fn town() -> Arc<Town> {
    Arc::new(Town {
        stations: vec![
            station(1, "ada", "UTC", &[(10, "HB"), (11, "ST")]),
            station(2, "ada", "UTC", &[(21, "AR"), (22, "SK")]),
            station(3, "bob", "America/Denver", &[(31, "ST")]),
        ],
    })
}

impl World {
    pub async fn open() -> World {
        let folder = tempfile::tempdir().unwrap();
        let streams = Streams::open(&folder.path().join("streams.db"), u64::MAX, town())
            .await
            .unwrap();
        World { streams, folder }
    }

    /// Closes the store and opens its file again.
    pub async fn reopen(self) -> World {
        self.streams.close().await;
        let path = self.folder.path().join("streams.db");
        let streams = Streams::open(&path, u64::MAX, town()).await.unwrap();
        World {
            streams,
            folder: self.folder,
        }
    }

    pub async fn send(&self, caller: &Caller, line: &str, body: impl Into<String>) -> Answer {
        let (method, uri) = line.split_once(' ').unwrap();
        let request = Request::builder().method(method).uri(uri).body(body.into()).unwrap();
        Answer::read(self.streams.call(request, caller, NOW_MS).await).await
    }

    /// A GET as ada.
    pub async fn get(&self, uri: &str) -> Answer {
        self.send(&ada(), &format!("GET {uri}"), "").await
    }
}

pub struct Answer {
    pub status: StatusCode,
    pub headers: http::HeaderMap,
    pub text: String,
    pub json: Value,
}

impl Answer {
    pub async fn read(response: Response<ReplyBody>) -> Answer {
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let json = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer {
            status: head.status,
            headers: head.headers,
            text,
            json,
        }
    }

    /// The message of a refusal, in whichever dialect.
    pub fn message(&self) -> &str {
        let tempest = &self.json["status"]["status_message"];
        tempest.as_str().or(self.json["message"].as_str()).unwrap_or_default()
    }
}

/// Owns stations 1 and 2 and reads no other.
pub fn ada() -> Caller {
    Caller {
        tenant: "acme".into(),
        user: Some("ada".into()),
        stations: StationScope::Only([1, 2].as_slice().into()),
    }
}

/// Another organisation.
pub fn mallory() -> Caller {
    Caller {
        tenant: "evil".into(),
        user: Some("mallory".into()),
        stations: StationScope::Only([].as_slice().into()),
    }
}

/// An `obs_st` broadcast of device 11: 10 C, 50 %, 1000 mb, wind 3 m/s from 90, and this much rain (mm).
pub fn broadcast(epoch_s: i64, rain_mm: f64) -> Value {
    let record = serde_json::json!([
        epoch_s, 1.5, 3, 5.5, 90, 3, 1000, 10, 50, 12000, 1.5, 100, rain_mm, 0, 0, 0, 2.61, 1
    ]);
    serde_json::json!({
        "serial_number": "ST-00000011", "type": "obs_st", "hub_sn": "HB-00000010", "obs": [record],
        "firmware_revision": 171
    })
}

pub async fn relay(world: &World, epochs: impl IntoIterator<Item = i64>) {
    let batch: Vec<_> = epochs.into_iter().map(|epoch_s| broadcast(epoch_s, 0.5)).collect();
    let body = Value::from(batch).to_string();
    let answer = world.send(&ada(), "POST /swd/rest/observations", body).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
}
