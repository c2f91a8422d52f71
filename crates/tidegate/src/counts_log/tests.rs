use std::{os::unix::fs::symlink, sync::LazyLock, time::Duration};

use proptest::prelude::*;
use tempfile::TempDir;
use tidegate_config::Source;
use tidegate_core::{
    cell::{Cell, CellState},
    decide::Tag,
    limit::{Period, Quantity},
    overrides::Overrides,
    partition::Partitioner,
};
use tidegate_engine::{clock::Clock, engine::Bounds, snapshot::Current, store::record::Record};

use super::*;
use crate::config_extensions::CONFIG_EXTENSIONS;

/// 2026-11-22T12:00:00Z.
const NOON_MS: i64 = 1_795_348_800_000;

/// An engine without anything counted; its policy does not matter here.
fn engine() -> Engine {
    let policy = tidegate_config::load(&Source::Default, None, &CONFIG_EXTENSIONS)
        .unwrap()
        .policy;
    let bounds = Bounds {
        cells_max: 10_000,
        leases_max: 10,
        sockets_max: 10,
    };
    Engine::new(
        Clock::manual(NOON_MS),
        Current::new(policy, Overrides::default()),
        [3; 16],
        bounds,
    )
}

fn day(number: u64, used: u64) -> Record {
    Record::Cell {
        id: Partitioner::new([9; 16]).cell([number.to_be_bytes().as_slice()]),
        tag: Tag {
            limit: 5,
            user: Some(number),
        },
        state: CellState::Calendar {
            used,
            period: Period::Day,
            start_ms: Period::Day.start_ms(NOON_MS),
            warned: false,
        },
    }
}

fn count(engine: &Engine, number: u64, used: u64) {
    assert!(engine.import(day(number, used), engine.clock.now()));
}

/// The amount counted, by number.
fn counted(engine: &Engine) -> Vec<(u64, u64)> {
    let mut found = Vec::new();
    let Ok(()) = engine.export(Pass::Whole, engine.clock.now(), |records| {
        for record in records {
            if let Record::Cell {
                tag,
                state: CellState::Calendar { used, .. },
                ..
            } = record
            {
                found.push((tag.user.unwrap(), *used));
            }
        }
        Ok::<_, std::convert::Infallible>(())
    });
    found.sort_unstable();
    found
}

struct House {
    dir: TempDir,
}

impl House {
    fn new() -> House {
        House {
            dir: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("counts.log")
    }

    fn start(&self) -> (Engine, Counts, Loaded) {
        let engine = engine();
        let (counts, loaded) = Counts::load(&self.path(), &engine, engine.clock.now());
        (engine, counts, loaded)
    }

    /// A file of a whole and two times changes.
    fn written(&self) -> Vec<(u64, u64)> {
        let (engine, mut counts, _) = self.start();
        for round in 1..=3 {
            for number in 0..4 {
                count(&engine, number * round, 10 * round + number);
            }
            counts.write(&engine, engine.clock.now()).unwrap();
        }
        counted(&engine)
    }
}

#[test]
fn what_was_written_counts_at_the_next_start() {
    let house = House::new();
    let written = house.written();
    let (engine, _, loaded) = house.start();
    assert_eq!(counted(&engine), written);
    assert!(!loaded.damaged && loaded.torn_bytes == 0 && loaded.records >= written.len() as u64);
}

#[test]
fn nothing_changed_is_nothing_written() {
    let house = House::new();
    let (engine, mut counts, _) = house.start();
    count(&engine, 1, 7);
    let now = engine.clock.now();
    assert!(counts.write(&engine, now).unwrap() > 0);
    assert_eq!(counts.write(&engine, now).unwrap(), 0);
}

// A crash leaves any beginning of the file, and each is a state the file once had, or one with less of the last write.
#[test]
fn torn_off_at_any_byte_it_starts_with_what_was_whole() {
    let house = House::new();
    house.written();
    let file = fs::read(house.path()).unwrap();
    let mut counts_before = 0;
    for cut in 0..=file.len() {
        fs::write(house.path(), &file[..cut]).unwrap();
        let (engine, mut counts, loaded) = house.start();
        let found = counted(&engine);
        assert!(!loaded.damaged, "cut at {cut}");
        assert!(found.len() >= counts_before, "cut at {cut}");
        counts_before = found.len();
        // What is written next stands on its own. A write waits for the disk, so not at every cut.
        if cut % 29 != 0 {
            continue;
        }
        count(&engine, 99, 1);
        counts.write(&engine, engine.clock.now()).unwrap();
        assert_eq!(counted(&house.start().0), counted(&engine), "cut at {cut}");
    }
}

#[test]
fn damaged_file_is_kept_aside_and_the_rest_of_it_counts() {
    let house = House::new();
    let written = house.written();
    let mut file = fs::read(house.path()).unwrap();
    file[20] ^= 0xff;
    fs::write(house.path(), &file).unwrap();
    let (engine, _, loaded) = house.start();
    assert!(loaded.damaged && loaded.records > 0);
    let found = counted(&engine);
    assert!(found.iter().all(|one| written.contains(one)) && found.len() < written.len());
    assert_eq!(fs::read(beside(&house.path(), "damaged")).unwrap(), file);
}

#[test]
fn what_cannot_be_read_does_not_keep_it_from_starting() {
    let house = House::new();
    fs::create_dir(house.path()).unwrap();
    let (engine, mut counts, loaded) = house.start();
    assert!(loaded.damaged);
    count(&engine, 1, 1);
    counts.write(&engine, engine.clock.now()).unwrap();
    assert_eq!(counted(&house.start().0), [(1, 1)]);
}

proptest! {
    // Each case waits for the disk.
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn any_damage_is_survived(
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        cut in any::<prop::sample::Index>(),
    ) {
        static FILE: LazyLock<Vec<u8>> = LazyLock::new(|| {
            let house = House::new();
            house.written();
            fs::read(house.path()).unwrap()
        });
        let (house, mut file) = (House::new(), FILE.clone());
        for (at, byte) in hits {
            let at = at.index(file.len());
            file[at] = byte;
        }
        file.truncate(cut.index(file.len()) + 1);
        fs::write(house.path(), &file).unwrap();
        let (engine, mut counts, _) = house.start();
        count(&engine, 1, 5);
        counts.write(&engine, engine.clock.now()).unwrap();
        prop_assert_eq!(counted(&house.start().0), counted(&engine));
    }
}

// A full disk: the kernel's own device that is always full.
#[test]
fn full_disk_is_said_counting_goes_on_and_it_is_tried_again() {
    let house = House::new();
    let (engine, mut counts, _) = house.start();
    count(&engine, 1, 7);
    counts.write(&engine, engine.clock.now()).unwrap();
    // First while changes are added, then while it is written anew.
    count(&engine, 2, 8);
    counts.log.as_mut().unwrap().file = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let full = counts.write(&engine, engine.clock.now()).unwrap_err();
    assert_eq!(full.kind(), io::ErrorKind::StorageFull);
    let aside = beside(&house.path(), "new");
    symlink("/dev/full", &aside).unwrap();
    assert!(counts.write(&engine, engine.clock.now()).is_err());
    assert_eq!(counted(&house.start().0), [(1, 7)], "what was written before is there");

    fs::remove_file(&aside).unwrap();
    count(&engine, 3, 9);
    counts.write(&engine, engine.clock.now()).unwrap();
    assert_eq!(counted(&house.start().0), [(1, 7), (2, 8), (3, 9)]);
}

#[test]
fn file_stays_within_a_few_times_of_what_counts() {
    let house = House::new();
    let (engine, mut counts, _) = house.start();
    for number in 0..2_000 {
        count(&engine, number, 1);
    }
    let whole = counts.write(&engine, engine.clock.now()).unwrap();
    let mut largest = 0;
    for round in 0..30 {
        for number in 0..2_000 {
            count(&engine, number, round + 2);
        }
        counts.write(&engine, engine.clock.now()).unwrap();
        largest = largest.max(fs::metadata(house.path()).unwrap().len());
    }
    assert!(largest > 2 * whole, "it was added to");
    assert!(largest <= 3 * whole + GROWTH_BYTES_MIN, "{largest} bytes for {whole}");
    assert_eq!(counted(&house.start().0), counted(&engine));
}

#[test]
fn pardon_is_not_undone_by_a_restart() {
    let house = House::new();
    let (engine, mut counts, _) = house.start();
    let user = Partitioner::new([3; 16]).name("ann");
    let Record::Cell { id, state, .. } = day(1, 700) else {
        unreachable!()
    };
    let tag = Tag {
        limit: 5,
        user: Some(user),
    };
    engine.import(Record::Cell { id, tag, state }, engine.clock.now());
    counts.write(&engine, engine.clock.now()).unwrap();
    assert_eq!(engine.pardon("ann", None, engine.clock.now()), 1);
    counts.write(&engine, engine.clock.now()).unwrap();
    assert_eq!(counted(&house.start().0), []);
}

// fault 01, fault 02. A clock that is set between two writes: times written before are written anew.
#[test]
fn clock_set_between_two_writes_credits_no_time_that_did_not_pass() {
    let hourly = Quantity::Rate {
        quota: 60,
        burst: 60,
        window: Duration::from_secs(3_600),
    };
    for step_ms in [-3_600_000, 3_600_000] {
        let house = House::new();
        let (engine, mut counts, _) = house.start();
        let id = Partitioner::new([9; 16]).cell([b"a".as_slice()]);
        let mut cell = Cell::new(hourly, engine.clock.now());
        cell.take(60);
        let state = cell.state(engine.clock.now()).unwrap();
        let tag = Tag { limit: 5, user: None };
        engine.import(Record::Cell { id, tag, state }, engine.clock.now());
        counts.write(&engine, engine.clock.now()).unwrap();
        engine.clock.step_wall(step_ms);
        engine.clock.advance(Duration::from_secs(600));
        counts.write(&engine, engine.clock.now()).unwrap();

        let again = self::engine();
        again.clock.step_wall(step_ms);
        again.clock.advance(Duration::from_secs(600));
        let _ = Counts::load(&house.path(), &again, again.clock.now());
        let mut used = None;
        let Ok(()) = again.export(Pass::Whole, again.clock.now(), |records| {
            if let [Record::Cell { state, .. }] = records {
                let cell = state.cell(again.clock.now()).unwrap();
                used = Some(cell.standing(hourly, again.clock.now()).used);
            }
            Ok::<_, std::convert::Infallible>(())
        });
        assert!(used == Some(50) || used == Some(51), "{used:?} after {step_ms} ms");
    }
}
