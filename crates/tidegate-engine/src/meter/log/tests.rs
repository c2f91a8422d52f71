use std::{collections::BTreeSet, os::unix::fs::symlink};

use proptest::prelude::*;
use tempfile::TempDir;
use tidegate_core::usage::{Batch, Day, Payer, Sums};

use super::*;
use crate::meter::segment::ReadSummary;

/// Small segments, so that there are several.
const BOUNDS: LogBounds = LogBounds {
    segment_bytes_max: 400,
    log_bytes_max: 1 << 20,
};

struct House {
    dir: TempDir,
    tally: Tally,
}

impl House {
    fn new() -> House {
        House {
            dir: tempfile::tempdir().unwrap(),
            tally: Tally::new(),
        }
    }

    fn folder(&self) -> PathBuf {
        self.dir.path().join("log")
    }

    fn log(&self, epoch: u64) -> Log {
        Log::open(&self.folder(), 7, epoch, BOUNDS).unwrap()
    }

    fn uses(&self, transactions: u64) {
        let payer = Payer {
            tenant: Some("acme".into()),
            ..Payer::default()
        };
        let sums = Sums {
            transactions,
            ..Sums::default()
        };
        self.tally.add(payer, Day::of(1_795_348_800_000), &sums);
    }

    /// Reads all segments: each batch once, and what was found of them.
    fn read(&self) -> (u64, ReadSummary) {
        let (mut seen, mut found, mut transactions) = (BTreeSet::new(), ReadSummary::default(), 0);
        for segment in Segment::all(&self.folder()).unwrap() {
            let bytes = segment.bytes(&self.folder()).unwrap();
            let each = |batch: Batch| {
                if seen.insert(batch.id) {
                    transactions += batch.entries.iter().map(|entry| entry.sums.transactions).sum::<u64>();
                }
            };
            found.add(&segment.read(&self.folder(), 0, bytes, each).unwrap());
        }
        (transactions, found)
    }
}

#[test]
fn what_was_used_is_on_disk_over_several_segments_and_runs() {
    let house = House::new();
    for epoch in [5, 6] {
        let mut log = house.log(epoch);
        for n in 1..=10 {
            house.uses(n);
            assert!(log.write(&house.tally).unwrap() > 0);
        }
        assert_eq!(log.write(&house.tally).unwrap(), 0, "nothing used is nothing written");
        let sizes = Segment::all(&house.folder()).unwrap();
        let bytes: u64 = sizes
            .iter()
            .map(|segment| segment.bytes(&house.folder()).unwrap())
            .sum();
        assert_eq!(log.bytes(), bytes);
    }
    let (transactions, found) = house.read();
    assert_eq!((transactions, found.batches, found.is_damaged()), (110, 20, false));
    assert!(Segment::all(&house.folder()).unwrap().len() > 4);
}

// fault 81. Torn off at each of its bytes, a segment says what was whole, and nothing else.
#[test]
fn torn_off_at_any_byte_what_was_whole_is_read() {
    let house = House::new();
    let mut log = Log::open(&house.folder(), 7, 1, LogBounds::default()).unwrap();
    let mut ends = vec![0];
    for _ in 0..6 {
        house.uses(1);
        ends.push(ends.last().unwrap() + log.write(&house.tally).unwrap());
    }
    let segment = Segment::all(&house.folder()).unwrap().remove(0);
    let whole = fs::read(segment.path(&house.folder())).unwrap();
    for cut in 0..=whole.len() {
        fs::write(segment.path(&house.folder()), &whole[..cut]).unwrap();
        let (transactions, found) = house.read();
        let written = ends.iter().skip(1).filter(|end| **end <= cut as u64).count();
        assert_eq!(
            (transactions, found.is_damaged()),
            (written as u64, false),
            "cut at {cut}"
        );
        assert_eq!(found.torn_bytes, cut as u64 - ends[written], "cut at {cut}");
    }
}

// fault 81
#[test]
fn damage_before_the_end_is_told_from_a_torn_end_and_costs_the_batch_it_is_in() {
    let house = House::new();
    let mut log = Log::open(&house.folder(), 7, 1, LogBounds::default()).unwrap();
    let mut ends = vec![0];
    for _ in 0..5 {
        house.uses(1);
        ends.push(ends.last().unwrap() + log.write(&house.tally).unwrap());
    }
    let segment = Segment::all(&house.folder()).unwrap().remove(0);
    let whole = fs::read(segment.path(&house.folder())).unwrap();
    for at in 0..ends[4] as usize {
        let mut hit = whole.clone();
        hit[at] ^= 0x55;
        fs::write(segment.path(&house.folder()), &hit).unwrap();
        let (transactions, found) = house.read();
        assert_eq!((transactions, found.is_damaged()), (4, true), "hit at {at}");
        let is_between = at as u64 >= ends[1];
        assert_eq!(found.missing, u64::from(is_between), "hit at {at}");
    }
}

// fault 81. The kernel's own device that is always full, in the place of a segment.
#[test]
fn full_disk_loses_nothing_and_counts_once_when_there_is_room_again() {
    let house = House::new();
    let mut log = house.log(1);
    house.uses(1);
    log.write(&house.tally).unwrap();
    log.current.as_mut().unwrap().file = OpenOptions::new().write(true).open("/dev/full").unwrap();
    house.uses(2);
    assert_eq!(log.write(&house.tally).unwrap_err().kind(), io::ErrorKind::StorageFull);
    assert!(log.has_pending());
    // The next segment cannot be written either.
    let next = Segment { epoch: 1, number: 2 };
    symlink("/dev/full", next.path(&house.folder())).unwrap();
    for n in 0..3 {
        house.uses(4);
        assert!(log.write(&house.tally).is_err(), "try {n}");
        assert_eq!(
            log.tally_of_pending(),
            2,
            "nothing more is taken while there is something to write"
        );
    }
    fs::remove_file(next.path(&house.folder())).unwrap();
    log.write(&house.tally).unwrap();
    assert_eq!(house.read().0, 1 + 2 + 12);
}

// fault 81
#[test]
fn folder_that_cannot_be_written_is_an_error_each_time_and_leaves_nothing_behind() {
    let house = House::new();
    fs::write(house.folder(), "a file where the folder should be").unwrap();
    let mut log = Log::open(Path::new("/nonexistent"), 7, 1, BOUNDS).unwrap();
    log.folder = house.folder();
    house.uses(1);
    for _ in 0..3 {
        assert!(log.write(&house.tally).is_err());
    }
    fs::remove_file(house.folder()).unwrap();
    log.write(&house.tally).unwrap();
    assert_eq!(house.read().0, 1);
}

#[test]
fn full_log_takes_nothing_more_until_it_is_emptied() {
    let house = House::new();
    let bounds = LogBounds {
        log_bytes_max: 1_000,
        ..BOUNDS
    };
    let mut log = Log::open(&house.folder(), 7, 1, bounds).unwrap();
    let mut written = 0;
    let error = loop {
        house.uses(1);
        match log.write(&house.tally) {
            Ok(_) => written += 1,
            Err(error) => break error,
        }
    };
    assert!(error.to_string().contains("the log of usage is full"), "{error}");
    assert!(log.bytes() < 1_000 + 400, "one write past it at most: {}", log.bytes());
    house.uses(1);
    assert!(log.write(&house.tally).is_err());
    for segment in Segment::all(&house.folder()).unwrap() {
        if log.is_closed(&segment) {
            log.remove(&segment).unwrap();
        }
    }
    log.write(&house.tally).unwrap();
    let (left, _) = house.read();
    assert!(left >= 2 && left < written + 2, "{left}");
}

proptest! {
    // Each case waits for the disk.
    #![proptest_config(ProptestConfig::with_cases(48))]
    // fault 78, fault 81. A life of writes, failures at any of them and ends at any byte that the disk does not have.
    #[test]
    fn whatever_fails_each_use_is_on_disk_at_most_once_and_what_was_written_exactly_once(
        acts in prop::collection::vec((0_u8..5, any::<prop::sample::Index>()), 1..40),
    ) {
        let house = House::new();
        let (mut epoch, mut log) = (1, house.log(1));
        let (mut used, mut durable, mut kept) = (0_u64, 0_u64, 0_u64);
        for (act, at) in acts {
            match act {
                0 | 1 => {
                    house.uses(1);
                    used += 1;
                    kept += 1;
                }
                2 => {
                    log.write(&house.tally).unwrap();
                    durable += kept;
                    kept = 0;
                }
                3 => {
                    // The disk is full: the write fails.
                    let has_work = log.has_pending() || !house.tally.is_empty();
                    let Some(current) = log.current.as_mut().filter(|_| has_work) else {
                        continue;
                    };
                    current.file = OpenOptions::new().write(true).open("/dev/full").unwrap();
                    prop_assert!(log.write(&house.tally).is_err());
                }
                _ => {
                    // A crash while a last write is under way: any beginning of it is on the disk.
                    log.seal(&house.tally.take());
                    if let Some(current) = &mut log.current {
                        let torn = &log.pending[..at.index(log.pending.len() + 1)];
                        let _ = current.file.write_all(torn);
                    }
                    kept = 0;
                    epoch += 1;
                    log = house.log(epoch);
                }
            }
        }
        let (found, about) = house.read();
        prop_assert!(found >= durable && found <= used, "{found} of {used}, {durable} were written");
        prop_assert!(!about.is_damaged());
    }
}

impl Log {
    /// Counts how many transactions wait to be written.
    fn tally_of_pending(&self) -> u64 {
        let mut chunks = append_log::Chunks::new(&self.pending[..], MARK);
        let mut transactions = 0;
        while let Some(payload) = chunks.read().unwrap() {
            let batch = batch_codec::read(payload).unwrap();
            transactions += batch.entries.iter().map(|entry| entry.sums.transactions).sum::<u64>();
        }
        transactions
    }
}
