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

/// Platforms with the words of those inside.
mod platforms {
    use tidegate_core::{
        dialect::{Dialect, PROBLEM},
        payload::upload::UploadFormat,
        platform::Platform,
        resource::ResourceKind,
    };

    use crate::config::vocabulary::Vocabulary;

    pub const VOCABULARY: Vocabulary = Vocabulary {
        platforms: &[of("tempest", &[]), of("grovestreams", &[FEED])],
        kinds: &[ResourceKind::new("station", "Station", ""), ResourceKind::new("device", "Device", "")],
    };

    const FEED: &UploadFormat = &UploadFormat {
        name: "grovestreams",
        reader: |_| unreachable!(),
        read_query: |_, _, _| Ok(()),
    };

    const fn of(name: &'static str, uploads: &'static [&'static UploadFormat]) -> Platform {
        Platform {
            name,
            dialect: match name.len() {
                7 => TEMPEST,
                _ => GROVESTREAMS,
            },
            uploads,
            resources: &[],
        }
    }

    const TEMPEST: &Dialect = &Dialect {
        name: "tempest",
        ..*PROBLEM
    };
    const GROVESTREAMS: &Dialect = &Dialect {
        name: "grovestreams",
        ..*PROBLEM
    };
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
