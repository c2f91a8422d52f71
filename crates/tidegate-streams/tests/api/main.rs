//! The embedded API as its host calls it: requests in, answers out, one SQLite file below.

mod client_shapes;
mod feed;
mod feed_bounds;
mod forecast;
mod hub;
mod observations;
mod stations;
mod support;
