use std::collections::BTreeMap;

use proptest::prelude::*;
use sqlx::ConnectOptions;
use tempfile::TempDir;
use tidegate_core::usage::{Batch, Entry, Month, When};

use super::*;

/// 2026-11-30T23:59:59.999Z.
const LAST_OF_NOVEMBER_MS: i64 = 1_796_083_199_999;

fn november() -> Month {
    Month::of(LAST_OF_NOVEMBER_MS)
}

fn december() -> Month {
    Month::of(LAST_OF_NOVEMBER_MS + 1)
}

fn entry(month: Month, tenant: &str, user: &str, route: &str, transactions: u64) -> Entry {
    let name = |name: &str| (!name.is_empty()).then(|| name.into());
    Entry {
        payer: Payer {
            tenant: name(tenant),
            user: name(user),
            route: name(route),
        },
        // The last day of the month.
        when: When::Day(month.days().last().unwrap()),
        sums: Sums {
            transactions,
            bytes_out: 10 * transactions,
            ..Sums::default()
        },
    }
}

fn batch(seq: u64, entries: Vec<Entry>) -> Batch {
    let id = BatchId {
        node: u64::MAX,
        epoch: 5,
        seq,
    };
    Batch { id, entries }
}

async fn ledger(payers_max: u32) -> (TempDir, Ledger) {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open_bounded(&dir.path().join("ledger.db"), payers_max, payers_max)
        .await
        .unwrap();
    (dir, ledger)
}

async fn rows(ledger: &Ledger, month: Month, by: UsageBy) -> Vec<(Vec<String>, u64)> {
    let query = UsageQuery {
        by,
        ..UsageQuery::default()
    };
    let (rows, _) = ledger.usage(month, &query).await.unwrap();
    let names = |payer: &Payer| {
        let names = [&payer.tenant, &payer.user, &payer.route].map(|name| name.as_deref().unwrap_or("-").to_owned());
        names.to_vec()
    };
    rows.iter()
        .map(|row| (names(&row.payer), row.sums.transactions))
        .collect()
}

// fault 79
#[tokio::test]
async fn batch_delivered_twice_out_of_order_or_over_the_edge_of_a_month_is_counted_once_in_its_own() {
    let (_dir, ledger) = ledger(1_000).await;
    let batches = [
        batch(
            1,
            vec![
                entry(november(), "acme", "ann", "feed", 1),
                entry(december(), "acme", "ann", "feed", 2),
            ],
        ),
        batch(2, vec![entry(december(), "acme", "bob", "feed", 4)]),
        batch(3, vec![entry(november(), "acme", "ann", "feed", 8)]),
    ];
    for order in [&[2, 0][..], &[0, 1], &[1, 1, 2], &[0, 1, 2]] {
        let delivered: Vec<Batch> = order.iter().map(|at| batches[*at].clone()).collect();
        ledger.enter(Book::Shipped, &delivered).await.unwrap();
    }
    let again = ledger.enter(Book::Shipped, &batches).await.unwrap();
    assert_eq!(again, Entered { new: 0, again: 3 });
    let ann = vec!["acme".to_owned(), "ann".to_owned(), "-".to_owned()];
    let bob = vec!["acme".to_owned(), "bob".to_owned(), "-".to_owned()];
    assert_eq!(rows(&ledger, november(), UsageBy::User).await, [(ann.clone(), 9)]);
    assert_eq!(rows(&ledger, december(), UsageBy::User).await, [(ann, 2), (bob, 4)]);
    assert!(ledger.entries(Book::Shipped).await.unwrap().contains(batches[1].id));
    assert!(!ledger.entries(Book::Retired).await.unwrap().contains(batches[1].id));
}

#[tokio::test]
async fn rows_are_summed_by_tenant_user_or_route_and_filtered() {
    let (_dir, ledger) = ledger(1_000).await;
    let entries = vec![
        entry(november(), "acme", "ann", "feed", 1),
        entry(november(), "acme", "ann", "other", 2),
        entry(november(), "acme", "bob", "feed", 4),
        entry(november(), "", "", "feed", 8),
        entry(november(), "zoo", "zed", "", 16),
    ];
    ledger.enter(Book::Shipped, &[batch(1, entries)]).await.unwrap();
    let row = |names: [&str; 3], n| (names.map(str::to_owned).to_vec(), n);
    let tenants = rows(&ledger, november(), UsageBy::Tenant).await;
    assert_eq!(
        tenants,
        [
            row(["-", "-", "-"], 8),
            row(["acme", "-", "-"], 7),
            row(["zoo", "-", "-"], 16)
        ]
    );
    let routes = rows(&ledger, november(), UsageBy::Route).await;
    assert_eq!(
        routes[1..3],
        [row(["acme", "-", "feed"], 5), row(["acme", "-", "other"], 2)]
    );
    let query = UsageQuery {
        tenant: Some("acme".into()),
        user: Some("ann".into()),
        by: UsageBy::Tenant,
    };
    let (found, has_more) = ledger.usage(november(), &query).await.unwrap();
    assert_eq!(
        (
            found.len(),
            found[0].sums.transactions,
            found[0].sums.bytes_out,
            has_more
        ),
        (1, 3, 30, false)
    );
}

#[tokio::test]
async fn past_the_bound_of_a_month_sums_stay_whole_and_payers_are_told_apart_less() {
    let (_dir, ledger) = ledger(10).await;
    let entries = |tenant: usize| {
        let users = (0..40).map(move |user| {
            entry(
                november(),
                &format!("tenant {tenant}"),
                &format!("user {user}"),
                "feed",
                1,
            )
        });
        users.collect::<Vec<_>>()
    };
    for tenant in 0..40 {
        ledger
            .enter(Book::Shipped, &[batch(tenant as u64 + 1, entries(tenant))])
            .await
            .unwrap();
    }
    let users = rows(&ledger, november(), UsageBy::User).await;
    assert_eq!(users.iter().map(|(_, n)| n).sum::<u64>(), 1_600);
    assert!(users.len() <= 2 * 10 + 1, "{}", users.len());
    // Another month has room of its own.
    ledger
        .enter(
            Book::Shipped,
            &[batch(99, vec![entry(december(), "tenant 39", "user 1", "feed", 1)])],
        )
        .await
        .unwrap();
    let december = rows(&ledger, december(), UsageBy::User).await;
    assert_eq!(december[0].0[1], "user 1");
}

#[tokio::test]
async fn largest_sums_stay_at_the_end_of_the_type() {
    let (_dir, ledger) = ledger(10).await;
    for seq in 1..=3 {
        ledger
            .enter(
                Book::Shipped,
                &[batch(
                    seq,
                    vec![entry(november(), "acme", "ann", "feed", u64::MAX / 20)],
                )],
            )
            .await
            .unwrap();
    }
    let rows = rows(&ledger, november(), UsageBy::Tenant).await;
    assert_eq!(rows[0].1, 3 * (u64::MAX / 20));
    let totals = ledger.totals(Book::Shipped).await.unwrap();
    assert_eq!(totals[0].2.bytes_out, i64::MAX.unsigned_abs());
}

// fault 80
#[tokio::test]
async fn ledger_reports_synchronous_full() {
    let (dir, ledger) = ledger(10).await;
    for pool in [ledger.database.readers(), ledger.database.writer()] {
        let synchronous: i64 = sqlx::query_scalar("PRAGMA synchronous").fetch_one(pool).await.unwrap();
        assert_eq!(synchronous, 2);
    }
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(dir.path().join("ledger.db")).unwrap().permissions(),
    );
    assert_eq!(mode & 0o777, 0o600);
}

// fault 81. Somebody else holds the file: nothing is entered, and the same call succeeds later.
#[tokio::test]
async fn locked_ledger_enters_nothing_and_the_same_batches_once_later() {
    let (dir, ledger) = ledger(10).await;
    let batches = [batch(1, vec![entry(november(), "acme", "ann", "feed", 1)])];
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(dir.path().join("ledger.db"));
    let mut other = options.connect().await.unwrap();
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let error = ledger.enter(Book::Shipped, &batches).await.unwrap_err();
    assert!(matches!(error, AccountsError::Database(_)), "{error}");
    sqlx::raw_sql("ROLLBACK").execute(&mut other).await.unwrap();
    for new in [1, 0] {
        assert_eq!(ledger.enter(Book::Shipped, &batches).await.unwrap().new, new);
    }
    assert_eq!(rows(&ledger, november(), UsageBy::Tenant).await[0].1, 1);
}

#[tokio::test]
async fn too_many_gaps_in_a_run_are_refused_whole() {
    let (_dir, ledger) = ledger(10).await;
    let gap = |n: u32| batch(2 * u64::from(n), vec![entry(november(), "acme", "ann", "feed", 1)]);
    let fits: Vec<Batch> = (1..=bounds::ENTERED_RANGES_MAX).map(gap).collect();
    ledger.enter(Book::Shipped, &fits).await.unwrap();
    let error = ledger
        .enter(Book::Shipped, &[gap(bounds::ENTERED_RANGES_MAX + 1)])
        .await
        .unwrap_err();
    assert!(matches!(error, AccountsError::TooMany { .. }), "{error}");
    assert_eq!(
        rows(&ledger, november(), UsageBy::Tenant).await[0].1,
        u64::from(bounds::ENTERED_RANGES_MAX)
    );
}

proptest! {
    // Each case opens a file.
    #![proptest_config(ProptestConfig::with_cases(24))]
    // fault 79
    #[test]
    fn whatever_is_delivered_how_often_the_ledger_is_the_sum_of_what_is_different(
        deliveries in prop::collection::vec(prop::collection::vec(1_u64..12, 1..6), 1..12),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (_dir, ledger) = ledger(1_000).await;
            let mut truth: BTreeMap<u64, u64> = BTreeMap::new();
            for delivery in &deliveries {
                let batches: Vec<Batch> = delivery
                    .iter()
                    .map(|seq| batch(*seq, vec![entry(november(), &format!("t{}", seq % 3), "ann", "feed", 1 << seq)]))
                    .collect();
                ledger.enter(Book::Shipped, &batches).await.unwrap();
                truth.extend(delivery.iter().map(|seq| (*seq, 1 << seq)));
            }
            let found: u64 = rows(&ledger, november(), UsageBy::Tenant).await.iter().map(|(_, n)| n).sum();
            assert_eq!(found, truth.values().sum::<u64>());
        });
    }
}

#[tokio::test]
async fn months_of_a_user_are_theirs_alone_each_in_one_row() {
    let (_dir, ledger) = ledger(1_000).await;
    let batch = batch(
        1,
        vec![
            entry(november(), "acme", "ann", "feed", 1),
            entry(november(), "acme", "ann", "rest", 2),
            entry(december(), "acme", "ann", "feed", 4),
            entry(december(), "acme", "bob", "feed", 8),
            entry(december(), "other", "ann", "feed", 16),
        ],
    );
    ledger.enter(Book::Shipped, &[batch]).await.unwrap();
    let january = Month::numbered(december().number() + 1).unwrap();
    let of = async |months: &[Month]| -> Vec<(Month, u64)> {
        let found = ledger.months_of("acme", "ann", months).await.unwrap();
        found
            .into_iter()
            .map(|(month, sums)| (month, sums.transactions))
            .collect()
    };
    assert_eq!(
        of(&[january, december(), november()]).await,
        [(november(), 3), (december(), 4)]
    );
    assert_eq!(of(&[january]).await, []);
    assert_eq!(of(&[]).await, []);
}
