//! The pure part of Tidegate: from facts and identity over route and limits to a verdict.
//!
//! Nothing here reads a clock, does I/O, waits, logs or knows JSON. Time is an argument ([`time::Now`]).
//!
//! ```text
//! facts ─► credential ─► identity ─► route ─► ask ─► decide ─► refusal
//!                                     ▲        ▲                  │
//!                                   policy  overrides           fields
//! ```

pub mod address;
pub mod bounds;
pub mod cell;
pub mod credential;
pub mod decide;
pub mod dialect;
pub mod facts;
pub mod fields;
pub mod forwarded;
pub mod freshness;
pub mod identity;
pub mod index;
pub mod limit;
pub mod limit_check;
pub mod overrides;
pub mod partition;
pub mod payload;
pub mod peer;
pub mod platform;
pub mod policy;
pub mod proxy_protocol;
pub mod refusal;
pub mod resource;
pub mod route;
pub mod socket;
pub mod tenant;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
pub mod time;
pub mod trust;
pub mod upstream;
pub mod usage;
pub mod wait;
pub mod warning;
