//! The doors over real sockets: raw bytes in, a real upstream behind, small stand-ins for accounts and pages.

mod addresses;
mod bodies;
mod differential;
mod framing;
mod letter;
mod listener;
mod malformed;
mod pool;
mod refusals;
mod strict;
mod support;
mod unread;
mod upstreams;
