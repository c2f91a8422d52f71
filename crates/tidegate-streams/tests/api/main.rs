//! The embedded API as its host calls it: requests in, answers out, one SQLite file below.

mod changing;
mod client_shapes;
mod feed;
mod feed_bounds;
mod forecast;
mod grove;
mod grove_advanced;
mod grove_definitions;
mod grove_intervals;
mod hub;
mod observations;
mod socket;
mod socket_bounds;
mod socket_live;
mod socket_shapes;
mod socket_shares;
mod stations;
mod support;
mod wire;
