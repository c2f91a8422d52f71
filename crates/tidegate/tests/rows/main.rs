//! The platforms' statements, row by row, against the running program over real sockets, on a clock that tests move.

mod addresses;
mod admin_api;
mod bad_input;
mod cache;
mod callers_html;
mod callers_pages;
mod clients;
mod commands;
mod demo;
mod drain;
mod exhaustion;
mod feed_cadence;
mod feeds;
mod gate;
mod grove;
mod http2_cost;
mod hub;
mod identities;
mod limits_per_address;
mod limits_per_user;
mod observations;
mod process;
mod recorder;
mod refusals;
mod reload;
mod reload_files;
mod reload_tenants;
mod restart;
mod restart_processes;
mod shapes;
mod shapes_bodies;
mod socket;
mod socket_faults;
mod socket_processes;
mod socket_routes;
mod sockets;
mod tenants;
mod tls;
mod upstreams;
mod usage;
mod usage_processes;
mod vouched;
mod vouched_limits;

#[path = "../../src/authority/testing.rs"]
mod issuer;
