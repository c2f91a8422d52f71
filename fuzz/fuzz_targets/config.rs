//! A limits file of any text: read, or refused with places.
#![no_main]

#[path = "../../crates/tidegate/tests/config/oracle.rs"]
mod oracle;

use tidegate_config::extensions::ConfigExtensions;
use tidegate_core::bounds::Declared;

/// The parts as the program has them, as far as they link no database. A file that the text names is good for nothing.
const EXTENSIONS: ConfigExtensions = ConfigExtensions {
    bounds: &[tidegate_gateway::Bounds::BOUNDS],
    pages_cookie: "tidegate_token",
    roots: |_| Err("it is not read here".to_owned()),
    usable_keys: |_| Err("it is not read here".to_owned()),
    check_tls: |_| Ok(()),
};

libfuzzer_sys::fuzz_target!(|input: &[u8]| oracle::judge(input, &EXTENSIONS));
