//! The health of a policy's servers, for those who look after the gate.

use std::sync::Arc;

use tidegate_core::{policy::Policy, upstream::Upstream};

use super::Upstreams;

/// One server of one page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerHealth {
    /// The page whose requests it answers.
    pub page: Arc<str>,
    /// Its address, or `embedded`.
    pub server: String,
    /// The reason why it gets no requests, if it gets none: the result of its checks, or of the last connects. A server that was not asked
    /// yet is taken to be well.
    pub why_down: Option<String>,
}

impl Upstreams {
    /// Returns the health of each server of each page, in the order of the policy.
    pub(crate) fn health(&self, policy: &Policy) -> Vec<ServerHealth> {
        let groups = self.groups.read();
        let mut servers = Vec::new();
        for page in &policy.pages {
            let server_health = |server: String, why_down| ServerHealth {
                page: page.name.clone(),
                server,
                why_down,
            };
            let Upstream::Remote(remote) = &page.upstream else {
                servers.push(server_health("embedded".to_owned(), None));
                continue;
            };
            let hosts = super::find(&groups, remote).map_or(&[][..], |group| group.hosts());
            for (place, server) in remote.servers().enumerate() {
                let address = server.base.to_string().trim_end_matches('/').to_owned();
                let why_down = hosts.get(place).and_then(|host| host.why_down());
                servers.push(server_health(address, why_down));
            }
        }
        servers
    }
}
