//! The encoding of a batch as bytes, the payload of a chunk of the log.

use std::sync::Arc;

use bytes::{Buf, BufMut};
use tidegate_core::usage::{Batch, BatchId, Day, Entry, Month, Payer, Sums, When};

use crate::append_log::PAYLOAD_BYTES_MAX;

/// Most bytes of one name in a record; a longer one, which no name that is accepted anywhere is, is cut.
const NAME_BYTES_MAX: usize = 1_024;

/// Most bytes of one entry: a day, three names with their lengths, the sums.
const ENTRY_BYTES_MAX: usize = 4 + 3 * (2 + NAME_BYTES_MAX) + 8 * Sums::NAMES.len();

/// The length that stands for a missing name.
const NO_NAME: u16 = u16::MAX;

/// Marks the number of a day; without it the number is a month's, as earlier versions wrote it.
const DAY: u32 = 1 << 31;

/// Writes entries from the front, as many as fit into one chunk, and returns their number.
pub fn write(id: BatchId, entries: &[Entry], out: &mut Vec<u8>) -> usize {
    out.put_u64_le(id.node);
    out.put_u64_le(id.epoch);
    out.put_u64_le(id.seq);
    let mut written = 0;
    while written < entries.len() && out.len() + ENTRY_BYTES_MAX <= PAYLOAD_BYTES_MAX {
        let Entry { payer, when, sums } = &entries[written];
        out.put_u32_le(number(*when));
        for name in [&payer.tenant, &payer.user, &payer.route] {
            write_name(name.as_deref(), out);
        }
        sums.values().iter().for_each(|value| out.put_u64_le(*value));
        written += 1;
    }
    written
}

/// Reads a batch; `None` when the bytes are not one.
pub fn read(mut bytes: &[u8]) -> Option<Batch> {
    let id = BatchId {
        node: bytes.try_get_u64_le().ok()?,
        epoch: bytes.try_get_u64_le().ok()?,
        seq: bytes.try_get_u64_le().ok()?,
    };
    let mut entries = Vec::new();
    while !bytes.is_empty() {
        let when = numbered(bytes.try_get_u32_le().ok()?)?;
        let payer = Payer {
            tenant: read_name(&mut bytes)?,
            user: read_name(&mut bytes)?,
            route: read_name(&mut bytes)?,
        };
        let mut values = [0; Sums::NAMES.len()];
        for value in &mut values {
            *value = bytes.try_get_u64_le().ok()?;
        }
        let sums = Sums::from_values(values);
        entries.push(Entry { payer, when, sums });
    }
    Some(Batch { id, entries })
}

fn number(when: When) -> u32 {
    match when {
        When::Day(day) => day.number() | DAY,
        When::Month(month) => month.number(),
    }
}

fn numbered(number: u32) -> Option<When> {
    if number & DAY == 0 {
        return Month::numbered(number).map(When::Month);
    }
    Day::numbered(number & !DAY).map(When::Day)
}

fn write_name(name: Option<&str>, out: &mut Vec<u8>) {
    let Some(name) = name else {
        return out.put_u16_le(NO_NAME);
    };
    let name = &name[..name.floor_char_boundary(NAME_BYTES_MAX)];
    out.put_u16_le(u16::try_from(name.len()).unwrap_or(0));
    out.put_slice(name.as_bytes());
}

/// Reads a name: `None` when the bytes hold no such text, `Some(None)` for a missing name.
fn read_name(bytes: &mut &[u8]) -> Option<Option<Arc<str>>> {
    let length = bytes.try_get_u16_le().ok()?;
    if length == NO_NAME {
        return Some(None);
    }
    let (name, rest) = bytes.split_at_checked(usize::from(length))?;
    *bytes = rest;
    Some(Some(std::str::from_utf8(name).ok()?.into()))
}

#[cfg(test)]
mod tests;
