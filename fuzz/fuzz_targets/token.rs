//! The form of a token, on any text.
#![no_main]

#[path = "../../crates/tidegate-accounts/tests/tokens/oracle.rs"]
mod oracle;

libfuzzer_sys::fuzz_target!(|input: &[u8]| oracle::judge(input));
