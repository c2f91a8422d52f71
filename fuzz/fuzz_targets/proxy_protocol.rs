//! A header of the PROXY protocol against the letter of its specification, on any bytes.
#![no_main]

#[path = "../../crates/tidegate-core/tests/addresses/proxy_protocol.rs"]
mod oracle;

libfuzzer_sys::fuzz_target!(|input: &[u8]| oracle::judge(input));
