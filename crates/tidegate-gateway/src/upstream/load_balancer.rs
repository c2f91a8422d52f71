//! The servers of one upstream, and which of them a request goes to.

use std::sync::Arc;

use parking_lot::Mutex;
use tidegate_core::upstream::{Remote, SERVERS_MAX};
use tidegate_engine::engine::Engine;
use tokio::task::JoinSet;

use super::{health_check, host::Host, secure::MachineRoots};
use crate::{bounds::Bounds, task, upstream_fault::UpstreamFault};

/// The servers of one upstream. Dropping it ends their checks.
pub(crate) struct ServerGroup {
    hosts: Vec<Arc<Host>>,
    /// The turn of each server; the sum is always 0.
    turns: Mutex<Vec<i64>>,
    /// One for each server, at most `SERVERS_MAX`.
    _checks: JoinSet<()>,
}

/// The servers that a request has been to, by their place.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tried {
    places: u64,
}

/// Most servers that one request is taken to, one after the other, when none before took its connection.
const TRIES_MAX: u32 = 3;

impl ServerGroup {
    /// Makes the servers of an upstream and begins their checks.
    pub(crate) fn new(
        remote: &Remote,
        engine: &Arc<Engine>,
        machine: &MachineRoots,
        bounds: &Bounds,
    ) -> Result<ServerGroup, UpstreamFault> {
        let mut hosts = Vec::new();
        let mut checks = JoinSet::new();
        for server in remote.servers().take(SERVERS_MAX) {
            let secure = machine.secure(remote, server)?;
            let host = remote.host_of(server).ok_or(UpstreamFault::Scheme)?;
            let host = Arc::new(Host::new(server.clone(), host, secure, engine.clone(), bounds)?);
            if let Some(check) = &remote.check {
                checks.spawn(task::alone(health_check::run(host.clone(), check.clone())));
            }
            hosts.push(host);
        }
        Ok(ServerGroup {
            turns: Mutex::new(vec![0; hosts.len()]),
            hosts,
            _checks: checks,
        })
    }

    pub(crate) fn hosts(&self) -> &[Arc<Host>] {
        &self.hosts
    }

    /// The next server for a request that has been to those in `tried`: of the ones that seem well the one with the
    /// least at work for its weight, and of those that are equal the one whose turn it is. Where none seems well, one
    /// is tried anyway, for a check may be wrong and a wait is over some time. `None` when the request has been to enough.
    pub(crate) fn choose(&self, tried: &mut Tried) -> Option<&Arc<Host>> {
        if tried.places.count_ones() >= TRIES_MAX {
            return None;
        }
        if let [host] = &self.hosts[..] {
            return (std::mem::replace(&mut tried.places, 1) == 0).then_some(host);
        }
        let untried = |place: &usize| tried.places & (1 << place) == 0;
        let all: Vec<usize> = (0..self.hosts.len()).filter(untried).collect();
        let place = match all[..] {
            [] => return None,
            [one] => one,
            _ => {
                let well: Vec<usize> = all
                    .iter()
                    .copied()
                    .filter(|place| self.hosts[*place].seems_well())
                    .collect();
                self.turn(if well.is_empty() { &all } else { &well })?
            }
        };
        tried.places |= 1 << place;
        self.hosts.get(place)
    }

    /// Smooth weighted turns among those with the least at work.
    fn turn(&self, places: &[usize]) -> Option<usize> {
        let load = |place: usize| {
            (
                self.hosts[place].at_work() as u64,
                u64::from(self.hosts[place].weight()),
            )
        };
        let is_less =
            |(a_work, a_weight): (u64, u64), (b_work, b_weight): (u64, u64)| a_work * b_weight < b_work * a_weight;
        let loads: Vec<(usize, (u64, u64))> = places.iter().map(|place| (*place, load(*place))).collect();
        let least: Vec<usize> = loads
            .iter()
            .filter(|(_, load)| !loads.iter().any(|(_, other)| is_less(*other, *load)))
            .map(|(place, _)| *place)
            .collect();
        let mut turns = self.turns.lock();
        let mut sum = 0;
        for place in &least {
            let weight = i64::from(self.hosts[*place].weight());
            turns[*place] += weight;
            sum += weight;
        }
        let next = least.into_iter().rev().max_by_key(|place| turns[*place])?;
        turns[next] -= sum;
        Some(next)
    }
}
