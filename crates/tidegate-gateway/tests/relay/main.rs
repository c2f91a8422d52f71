//! The relay over real TCP sockets, with another implementation of WebSocket at both ends, or with raw bytes.

mod closing;
mod control;
mod frames;
mod hook;
mod inside;
mod keeping;
mod liveness;
mod opening;
mod oracle;
mod passing;
mod stalls;
mod support;
mod violations;
