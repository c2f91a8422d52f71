use proptest::prelude::*;

use super::*;

fn state() -> impl Strategy<Value = CellState> {
    let periods = prop::sample::select(PERIODS.to_vec());
    prop_oneof![
        (any::<u128>(), any::<u32>(), any::<u64>(), any::<i64>(), any::<bool>()).prop_map(
            |(used, quota, window_ns, at_ms, warned)| CellState::Bucket {
                used,
                quota,
                window_ns,
                at_ms,
                warned,
            }
        ),
        (prop::collection::vec(any::<i64>(), 0..50), any::<u64>(), any::<bool>()).prop_map(
            |(stamps_ms, window_ns, warned)| CellState::Sliding {
                stamps_ms,
                window_ns,
                warned,
            }
        ),
        (any::<u64>(), periods, any::<i64>(), any::<bool>()).prop_map(|(used, period, start_ms, warned)| {
            CellState::Calendar {
                used,
                period,
                start_ms,
                warned,
            }
        }),
    ]
}

fn record() -> impl Strategy<Value = Record> {
    prop_oneof![
        (any::<u128>(), any::<u64>(), any::<Option<u64>>(), state()).prop_map(|(id, limit, user, state)| {
            Record::Cell {
                id: CellId(id),
                tag: Tag { limit, user },
                state,
            }
        }),
        (any::<u8>(), any::<u64>(), any::<u32>(), any::<u8>(), state()).prop_map(
            |(map, limit, quota, number, state)| Record::Shared {
                map,
                shared: Shared { limit, quota, number },
                state
            }
        ),
        (any::<u128>(), prop::collection::vec(any::<u128>(), 0..50)).prop_map(|(parent, cells)| Record::Subkeys {
            parent: CellId(parent),
            cells: cells.into_iter().map(CellId).collect()
        }),
    ]
}

proptest! {
    #[test]
    fn records_are_read_as_they_were_written(records in prop::collection::vec(record(), 0..20)) {
        let mut bytes = Vec::new();
        records.iter().for_each(|record| write(record, &mut bytes));
        let mut rest = &bytes[..];
        let read: Vec<Record> = std::iter::from_fn(|| read(&mut rest)).collect();
        prop_assert_eq!((read, rest), (records, &[][..]));
    }

    #[test]
    fn whatever_the_bytes_nothing_is_read_beyond_them(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut rest = &bytes[..];
        while read(&mut rest).is_some() {}
    }
}

#[test]
fn largest_records_fit_into_the_room_a_chunk_keeps_for_one() {
    let cells = vec![CellId(1); tidegate_engine::store::record::SUBKEYS_EACH_MAX];
    let stamps_ms = vec![0; tidegate_core::cell::STAMPS_MAX];
    let state = CellState::Sliding {
        stamps_ms,
        window_ns: 1,
        warned: true,
    };
    let (id, limit) = (CellId(2), 1);
    let tag = Tag { limit, user: Some(3) };
    for record in [Record::Subkeys { parent: id, cells }, Record::Cell { id, tag, state }] {
        let mut bytes = Vec::new();
        write(&record, &mut bytes);
        assert!(
            bytes.len() <= crate::counts_log::RECORD_BYTES_MAX,
            "{} bytes",
            bytes.len()
        );
    }
}

/// The bytes that were written before a count said whether it was warned about.
#[test]
fn files_of_before_are_read_as_counts_that_warned_nobody() {
    let mut bytes = vec![CELL];
    bytes.put_u128_le(7);
    bytes.put_u64_le(5);
    bytes.put_u8(1);
    bytes.put_u64_le(9);
    bytes.put_u8(CALENDAR);
    bytes.put_u64_le(80);
    bytes.put_u8(2);
    bytes.put_i64_le(1_795_305_600_000);
    let state = CellState::Calendar {
        used: 80,
        period: Period::Day,
        start_ms: 1_795_305_600_000,
        warned: false,
    };
    let (id, tag) = (
        CellId(7),
        Tag {
            limit: 5,
            user: Some(9),
        },
    );
    assert_eq!(read(&mut &bytes[..]), Some(Record::Cell { id, tag, state }));
}
