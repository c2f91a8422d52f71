//! The reading of upstreams' answers, on any bytes in pieces of any size.
#![no_main]

#[path = "../../crates/tidegate-gateway/tests/doors/pieces.rs"]
mod pieces;

libfuzzer_sys::fuzz_target!(|input: &[u8]| pieces::judge(input));
