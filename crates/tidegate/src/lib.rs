//! Tidegate, the limits page of a device-data platform, running.
//!
//! The program's own rooms: the limits file ([`config`]), the wiring ([`app`]), the admin API ([`admin`]), the
//! callers' pages ([`pages`]) and the command line ([`cli`]). No decision about a request is taken here.

pub mod admin;
pub mod app;
pub mod authority;
pub mod browser;
mod chart;
pub mod cli;
pub mod client;
pub mod config;
pub mod console;
pub mod counts;
pub mod data_dir;
pub mod demo;
pub mod directory;
pub mod embedded;
pub mod explanation;
mod filters;
pub mod hub;
pub mod login;
pub mod open_files;
pub mod pages;
pub mod plain;
pub mod platforms;
pub mod reload;
pub mod socket_row;
pub mod standing;
pub mod table;
pub mod token_row;
pub mod usage;
pub mod warden;
