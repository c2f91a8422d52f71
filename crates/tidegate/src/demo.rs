//! Simulated hubs, devices and callers, well and badly behaved, so that a server that was just started shows something.
//!
//! They connect as every caller does, by UDP, HTTP and WebSocket over loopback; only their accounts are made for them.

mod abuser;
mod accounts;
mod dashboard;
mod feeder;
mod history_reader;
mod http_client;
mod hub;
mod leaking_collector;
mod pause;
mod reconnect_storm;
mod websocket;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use tokio::task::JoinSet;

use crate::app::App;
use accounts::DemoAccounts;
use http_client::Endpoints;

/// The addresses and the clock of the server, for the simulated callers.
#[derive(Clone, Debug)]
pub struct Stage {
    gateway: SocketAddr,
    hubs: SocketAddr,
    engine: Arc<tidegate_engine::engine::Engine>,
}

/// The running simulation; it ends when it is dropped.
#[derive(Debug)]
pub struct Demo {
    _players: JoinSet<()>,
}

impl Demo {
    /// Makes the accounts that are missing, and lets everybody begin.
    ///
    /// # Errors
    /// Fails when an account cannot be made, or the server listens nowhere that loopback reaches.
    pub async fn start(app: &App) -> anyhow::Result<Demo> {
        let gateway = app.gateway.iter().find_map(|address| address.tcp());
        let stage = Stage {
            gateway: reachable(gateway.context("the demo needs a gateway on TCP")?),
            hubs: app.udp.context("the demo needs UDP for its hubs")?,
            engine: app.engine.clone(),
        };
        let accounts = DemoAccounts::assemble(app.accounts(), stage.engine.clock.now().wall_ms).await?;
        let mut players = JoinSet::new();
        for (index, serial) in accounts.serials.iter().enumerate() {
            players.spawn(hub::broadcast(stage.clone(), serial.clone(), index));
        }
        for (index, viewer) in accounts.viewers.iter().enumerate() {
            let at = Endpoints::of(&stage, 20 + index as u8);
            players.spawn(dashboard::watch(at.clone(), viewer.clone(), index));
            players.spawn(websocket::listen(at, viewer.clone()));
        }
        for device in 0..FEEDERS {
            players.spawn(feeder::feed(
                Endpoints::of(&stage, 40),
                accounts.orchard.clone(),
                device,
            ));
        }
        players.spawn(feeder::hurry(Endpoints::of(&stage, 41), accounts.orchard.clone()));
        players.spawn(leaking_collector::leak(
            Endpoints::of(&stage, 50),
            accounts.collector.clone(),
        ));
        players.spawn(reconnect_storm::reconnect(
            Endpoints::of(&stage, 51),
            accounts.kiosk.clone(),
        ));
        players.spawn(history_reader::read_a_year(
            Endpoints::of(&stage, 52),
            accounts.historian.clone(),
        ));
        // Behind one NAT: somebody who hammers without a credential, and somebody who has nothing to do with it.
        players.spawn(abuser::hammer(Endpoints::of(&stage, 66)));
        players.spawn(dashboard::watch(
            Endpoints::of(&stage, 66),
            accounts.neighbour.clone(),
            0,
        ));
        Ok(Demo { _players: players })
    }
}

/// Devices that feed at the pace they should.
const FEEDERS: u32 = 6;

/// The pause before another try after a fault of the network.
const TRY_AGAIN: Duration = Duration::from_secs(2);

/// A gateway on all addresses is reached over loopback.
fn reachable(gateway: SocketAddr) -> SocketAddr {
    if gateway.ip().is_unspecified() {
        return SocketAddr::from(([127, 0, 0, 1], gateway.port()));
    }
    gateway
}
