//! The form of a token, on any text. The room it stands in is compiled from its source, as the crate around it brings a
//! database along.
#![no_main]
#![expect(dead_code, reason = "of the room only the form is tried here")]

extern crate self as tidegate_accounts;

#[path = "../../crates/tidegate-accounts/tests/tokens/oracle.rs"]
mod oracle;
#[path = "../../crates/tidegate-accounts/src"]
mod rooms {
    pub mod base62;
    pub mod token_format;
}

use rooms::base62;
pub use rooms::token_format::is_well_formed;

libfuzzer_sys::fuzz_target!(|input: &[u8]| oracle::judge(input));
