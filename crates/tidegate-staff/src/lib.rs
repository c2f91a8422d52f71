//! The admin API, the console that shows it as pages, and the callers' own pages.
//!
//! Staff read and change accounts, quotas and the limits file through [`router`]. Callers read the published limits and
//! their own standing through [`pages::Pages`]. This crate takes no decision about a request. The embedding program
//! answers through [`program::Program`].

pub mod admin;
pub mod browser_headers;
mod chart;
pub mod console;
pub mod explanation;
mod filters;
pub mod form_body;
pub mod human_time;
pub mod limit_standing;
pub mod pages;
pub mod program;
mod router;
pub mod sanitize;
pub mod socket_row;
pub mod token_row;
pub mod url_encoding;
pub mod usage_audit;
pub mod usage_row;
pub mod vouched_callers;

pub use router::router;
