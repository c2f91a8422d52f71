//! Tidegate, an API gateway that enforces a platform's limits page.
//!
//! The program's own rooms: the wiring ([`app`]), the files ([`data_dir`], [`counts_log`], [`usage`]) and the command line
//! ([`cli`]). No decision about a request is taken here.

pub mod admin_client;
pub mod app;
pub mod authority;
pub mod bounds;
pub mod cli;
pub mod config_extensions;
pub mod counts_log;
pub mod data_dir;
pub mod demo;
pub mod embedded_upstream;
pub mod hub_broadcasts;
pub mod login;
pub mod open_files;
pub mod platforms;
pub mod program_state;
pub mod reload;
pub mod socket_warden;
pub mod station_directory;
pub mod stream_caller;
pub mod usage;
