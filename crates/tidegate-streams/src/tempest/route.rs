//! Paths of the dialect.

use crate::fault::Fault;
use crate::query::clip;

/// The resource that a path asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    Stations,
    Station(i64),
    StationLatest(i64),
    StationRange(i64),
    DeviceObservations(i64),
    /// `observations`: GET asks by `device_id`, POST relays hub broadcasts.
    Observations,
    BetterForecast,
}

impl Route {
    /// The methods the route has, as `Allow` lists them.
    pub(super) fn methods(self) -> &'static str {
        match self {
            Route::Observations => "GET, HEAD, POST",
            _ => "GET, HEAD",
        }
    }
}

/// Reads a full path; a trailing slash is tolerated, as clients send one.
pub(super) fn route(path: &str) -> Result<Route, Fault> {
    let unknown = || Fault::not_found("NOT FOUND - no such path below /swd/rest/");
    let rest = path.strip_prefix("/swd/rest/").ok_or_else(unknown)?;
    let segments: Vec<&str> = rest.trim_end_matches('/').split('/').collect();
    match segments[..] {
        ["stations"] => Ok(Route::Stations),
        ["stations", station] => Ok(Route::Station(id("station", station)?)),
        ["observations"] => Ok(Route::Observations),
        ["observations", "station", station] => Ok(Route::StationLatest(id("station", station)?)),
        ["observations", "stn", station] => Ok(Route::StationRange(id("station", station)?)),
        ["observations", "device", device] => Ok(Route::DeviceObservations(id("device", device)?)),
        ["better_forecast"] => Ok(Route::BetterForecast),
        _ => Err(unknown()),
    }
}

fn id(what: &str, segment: &str) -> Result<i64, Fault> {
    segment.parse().map_err(|_| {
        let found = clip(segment);
        Fault::bad_request(format!("{what} id: found \"{found}\", expected a whole number"))
    })
}
