//! HTTP/1.1 as bytes, where two servers could read them in two ways: the heads of requests, and bodies in chunks.

pub(crate) mod chunks;
#[doc(hidden)]
pub mod strict_reader;
