//! A limits file of any text: read, or refused with places. The rooms it goes through are compiled from their source, as
//! the program around them brings a database along.
#![no_main]
#![expect(dead_code, reason = "of the rooms only what reads a limits file is tried here")]

extern crate self as tidegate;

#[path = "../../crates/tidegate/tests/config/oracle.rs"]
mod oracle;
#[path = "../../crates/tidegate/src"]
mod rooms {
    pub mod config;
    pub mod table;
}

#[path = "../../crates/tidegate/src/authority/keys/set.rs"]
mod set;

pub use rooms::{config, table};

/// As much of the program's other rooms as these name.
mod authority {
    pub mod keys {
        pub(crate) use crate::set;
    }
}

mod pages {
    pub const COOKIE: &str = "tidegate_token";
}

mod usage {
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub enum OnFailure {
        #[default]
        CountOn,
        Refuse,
    }
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| oracle::judge(input));
