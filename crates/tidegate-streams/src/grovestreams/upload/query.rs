//! A feed in the query: every parameter but a few is a stream, and its value a sample.

use std::hash::{BuildHasher, RandomState};

use tidegate_core::{
    facts,
    payload::{
        excess::{Excess, StreamLabel},
        upload::{Group, Times, Upload},
    },
};

use super::names::clipped;
use crate::grovestreams::PARAMETERS_RESERVED;

/// Reads the samples of a query; without a `compId` it has none.
///
/// # Errors
/// They are past a limit.
pub fn read_query(query: Option<&str>, now_ms: i64, upload: &mut Upload) -> Result<(), Box<Excess>> {
    let Some(component) = facts::query_values(query, "compId").next() else {
        return Ok(());
    };
    let time = facts::query_values(query, "time").next();
    let time = time.and_then(|time| time.trim().parse().ok()).map(Times::at);
    let hashes = RandomState::new();
    let group = Group {
        samples: 1,
        times: time,
    };
    for (index, (stream, value)) in facts::query_pairs(query)
        // `&=1` has no name: inside it is a mistake, and no sample either.
        .filter(|(name, _)| !name.is_empty() && !PARAMETERS_RESERVED.contains(&&**name))
        .enumerate()
    {
        let label = || StreamLabel {
            component: clipped(&component),
            stream: clipped(&stream),
        };
        upload.sample()?;
        let chars = value.chars().count() as u64;
        if upload.string_chars_max().is_some_and(|most| chars > u64::from(most)) {
            return Err(upload.long_string(Some(chars), index as u64, Some(label())));
        }
        upload.group((0, hashes.hash_one(&stream)), label, &group, now_ms)?;
    }
    upload.end()
}
