//! Limits files of any text: what the compiler says of one is true, or every mistake has a place.
#![no_main]

#[path = "../../crates/tidegate/tests/config/oracle.rs"]
mod oracle;

use tidegate_config::{parts::Parts, vocabulary::Vocabulary};
use tidegate_core::{
    bounds::Declared,
    dialect::{Dialect, PROBLEM},
    payload::upload::UploadFormat,
    platform::Platform,
    resource::ResourceKind,
};

/// The parts as the program has them, as far as they link no database. A file that the text names is good for nothing.
const PARTS: Parts = Parts {
    bounds: &[tidegate_gateway::Bounds::BOUNDS],
    vocabulary: Vocabulary {
        platforms: &[platform("tempest", TEMPEST, &[]), platform("grovestreams", GROVESTREAMS, &[FEED])],
        kinds: &[ResourceKind::new("station", "Station", ""), ResourceKind::new("device", "Device", "")],
    },
    pages_cookie: "tidegate_token",
    roots: |_| Err("it is not read here".to_owned()),
    usable_keys: |_| Err("it is not read here".to_owned()),
    check_tls: |_| Ok(()),
};

const TEMPEST: &Dialect = &Dialect { name: "tempest", ..*PROBLEM };
const GROVESTREAMS: &Dialect = &Dialect { name: "grovestreams", ..*PROBLEM };

/// A format that reads nothing: the compiler asks for its name alone.
const FEED: &UploadFormat = &UploadFormat {
    name: "grovestreams",
    reader: |_| unreachable!(),
    read_query: |_, _, _| Ok(()),
};

const fn platform(name: &'static str, dialect: &'static Dialect, uploads: &'static [&'static UploadFormat]) -> Platform {
    Platform {
        name,
        dialect,
        uploads,
        resources: &[],
    }
}

libfuzzer_sys::fuzz_target!(|input: &[u8]| oracle::judge(input, &PARTS));
