//! The client behind listed proxies against a slow reading of the same fields.
#![no_main]

#[path = "../../crates/tidegate-core/tests/addresses/client.rs"]
mod oracle;

libfuzzer_sys::fuzz_target!(|input: &[u8]| oracle::judge(input));
