//! The route of a request against a slow search, for any patterns and any spelling of the path.
#![no_main]

#[path = "../../crates/tidegate-core/tests/routes/oracle.rs"]
mod oracle;

libfuzzer_sys::fuzz_target!(|input: &[u8]| oracle::judge(input));
