//! `tidegate station`.

use clap::{Args, Subcommand};
use serde_json::json;
use tidegate_staff::{
    admin::{StationAdd, StationAdded},
    url_encoding::escaped,
};

use super::{Failure, say, say_json};
use crate::admin_client::{Client, Reach};

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
        /// Name of the owner
        #[arg(long, value_name = "NAME")]
        user: String,
        /// Name of the station
        #[arg(long)]
        name: String,
        /// Serial number of its device, e.g. ST-00000512
        #[arg(long)]
        serial: Option<String>,
        /// Latitude in degrees north
        #[arg(long, allow_negative_numbers = true)]
        latitude: Option<f64>,
        /// Longitude in degrees east
        #[arg(long, allow_negative_numbers = true)]
        longitude: Option<f64>,
        /// Elevation in metres above sea level
        #[arg(long, allow_negative_numbers = true)]
        elevation_m: Option<f64>,
        /// IANA name of its time zone, e.g. America/Denver
        #[arg(long)]
        timezone: Option<String>,
    },
    /// Share a station with another user, who may then read it
    Share {
        /// Id of the station
        id: i64,
        /// Name of the user who may read it
        #[arg(long, value_name = "NAME")]
        with: String,
    },
    /// Stop sharing a station with a user
    Unshare {
        /// Id of the station
        id: i64,
        /// Name of the user who may no longer read it
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
