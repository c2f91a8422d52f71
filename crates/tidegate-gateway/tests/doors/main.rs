//! The doors over real sockets: raw bytes in, a real upstream behind, small stand-ins for accounts and pages.

mod addresses;
mod answers;
mod balance;
mod bodies;
mod differential;
mod framing;
mod http2;
mod http2_attacks;
mod interim;
mod letter;
mod listener;
mod malformed;
mod pieces;
mod pool;
mod refusals;
mod secure_sockets;
mod secure_upstreams;
mod strict;
mod support;
mod third_platform;
mod tls;
mod unread;
mod upstreams;
