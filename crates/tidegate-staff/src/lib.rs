//! The admin API, the console that shows it as pages, and the callers' own pages.
//!
//! Staff read and change accounts, quotas and the limits file through [`router`]. Callers read the published limits and
//! their own standing through [`pages::Pages`]. This crate takes no decision about a request. The embedding program
//! answers through [`program::Program`].

pub mod admin;
pub mod browser;
mod chart;
pub mod console;
pub mod explanation;
mod filters;
pub mod form;
pub mod pages;
pub mod percent;
pub mod plain;
pub mod program;
mod router;
pub mod socket_row;
pub mod standing;
pub mod token_row;
pub mod typed_time;
pub mod usage_audit;
pub mod usage_row;
pub mod vouched;

pub use router::router;
