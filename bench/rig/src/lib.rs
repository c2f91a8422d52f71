//! What all benches have in common: processes of their own, proxies with their files, and the table at the end.

#![allow(clippy::disallowed_methods, reason = "it measures: clocks and waiting are its work")]

pub mod process;
pub mod proxy;
pub mod table;
