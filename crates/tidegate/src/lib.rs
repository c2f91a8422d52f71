//! Tidegate, the limits page of a device-data platform, running.
//!
//! The program's own rooms: the wiring ([`app`]), the files ([`data_dir`], [`counts`], [`usage`]) and the command line
//! ([`cli`]). No decision about a request is taken here.

pub mod app;
pub mod authority;
pub mod bounds;
pub mod cli;
pub mod client;
pub mod counts;
pub mod data_dir;
pub mod demo;
pub mod directory;
pub mod embedded;
pub mod hub;
pub mod login;
pub mod open_files;
pub mod parts;
pub mod platforms;
pub mod program;
pub mod reload;
pub mod stream_caller;
pub mod usage;
pub mod warden;
