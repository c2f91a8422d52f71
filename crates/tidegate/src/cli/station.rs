//! `tidegate station`.

use clap::{Args, Subcommand};
use serde_json::json;
use tidegate_staff::{
    admin::{StationAdd, StationAdded},
    url_encoding::escaped,
};

use super::{Failure, say, say_json};
use crate::client::{Client, Reach};

/// `tidegate station …`.
#[derive(Debug, Args)]
pub struct Stations {
    #[command(subcommand)]
    command: StationCommand,
    #[command(flatten)]
    reach: Reach,
}

#[derive(Debug, Subcommand)]
enum StationCommand {
    /// Add a station with one device
    Add {
        /// Whose
        #[arg(long, value_name = "NAME")]
        user: String,
        /// The station's name
        #[arg(long)]
        name: String,
        /// The serial number of its device, e.g. ST-00000512
        #[arg(long)]
        serial: Option<String>,
        /// Degrees north
        #[arg(long, allow_negative_numbers = true)]
        latitude: Option<f64>,
        /// Degrees east
        #[arg(long, allow_negative_numbers = true)]
        longitude: Option<f64>,
        /// Metres above the sea
        #[arg(long, allow_negative_numbers = true)]
        elevation_m: Option<f64>,
        /// IANA name of its time zone, e.g. America/Denver
        #[arg(long)]
        timezone: Option<String>,
    },
    /// Let another user read a station
    Share {
        /// The station
        id: i64,
        /// Who may read it
        #[arg(long, value_name = "NAME")]
        with: String,
    },
    /// End a share
    Unshare {
        /// The station
        id: i64,
        /// Who may no longer read it
        #[arg(long, value_name = "NAME")]
        with: String,
    },
}

impl Stations {
    pub(super) fn run(self) -> Result<(), Failure> {
        let client = Client::new(&self.reach)?;
        let json = self.reach.json;
        match self.command {
            StationCommand::Add {
                user,
                name,
                serial,
                latitude,
                longitude,
                elevation_m,
                timezone,
            } => {
                let new = StationAdd {
                    user,
                    name,
                    serial,
                    latitude,
                    longitude,
                    elevation_m,
                    timezone,
                };
                let added: StationAdded = client.post("/stations", &new)?;
                if json {
                    return say_json(&added);
                }
                say(&format!(
                    "station_id {}\ndevice_id {}",
                    added.station_id, added.device_id
                ));
            }
            StationCommand::Share { id, with } => {
                client.put(&format!("/stations/{id}/shares/{}", escaped(&with)), &json!({}))?;
                told(json, id, &with, true)?;
            }
            StationCommand::Unshare { id, with } => {
                client.delete(&format!("/stations/{id}/shares/{}", escaped(&with)))?;
                told(json, id, &with, false)?;
            }
        }
        Ok(())
    }
}

fn told(json: bool, station_id: i64, with: &str, shared: bool) -> Result<(), Failure> {
    if json {
        return say_json(&json!({ "station_id": station_id, "with": with, "shared": shared }));
    }
    let verb = if shared { "is shared" } else { "is no longer shared" };
    say(&format!("station {station_id} {verb} with {with}"));
    Ok(())
}
