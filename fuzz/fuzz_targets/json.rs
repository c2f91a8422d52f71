//! The push reader of uploads against serde_json, on any bytes in pieces of any length. It is compiled from its source, as
//! the streams around it bring a database along.
#![no_main]
#![expect(dead_code, reason = "of the reader only what the oracle asks is tried here")]

#[path = "../../crates/tidegate-streams/tests/json/oracle.rs"]
mod oracle;
#[path = "../../crates/tidegate-streams/src"]
mod rooms {
    pub mod json;
}

use rooms::json;

libfuzzer_sys::fuzz_target!(|input: &[u8]| oracle::judge_input(input));
