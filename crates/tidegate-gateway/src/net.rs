//! Connections as the doors see them, below HTTP: streams over TCP, TLS and Unix sockets, and a client's with its time
//! limits and the state that it shares with what answers.

pub(crate) mod client_stream;
pub(crate) mod connection_state;
pub(crate) mod interim;
pub(crate) mod stream;

/// Stands among the extensions of a request that came to the gate over TLS.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OverTls;
