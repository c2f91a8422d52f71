//! The devices a socket may listen to: asked when it begins, and again whenever the caller's accounts change.

use super::Socket;
use super::SocketEnd;
use super::command::Place;
use super::frame::Refusal;
use super::session::Wish;
use crate::directory::DirectoryError;
use crate::live::LISTENERS_PER_DEVICE_MAX;
use std::sync::Arc;

impl<C: Fn() -> i64 + Send + Sync> Socket<'_, C> {
    /// Grants a wish, and begins the listening it is about; answers the station.
    pub(super) async fn may(&self, wish: Wish) -> Result<i64, Refusal> {
        match wish {
            Wish::Listen(device_id, feed) => {
                let station_id = self.station_of(device_id).await?;
                let message = || {
                    format!(
                        "OVER CAPACITY - device {device_id} has its {LISTENERS_PER_DEVICE_MAX} listeners; try later"
                    )
                };
                let seated = self.seat.listen(device_id, feed);
                seated.map_err(|_| Refusal::new(503, message()).of_device(device_id))?;
                Ok(station_id)
            }
            Wish::StationEvents(Place::Device(device_id)) => self.station_of(device_id).await,
            Wish::StationEvents(Place::Station(station_id)) => {
                let station = self.around.directory.station(station_id).await.map_err(internal)?;
                if station.is_none() {
                    let message = format!("NOT FOUND - there is no station {station_id}");
                    return Err(Refusal::new(404, message));
                }
                if !self.allows(station_id) {
                    let message = format!("FORBIDDEN - station {station_id} is not yours and not shared with you");
                    return Err(Refusal::new(403, message));
                }
                Ok(station_id)
            }
        }
    }

    /// Looks at what is listened to again. What is no longer the caller's by the new value is stopped before
    /// anything is waited for; then the directory is asked whether devices have moved or gone. A directory that
    /// cannot be asked stops them too: nothing is told on a guess.
    pub(super) async fn narrow(&mut self) {
        let caller = Arc::clone(&self.around.caller.borrow_and_update());
        let effects = self.session.narrow(&caller.stations);
        self.perform(effects).await;
        self.show();
        for device_id in self.session.devices() {
            let effects = match self.station_of(device_id).await {
                Ok(station_id) => {
                    self.session.placed(device_id, station_id);
                    continue;
                }
                Err(refusal) => self.session.stop(device_id, refusal),
            };
            self.perform(effects).await;
        }
        self.show();
    }

    /// Takes up changes that came while something was worked out, so that nothing goes out that is no longer
    /// allowed.
    pub(super) async fn catch_up(&mut self) {
        match self.around.caller.has_changed() {
            Ok(false) => {}
            Ok(true) => self.narrow().await,
            Err(_) => {
                self.end = Some(SocketEnd::CallerGone);
                self.replies.clear();
                self.session.forget();
            }
        }
    }

    async fn station_of(&self, device_id: i64) -> Result<i64, Refusal> {
        let device = self.around.directory.device(device_id).await;
        let device = device.map_err(|error| internal(error).of_device(device_id))?;
        let device = device.ok_or_else(|| Refusal::unknown_device(device_id))?;
        if self.allows(device.station_id) {
            Ok(device.station_id)
        } else {
            Err(Refusal::foreign_device(device_id))
        }
    }

    fn allows(&self, station_id: i64) -> bool {
        self.around.caller.borrow().stations.allows(station_id)
    }
}

fn internal(error: DirectoryError) -> Refusal {
    tracing::error!(%error, "streams: a socket's question failed inside");
    Refusal::internal()
}
