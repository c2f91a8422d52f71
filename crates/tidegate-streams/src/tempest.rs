//! The Tempest dialect: REST below `/swd/rest/`, sockets, and what hubs broadcast.

mod answer;
mod broadcast;
mod bucket;
mod conditions;
mod current;
mod datagram;
mod derived;
mod device;
mod forecast;
mod latest;
mod local_day;
mod period;
mod range;
mod record;
mod refusal;
mod relay;
mod route;
mod series;
mod sky_conditions;
mod socket;
mod stations;
mod sun;
mod totals;
mod units;

pub use broadcast::{BROADCASTS_PER_POST_MAX, DATAGRAM_BYTES_MAX};
pub use datagram::{Accepted, BroadcastError};
pub use series::RECORDS_PER_GET_MAX;
pub use socket::{CallerSource, SocketBounds, SocketEnd, SocketObserver};

pub(crate) use datagram::hub_broadcast;
pub(crate) use socket::{Surroundings, run as run_socket};

use crate::caller::Caller;
use crate::directory::{Device, Directory, Station};
use crate::fault::Fault;
use crate::query::Query;
use crate::reply::ReplyBody;
use crate::store::Store;
use bytes::Bytes;
use http::request::Parts;
use http::{Method, Response};
use http_body::Body;
use route::Route;
use std::fmt::Display;
use tidegate_core::platform::Platform;

/// The platform in the list of platforms.
pub(crate) const PLATFORM: Platform = Platform {
    name: "tempest",
    dialect: refusal::DIALECT,
    uploads: &[],
    resources: &[],
};

/// The parts that every answer of this dialect is made from.
pub(crate) struct Tempest<'a> {
    pub(crate) store: &'a Store,
    pub(crate) directory: &'a dyn Directory,
    pub(crate) caller: &'a Caller,
    pub(crate) now_ms: i64,
}

impl Tempest<'_> {
    /// Answers one request below `/swd/`.
    pub(crate) async fn answer<B>(&self, head: &Parts, body: B) -> Response<ReplyBody>
    where
        B: Body<Data = Bytes> + Send,
        B::Error: Display,
    {
        match self.dispatch(head, body).await {
            Ok(response) => response,
            Err(fault) => answer::fault(&fault),
        }
    }

    async fn dispatch<B>(&self, head: &Parts, body: B) -> Result<Response<ReplyBody>, Fault>
    where
        B: Body<Data = Bytes> + Send,
        B::Error: Display,
    {
        let route = route::route(head.uri.path())?;
        if route == Route::Observations && head.method == Method::POST {
            return relay::answer(self, body).await;
        }
        if head.method != Method::GET && head.method != Method::HEAD {
            return Err(Fault::wrong_method(&head.method, route.methods()));
        }
        let query = Query::parse(head.uri.query())?;
        match route {
            Route::Stations => stations::all(self).await,
            Route::Station(id) => stations::one(self, id).await,
            Route::StationLatest(id) => latest::answer(self, id).await,
            Route::StationRange(id) => range::answer(self, id, &query).await,
            Route::DeviceObservations(id) => device::answer(self, id, &query).await,
            Route::Observations => {
                let id = required_id(&query, "device_id")?;
                device::answer(self, id, &query).await
            }
            Route::BetterForecast => {
                let id = required_id(&query, "station_id")?;
                forecast::answer(self, id, &query).await
            }
        }
    }

    /// The station, when it exists and the caller may read it; both failures are one 404, so that
    /// nothing is told about other people's stations.
    async fn station(&self, id: i64) -> Result<Station, Fault> {
        let missing = || Fault::not_found(format!("NOT FOUND - no station {id} among yours"));
        if !self.caller.stations.allows(id) {
            return Err(missing());
        }
        self.directory.station(id).await?.ok_or_else(missing)
    }

    /// The device and its station, under the same rule.
    async fn device(&self, id: i64) -> Result<(Device, Station), Fault> {
        let missing = || Fault::not_found(format!("NOT FOUND - no device {id} among yours"));
        let device = self.directory.device(id).await?.ok_or_else(missing)?;
        if !self.caller.stations.allows(device.station_id) {
            return Err(missing());
        }
        let station = self.directory.station(device.station_id).await?;
        Ok((device, station.ok_or_else(missing)?))
    }

    fn now_s(&self) -> i64 {
        self.now_ms.div_euclid(1_000)
    }
}

fn required_id(query: &Query, name: &str) -> Result<i64, Fault> {
    query
        .integer(name, 1..=i64::MAX, "an id, a whole number")?
        .ok_or_else(|| Fault::bad_request(format!("parameter {name} is missing; give an id")))
}
