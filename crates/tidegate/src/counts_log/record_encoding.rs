//! A record of the store as bytes, and back. Numbers are little-endian.

use bytes::{Buf, BufMut};
use tidegate_core::{cell::CellState, decide::Tag, limit::Period, partition::CellId};
use tidegate_engine::store::record::{Record, Shared};

const CELL: u8 = 1;
const SHARED: u8 = 2;
const SUBKEYS: u8 = 3;

const BUCKET: u8 = 1;
const CALENDAR: u8 = 2;
const SLIDING: u8 = 3;

/// The flag, beside the kind of a state, that a warning was given. Older files do not have it.
const WARNED: u8 = 0x80;

const PERIODS: [Period; 5] = [Period::Minute, Period::Hour, Period::Day, Period::Week, Period::Month];

/// Writes a record.
pub fn write(record: &Record, out: &mut Vec<u8>) {
    match record {
        Record::Cell { id, tag, state } => {
            out.put_u8(CELL);
            out.put_u128_le(id.0);
            out.put_u64_le(tag.limit);
            out.put_u8(u8::from(tag.user.is_some()));
            out.put_u64_le(tag.user.unwrap_or(0));
            write_state(state, out);
        }
        Record::Shared { map, shared, state } => {
            out.put_u8(SHARED);
            out.put_u8(*map);
            out.put_u64_le(shared.limit);
            out.put_u32_le(shared.quota);
            out.put_u8(shared.number);
            write_state(state, out);
        }
        Record::Subkeys { parent, cells } => {
            out.put_u8(SUBKEYS);
            out.put_u128_le(parent.0);
            out.put_u32_le(u32::try_from(cells.len()).unwrap_or(u32::MAX));
            cells.iter().for_each(|cell| out.put_u128_le(cell.0));
        }
    }
}

/// Reads a record off the beginning; `None` for what is none.
pub fn read(bytes: &mut &[u8]) -> Option<Record> {
    match bytes.try_get_u8().ok()? {
        CELL => {
            let id = CellId(bytes.try_get_u128_le().ok()?);
            let limit = bytes.try_get_u64_le().ok()?;
            let has_user = bytes.try_get_u8().ok()? != 0;
            let user = bytes.try_get_u64_le().ok()?;
            let tag = Tag {
                limit,
                user: has_user.then_some(user),
            };
            let state = read_state(bytes)?;
            Some(Record::Cell { id, tag, state })
        }
        SHARED => {
            let map = bytes.try_get_u8().ok()?;
            let shared = Shared {
                limit: bytes.try_get_u64_le().ok()?,
                quota: bytes.try_get_u32_le().ok()?,
                number: bytes.try_get_u8().ok()?,
            };
            let state = read_state(bytes)?;
            Some(Record::Shared { map, shared, state })
        }
        SUBKEYS => {
            let parent = CellId(bytes.try_get_u128_le().ok()?);
            let count = bytes.try_get_u32_le().ok()? as usize;
            // A number that is larger than what is there to read allocates nothing.
            let cells = (0..count).map_while(|_| bytes.try_get_u128_le().ok().map(CellId));
            let cells: Vec<CellId> = cells.collect();
            (cells.len() == count).then_some(Record::Subkeys { parent, cells })
        }
        _ => None,
    }
}

fn write_state(state: &CellState, out: &mut Vec<u8>) {
    match state {
        CellState::Bucket {
            used,
            quota,
            window_ns,
            at_ms,
            warned,
        } => {
            out.put_u8(kind(BUCKET, *warned));
            out.put_u128_le(*used);
            out.put_u32_le(*quota);
            out.put_u64_le(*window_ns);
            out.put_i64_le(*at_ms);
        }
        CellState::Sliding {
            stamps_ms,
            window_ns,
            warned,
        } => {
            out.put_u8(kind(SLIDING, *warned));
            out.put_u64_le(*window_ns);
            out.put_u32_le(u32::try_from(stamps_ms.len()).unwrap_or(u32::MAX));
            stamps_ms.iter().for_each(|stamp_ms| out.put_i64_le(*stamp_ms));
        }
        CellState::Calendar {
            used,
            period,
            start_ms,
            warned,
        } => {
            out.put_u8(kind(CALENDAR, *warned));
            out.put_u64_le(*used);
            out.put_u8(PERIODS.iter().position(|known| known == period).unwrap_or(0) as u8);
            out.put_i64_le(*start_ms);
        }
    }
}

fn kind(kind: u8, warned: bool) -> u8 {
    if warned { kind | WARNED } else { kind }
}

fn read_state(bytes: &mut &[u8]) -> Option<CellState> {
    let kind = bytes.try_get_u8().ok()?;
    let warned = kind & WARNED != 0;
    match kind & !WARNED {
        BUCKET => Some(CellState::Bucket {
            used: bytes.try_get_u128_le().ok()?,
            quota: bytes.try_get_u32_le().ok()?,
            window_ns: bytes.try_get_u64_le().ok()?,
            at_ms: bytes.try_get_i64_le().ok()?,
            warned,
        }),
        SLIDING => {
            let window_ns = bytes.try_get_u64_le().ok()?;
            let count = bytes.try_get_u32_le().ok()? as usize;
            let stamps_ms = (0..count).map_while(|_| bytes.try_get_i64_le().ok());
            let stamps_ms: Vec<i64> = stamps_ms.collect();
            (stamps_ms.len() == count).then_some(CellState::Sliding {
                stamps_ms,
                window_ns,
                warned,
            })
        }
        CALENDAR => Some(CellState::Calendar {
            used: bytes.try_get_u64_le().ok()?,
            period: *PERIODS.get(usize::from(bytes.try_get_u8().ok()?))?,
            start_ms: bytes.try_get_i64_le().ok()?,
            warned,
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
