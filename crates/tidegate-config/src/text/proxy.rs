//! `trusted_proxies = ["10.0.0.0/8", "unix"]`: one proxy, or a network of them.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::parts::Parts;
use crate::{finding::Fault, reader::Syntax};

/// One entry of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProxyText {
    /// A network; a single address is one of its own.
    Network(IpNet),
    /// Whoever connects over a Unix socket.
    Unix,
}

impl Syntax for ProxyText {
    const EXAMPLES: &'static [&'static str] = &["10.0.0.0/8", "2001:db8::/32", "192.0.2.1", "unix"];

    fn parse(text: &str, _: &Parts) -> Result<ProxyText, Fault> {
        if text == "unix" {
            return Ok(ProxyText::Unix);
        }
        let network = text.parse().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        let network = network.map_err(|_| {
            Fault::new(
                format!("`{text}` is no network of addresses"),
                "write it as `10.0.0.0/8`, `192.0.2.1`, or `unix`",
            )
        })?;
        if network.addr() != network.network() {
            return Err(Fault::new(
                format!("`{network}` has bits beyond its prefix"),
                format!("write the network as `{}`, or the address alone", network.trunc()),
            ));
        }
        Ok(ProxyText::Network(network))
    }
}
