//! The platforms' statements, row by row, against the running program over real sockets, on a clock that tests move.

mod addresses;
mod admin_api;
mod bad_input;
mod browser;
mod browsing;
mod callers_html;
mod callers_pages;
mod clients;
mod commands;
mod console;
mod console_browser;
mod console_pages;
mod exhaustion;
mod feed_cadence;
mod feeds;
mod gate;
mod grove;
mod hub;
mod identities;
mod limits_per_address;
mod limits_per_user;
mod metrics;
mod observations;
mod process;
mod refusals;
mod reload;
mod reload_files;
mod restart;
mod restart_processes;
mod socket;
mod socket_faults;
mod socket_processes;
mod socket_routes;
mod sockets;
mod stats;
mod tenants;
mod tls;
mod top;
mod upstreams;
mod vouched;

#[path = "../../src/authority/testing.rs"]
mod issuer;
