//! The strict reader before hyper against the letter of RFC 9112, on any bytes in pieces of any size.
#![no_main]

#[path = "../../crates/tidegate-gateway/tests/doors/letter.rs"]
mod letter;
#[path = "../../crates/tidegate-gateway/tests/doors/strict.rs"]
mod strict;

libfuzzer_sys::fuzz_target!(|input: &[u8]| letter::judge(input));
