use tempfile::TempDir;
use tidegate_core::usage::{Batch, BatchId, Entry, When};

use super::*;
use crate::ledger::{Book, STEPS, UsageQuery};

/// 2026-11-01T12:00:00Z.
const NOON_MS: i64 = 1_793_534_400_000;

fn day(later: i64) -> Day {
    Day::of(NOON_MS + later * 86_400_000)
}

fn entry(when: When, tenant: &str, user: &str, transactions: u64) -> Entry {
    let name = |name: &str| (!name.is_empty()).then(|| name.into());
    Entry {
        payer: Payer {
            tenant: name(tenant),
            user: name(user),
            route: Some("feed".into()),
        },
        when,
        sums: Sums {
            transactions,
            ..Sums::default()
        },
    }
}

fn batch(seq: u64, entries: Vec<Entry>) -> Batch {
    let id = BatchId { node: 1, epoch: 5, seq };
    Batch { id, entries }
}

async fn ledger(payers_per_day_max: u32) -> (TempDir, Ledger) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.db");
    (
        dir,
        Ledger::open_bounded(&path, 1_000, payers_per_day_max).await.unwrap(),
    )
}

fn user(tenant: &str, user: &str) -> DaysOf {
    DaysOf::User {
        tenant: tenant.into(),
        user: user.into(),
    }
}

async fn days(ledger: &Ledger, of: &DaysOf) -> Vec<(Day, u64)> {
    let days = ledger.days(day(0).month(), of).await.unwrap();
    days.into_iter().map(|(day, sums)| (day, sums.transactions)).collect()
}

// fault 79
#[tokio::test]
async fn a_batch_that_comes_twice_is_once_in_its_days_of_whom_it_is() {
    let (_dir, ledger) = ledger(1_000).await;
    let one = batch(
        1,
        vec![
            entry(When::Day(day(0)), "acme", "ann", 1),
            entry(When::Day(day(2)), "acme", "ann", 2),
            entry(When::Day(day(2)), "acme", "bob", 4),
            entry(When::Day(day(2)), "zoo", "zed", 8),
            entry(When::Day(day(2)), "", "", 16),
            // The first of the next month.
            entry(When::Day(day(30)), "acme", "ann", 32),
        ],
    );
    for _ in 0..2 {
        ledger.enter(Book::Shipped, std::slice::from_ref(&one)).await.unwrap();
    }
    assert_eq!(
        days(&ledger, &DaysOf::Everybody).await,
        [(day(0), 1), (day(2), 2 + 4 + 8 + 16)]
    );
    assert_eq!(
        days(&ledger, &DaysOf::Tenant("acme".into())).await,
        [(day(0), 1), (day(2), 6)]
    );
    assert_eq!(days(&ledger, &user("acme", "ann")).await, [(day(0), 1), (day(2), 2)]);
    assert_eq!(days(&ledger, &user("zoo", "ann")).await, []);
    let (month, _) = ledger.usage(day(0).month(), &UsageQuery::default()).await.unwrap();
    let in_months: u64 = month.iter().map(|row| row.sums.transactions).sum();
    assert_eq!(in_months, 31, "days are what their month is");
}

#[tokio::test]
async fn the_second_book_and_records_without_a_day_are_in_no_day() {
    let (_dir, ledger) = ledger(1_000).await;
    let by_month = batch(1, vec![entry(When::Month(day(0).month()), "acme", "ann", 1)]);
    ledger.enter(Book::Shipped, &[by_month]).await.unwrap();
    let retired = batch(2, vec![entry(When::Day(day(0)), "acme", "ann", 1)]);
    ledger.enter(Book::Retired, &[retired]).await.unwrap();
    assert_eq!(days(&ledger, &DaysOf::Everybody).await, []);
    let (month, _) = ledger.usage(day(0).month(), &UsageQuery::default()).await.unwrap();
    assert_eq!(month[0].sums.transactions, 1);
}

// fault 60
#[tokio::test]
async fn past_the_bound_of_days_the_oldest_go_and_a_clock_that_was_wrong_takes_one_day() {
    let (_dir, ledger) = ledger(1_000).await;
    let far = 400_000;
    let enter = async |seq: u64, later: i64| {
        let entries = vec![entry(When::Day(day(later)), "acme", "ann", 1)];
        ledger.enter(Book::Shipped, &[batch(seq, entries)]).await.unwrap();
    };
    enter(1, far).await;
    for later in 0..i64::from(DAYS_KEPT_MAX) + 8 {
        enter(2 + later.unsigned_abs(), later).await;
    }
    let kept: Vec<u32> = sqlx::query_scalar("SELECT day FROM days ORDER BY day")
        .fetch_all(ledger.database.readers())
        .await
        .unwrap();
    let first = day(9).number();
    let expected: Vec<u32> = (first..first + DAYS_KEPT_MAX - 1).chain([day(far).number()]).collect();
    assert_eq!(kept, expected);
    let rows: i64 = sqlx::query_scalar("SELECT COUNT(DISTINCT day) FROM day_usage")
        .fetch_one(ledger.database.readers())
        .await
        .unwrap();
    assert_eq!(rows, i64::from(DAYS_KEPT_MAX));
    // One that comes later than its day is kept is in its month alone.
    enter(500, 0).await;
    assert_eq!(days(&ledger, &DaysOf::Everybody).await.first(), Some(&(day(9), 1)));
}

// fault 60
#[tokio::test]
async fn past_the_bound_of_a_day_sums_stay_whole_and_payers_are_told_apart_less() {
    let (_dir, ledger) = ledger(10).await;
    for tenant in 0..40_u64 {
        let entries = (0..40).map(|user| {
            let (tenant, user) = (format!("tenant {tenant}"), format!("user {user}"));
            entry(When::Day(day(0)), &tenant, &user, 1)
        });
        let entries = batch(tenant + 1, entries.collect());
        ledger.enter(Book::Shipped, &[entries]).await.unwrap();
    }
    assert_eq!(days(&ledger, &DaysOf::Everybody).await, [(day(0), 1_600)]);
    assert_eq!(days(&ledger, &DaysOf::Tenant("tenant 0".into())).await, [(day(0), 40)]);
    assert_eq!(days(&ledger, &user("tenant 0", "user 0")).await, [(day(0), 1)]);
    let rows: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM day_usage")
        .fetch_one(ledger.database.readers())
        .await
        .unwrap();
    let noted: i64 = sqlx::query_scalar("SELECT payers FROM days")
        .fetch_one(ledger.database.readers())
        .await
        .unwrap();
    assert!(rows <= 2 * 10 + 1 && rows == noted, "{rows} rows, {noted} noted");
}

#[tokio::test]
async fn a_ledger_of_the_version_before_opens_with_what_it_has() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ledger.db");
    let before = crate::database::Database::open(&path, &STEPS[..1]).await.unwrap();
    let text = "INSERT INTO usage VALUES (1, 24322, 'acme', 'ann', 'feed', 7, 0, 0, 0, 0, 0, 0, 0, 0)";
    sqlx::raw_sql(text).execute(before.writer()).await.unwrap();
    before.close().await;
    let ledger = Ledger::open(&path).await.unwrap();
    let (month, _) = ledger.usage(day(0).month(), &UsageQuery::default()).await.unwrap();
    assert_eq!(month[0].sums.transactions, 7);
    assert_eq!(days(&ledger, &DaysOf::Everybody).await, []);
}
