//! The push reader of uploads against serde_json, on any bytes in pieces of any length.
#![no_main]

#[path = "../../crates/tidegate-gateway/tests/json/oracle.rs"]
mod oracle;

libfuzzer_sys::fuzz_target!(|input: &[u8]| oracle::judge_input(input));
