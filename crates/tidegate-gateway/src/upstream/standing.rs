//! How the servers of a policy stand, for those who look after the gate.

use std::sync::Arc;

use tidegate_core::{policy::Policy, upstream::Upstream};

use super::Upstreams;

/// One server of one page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerStanding {
    /// The page whose requests it answers.
    pub page: Arc<str>,
    /// Its address, or `embedded`.
    pub server: String,
    /// Why it gets no requests, if it gets none: what its checks say, or the last connects. A server that was not asked
    /// yet is taken to be well.
    pub why_down: Option<String>,
}

impl Upstreams {
    /// Of each page each server, in the order of the policy.
    pub(crate) fn standings(&self, policy: &Policy) -> Vec<ServerStanding> {
        let groups = self.groups.read();
        let mut standings = Vec::new();
        for page in &policy.pages {
            let standing = |server: String, why_down| ServerStanding {
                page: page.name.clone(),
                server,
                why_down,
            };
            let Upstream::Remote(remote) = &page.upstream else {
                standings.push(standing("embedded".to_owned(), None));
                continue;
            };
            let hosts = super::find(&groups, remote).map_or(&[][..], |group| group.hosts());
            for (place, server) in remote.servers().enumerate() {
                let address = server.base.to_string().trim_end_matches('/').to_owned();
                let why_down = hosts.get(place).and_then(|host| host.why_down());
                standings.push(standing(address, why_down));
            }
        }
        standings
    }
}
