//! The frame checker of the relay against tungstenite, on any bytes in pieces of any size.
#![no_main]

#[path = "../../crates/tidegate-gateway/tests/relay/oracle.rs"]
mod oracle;

libfuzzer_sys::fuzz_target!(|input: &[u8]| oracle::judge(input));
