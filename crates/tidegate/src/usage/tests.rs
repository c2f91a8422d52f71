use std::{
    fs::{self, OpenOptions},
    io::Write,
    os::unix::fs::symlink,
};

use tempfile::TempDir;
use tidegate_accounts::{DaysOf, UsageQuery, UsageRow};
use tidegate_config::Source;
use tidegate_core::{
    overrides::Overrides,
    usage::{Day, Payer, Sums, When},
};
use tidegate_engine::{clock::Clock, engine, snapshot::Current};

use super::*;
use crate::config_extensions::CONFIG_EXTENSIONS;

/// 2026-11-30T23:59:00Z.
const LATE_MS: i64 = 1_796_083_140_000;

const BOUNDS: LogBounds = LogBounds {
    segment_bytes_max: 2_000,
    log_bytes_max: 1 << 20,
};

fn engine_at(wall_ms: i64) -> Arc<Engine> {
    let policy = tidegate_config::load(&Source::Default, None, &CONFIG_EXTENSIONS)
        .unwrap()
        .policy;
    let bounds = engine::Bounds {
        cells_max: 1_024,
        leases_max: 10,
        sockets_max: 10,
    };
    let current = Current::new(policy, Overrides::default());
    Arc::new(Engine::new(Clock::manual(wall_ms), current, [3; 16], bounds))
}

async fn open_at(dir: &TempDir, wall_ms: i64, on_failure: OnFailure, kept_bytes_max: u64) -> Arc<Usage> {
    let engine = engine_at(wall_ms);
    let usage = Usage::open_bounded(&dir.path().join("usage"), engine, 9, on_failure, BOUNDS, kept_bytes_max).await;
    Arc::new(usage.unwrap())
}

async fn open(dir: &TempDir) -> Arc<Usage> {
    open_at(dir, LATE_MS, OnFailure::CountOn, 6_000).await
}

/// Uses, as a request that ended does.
fn uses(usage: &Usage, tenant: &str, transactions: u64) {
    let payer = Payer {
        tenant: Some(tenant.into()),
        user: Some("ann".into()),
        route: Some("feed".into()),
    };
    let sums = Sums {
        transactions,
        bytes_out: 10 * transactions,
        ..Sums::default()
    };
    let day = Day::of(usage.engine.clock.now().wall_ms);
    usage.engine.usage.add(payer, day, &sums);
}

async fn ledger_of(usage: &Usage, month: &str) -> Vec<(String, u64)> {
    let (rows, _) = usage
        .ledger()
        .usage(month.parse().unwrap(), &UsageQuery::default())
        .await
        .unwrap();
    let tenant = |row: &UsageRow| row.payer.tenant.as_deref().unwrap_or("-").to_owned();
    rows.iter().map(|row| (tenant(row), row.sums.transactions)).collect()
}

async fn november(usage: &Usage) -> u64 {
    ledger_of(usage, "2026-11").await.iter().map(|(_, n)| n).sum()
}

/// Numbers that look like chance and are the same again for the same seed.
struct Dice(u64);

impl Dice {
    fn seeded() -> Dice {
        let seed = std::env::var("TIDEGATE_SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = seed.unwrap_or_else(|| {
            let mut bytes = [0; 8];
            getrandom::fill(&mut bytes).unwrap();
            u64::from_le_bytes(bytes)
        });
        println!("TIDEGATE_SEED={seed}");
        Dice(seed)
    }

    fn below(&mut self, n: u64) -> u64 {
        // Knuth's MMIX.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % n
    }
}

/// A crash while a write is under way: the last segment ends in any beginning of what was to be written.
fn tear(usage: &Usage, dice: &mut Dice) {
    // Only a segment of this life is written to, so that no other can be torn.
    let last = Segment::all(&usage.folder).unwrap().pop();
    let Some(segment) = last.filter(|last| !usage.log.lock().is_closed(last)) else {
        return;
    };
    let path = segment.path(&usage.folder);
    let whole = fs::read(&path).unwrap();
    let piece = &whole[..dice.below(whole.len() as u64) as usize];
    OpenOptions::new()
        .append(true)
        .open(path)
        .unwrap()
        .write_all(piece)
        .unwrap();
}

// fault 78, fault 81, fault 05. A thousand crashes of one life: within a write, between write and shipping, before the
// ledger's word came back, between retiring and deleting. What the disk had is in the ledger once, and nothing else.
#[tokio::test]
async fn killed_at_a_thousand_points_the_ledger_is_what_was_written_and_never_more_than_was_used() {
    let dir = tempfile::tempdir().unwrap();
    let mut dice = Dice::seeded();
    let (mut used, mut written) = (0, 0);
    let mut usage = open(&dir).await;
    for crash in 0..1_000 {
        let mut in_memory = 0;
        for _ in 0..dice.below(6) {
            let n = 1 + dice.below(3);
            uses(&usage, ["acme", "zoo"][dice.below(2) as usize], n);
            used += n;
            in_memory += n;
            match dice.below(8) {
                0..4 => {
                    usage.write_now();
                    written += std::mem::take(&mut in_memory);
                }
                4 => usage.ship().await,
                // Shipped, and nobody was told.
                5 => {
                    let mut nobody = Shipping::default();
                    usage.ship_all(&mut nobody).await.unwrap();
                }
                // Read again into the second book, and not deleted.
                6 => {
                    usage.ship().await;
                    let first = Segment::all(&usage.folder).unwrap().into_iter().next();
                    if let Some(first) = first.filter(|first| usage.log.lock().is_closed(first)) {
                        let to = first.bytes(&usage.folder).unwrap();
                        let (batches, _) = usage.read(&first, 0, to).await.unwrap();
                        usage.ledger.enter(Book::Retired, &batches).await.unwrap();
                    }
                }
                _ => {}
            }
        }
        if dice.below(3) == 0 {
            tear(&usage, &mut dice);
        }
        // The ledger's file is opened again now and then only: each opening waits for the disk.
        if crash % 10 == 9 {
            drop(usage);
            usage = open(&dir).await;
        } else {
            usage = reborn(usage).await;
        }
    }
    usage.settle().await;
    let found = november(&usage).await;
    // Of a piece that was torn the beginning may be a whole batch again, which counts once.
    assert_eq!(found, written, "of {used} used");
    assert!(written < used, "something was lost: the crashes were crashes");
    let audit = usage.audit().await.unwrap();
    assert!(audit.ok && audit.differences.is_empty(), "{audit:?}");
    assert!(
        usage.state().log_bytes < 6_000 + 2 * BOUNDS.segment_bytes_max,
        "{} bytes are kept",
        usage.state().log_bytes
    );
}

/// The next run after a crash, over the same ledger.
async fn reborn(usage: Arc<Usage>) -> Arc<Usage> {
    let Ok(dead) = Arc::try_unwrap(usage) else {
        panic!("somebody holds it")
    };
    let entries = dead.ledger.entries(Book::Shipped).await.unwrap();
    let epoch = entries
        .last_epoch(9)
        .max(Segment::all(&dead.folder).unwrap().last().map(|last| last.epoch));
    let log = Log::open(&dead.folder, 9, epoch.unwrap_or(0) + 1, BOUNDS).unwrap();
    Arc::new(Usage {
        engine: engine_at(LATE_MS),
        log: Mutex::new(log),
        shipping: tokio::sync::Mutex::default(),
        state: Mutex::default(),
        ..dead
    })
}

// fault 01, fault 02, fault 79
#[tokio::test]
async fn clock_steps_and_restarts_over_the_edge_of_a_month_move_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let usage = open(&dir).await;
    uses(&usage, "acme", 1);
    usage.engine.clock.advance(Duration::from_secs(120));
    uses(&usage, "acme", 2);
    usage.settle().await;
    usage.engine.clock.step_wall(-3_600_000);
    uses(&usage, "acme", 4);
    usage.end().await;
    drop(usage);
    // A run that begins earlier than the last one did has a number of its own all the same.
    let usage = open_at(&dir, LATE_MS - 86_400_000, OnFailure::CountOn, 6_000).await;
    uses(&usage, "acme", 8);
    usage.settle().await;
    assert_eq!(ledger_of(&usage, "2026-11").await, [("acme".to_owned(), 13)]);
    assert_eq!(ledger_of(&usage, "2026-12").await, [("acme".to_owned(), 2)]);
    let mut days = Vec::new();
    for month in ["2026-11", "2026-12"] {
        let used = usage
            .ledger()
            .days(month.parse().unwrap(), &DaysOf::Everybody)
            .await
            .unwrap();
        days.extend(used.iter().map(|(day, sums)| (day.to_string(), sums.transactions)));
    }
    let said = [("2026-11-29", 8), ("2026-11-30", 5), ("2026-12-01", 2)];
    assert_eq!(days, said.map(|(day, count)| (day.to_owned(), count)));
    assert!(usage.audit().await.unwrap().ok);
}

// fault 81
#[tokio::test]
async fn full_disk_counts_on_or_refuses_as_configured_loudly_and_loses_nothing() {
    for on_failure in [OnFailure::CountOn, OnFailure::Refuse] {
        let dir = tempfile::tempdir().unwrap();
        let usage = open_at(&dir, LATE_MS, on_failure, 6_000).await;
        // The first segment of this run would be here: the kernel's own device that is always full.
        fs::create_dir_all(&usage.folder).unwrap();
        let next = Segment {
            epoch: LATE_MS as u64,
            number: 1,
        };
        symlink("/dev/full", next.path(&usage.folder)).unwrap();
        for failures in 1..=3 {
            uses(&usage, "acme", 1);
            usage.write_now();
            let state = usage.state();
            assert_eq!(state.write_failures, failures);
            assert!(state.write_error.is_some());
            assert_eq!(usage.engine.usage.is_refusing(), on_failure == OnFailure::Refuse);
        }
        fs::remove_file(next.path(&usage.folder)).unwrap();
        usage.settle().await;
        assert!(!usage.engine.usage.is_refusing());
        assert_eq!((usage.state().write_failures, november(&usage).await), (0, 3));
    }
}

// fault 81. Somebody holds the ledger: the log grows to its bound, and then what is configured happens.
#[tokio::test]
async fn log_that_nobody_empties_grows_to_its_bound_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let bounds = LogBounds {
        segment_bytes_max: 500,
        log_bytes_max: 2_000,
    };
    let folder = dir.path().join("usage");
    let usage = Usage::open_bounded(&folder, engine_at(LATE_MS), 9, OnFailure::Refuse, bounds, 600).await;
    let usage = Arc::new(usage.unwrap());
    let mut used = 0;
    while usage.state().write_failures == 0 {
        uses(&usage, "acme", 1);
        used += 1;
        usage.write_now();
    }
    assert!(usage.state().write_error.unwrap().contains("the log of usage is full"));
    assert!(usage.engine.usage.is_refusing() && usage.state().log_bytes < 2_500);
    usage.settle().await;
    assert!(usage.state().log_bytes <= 600 + 500, "{}", usage.state().log_bytes);
    usage.settle().await;
    assert_eq!(november(&usage).await, used);
    assert!(!usage.engine.usage.is_refusing() && usage.audit().await.unwrap().ok);
}

// fault 81
#[tokio::test]
async fn damaged_log_is_told_and_what_can_be_read_of_it_counts() {
    let dir = tempfile::tempdir().unwrap();
    let usage = open(&dir).await;
    for _ in 0..5 {
        uses(&usage, "acme", 1);
        usage.write_now();
    }
    let path = Segment::all(&usage.folder).unwrap()[0].path(&usage.folder);
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 0xff;
    fs::write(&path, bytes).unwrap();
    usage.ship().await;
    assert_eq!(november(&usage).await, 4);
    assert!(usage.state().damaged_bytes > 0);
    let audit = usage.audit().await.unwrap();
    assert!(
        !audit.ok && audit.missing == 1 && audit.damaged_bytes > 0 && audit.differences.is_empty(),
        "{audit:?}"
    );
}

#[tokio::test]
async fn ledger_that_somebody_changed_is_told_from_the_log_also_of_segments_that_are_gone() {
    let dir = tempfile::tempdir().unwrap();
    let usage = open_at(&dir, LATE_MS, OnFailure::CountOn, 500).await;
    for _ in 0..60 {
        uses(&usage, "acme", 1);
        usage.settle().await;
    }
    let audit = usage.audit().await.unwrap();
    assert!(audit.ok && audit.batches < 60, "some segments are gone: {audit:?}");
    // One more in the ledger's first book, as by hand.
    let id = tidegate_core::usage::BatchId {
        node: 1,
        epoch: 1,
        seq: 1,
    };
    let when = When::Day(Day::of(LATE_MS));
    let payer = Payer {
        tenant: Some("acme".into()),
        ..Payer::default()
    };
    let sums = Sums {
        transactions: 1,
        ..Sums::default()
    };
    let entries = vec![tidegate_core::usage::Entry { payer, when, sums }];
    let batch = tidegate_core::usage::Batch { id, entries };
    usage.ledger.enter(Book::Shipped, &[batch]).await.unwrap();
    let audit = usage.audit().await.unwrap();
    let [difference] = &audit.differences[..] else {
        panic!("{audit:?}")
    };
    assert_eq!(
        (difference.ledger, difference.log, difference.sum.as_str()),
        (61, 60, "transactions")
    );
    assert!(!audit.ok);
}

#[tokio::test]
async fn end_waits_for_what_is_open_and_then_everything_is_in_the_ledger() {
    let dir = tempfile::tempdir().unwrap();
    let usage = open(&dir).await;
    let open_one = usage.engine.usage.begin();
    let ending = tokio::spawn({
        let usage = usage.clone();
        async move { usage.end().await }
    });
    tokio::task::yield_now().await;
    assert!(!ending.is_finished());
    uses(&usage, "acme", 1);
    drop(open_one);
    ending.await.unwrap();
    drop(usage);
    assert_eq!(november(open(&dir).await.as_ref()).await, 1);
}
