//! `tidegate demo`.

use std::{net::SocketAddr, path::PathBuf};

use clap::Args;
use tidegate_gateway::ListenAddress;

use super::{Failure, serve::Serve};

/// Flags of `tidegate demo`.
#[derive(Debug, Args)]
pub struct Demo {
    /// Data directory of the demo; created if missing
    #[arg(
        id = "demo_data",
        long = "data",
        value_name = "DIR",
        default_value = "./tidegate-demo"
    )]
    data: PathBuf,

    /// Address for callers; port 0 picks a free port
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: Vec<ListenAddress>,

    /// Address of the admin API; port 0 picks a free port
    #[arg(id = "demo_admin", long = "admin", value_name = "ADDR", default_value = crate::admin_client::ADMIN_DEFAULT)]
    admin: SocketAddr,
}

impl Demo {
    pub(super) fn run(self) -> Result<(), Failure> {
        Serve::demo(self.data, self.listen, self.admin).run()
    }
}
