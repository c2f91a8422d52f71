//! The doors over real sockets: raw bytes in, a real upstream behind, small stand-ins for accounts and pages.

<<<<<<< HEAD
mod addresses;
=======
mod balance;
>>>>>>> 85de6c3 (upstreams: TLS, several servers, and their checks)
mod bodies;
mod differential;
mod framing;
mod letter;
mod listener;
mod malformed;
mod pool;
mod refusals;
mod strict;
mod secure_upstreams;
mod support;
mod unread;
mod upstreams;
