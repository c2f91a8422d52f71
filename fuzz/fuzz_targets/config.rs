//! A limits file of any text: read, or refused with places.
#![no_main]

#[path = "../../crates/tidegate/tests/config/oracle.rs"]
mod oracle;

libfuzzer_sys::fuzz_target!(|input: &[u8]| oracle::judge(input));
