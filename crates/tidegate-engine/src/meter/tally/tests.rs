use std::thread;

use super::*;

fn payer(tenant: usize, user: usize) -> Payer {
    Payer {
        tenant: Some(format!("tenant {tenant}").into()),
        user: Some(format!("user {user}").into()),
        route: Some("feed".into()),
    }
}

fn one() -> Sums {
    Sums {
        transactions: 1,
        bytes_out: 10,
        ..Sums::default()
    }
}

fn total(entries: &[Entry]) -> Sums {
    let mut total = Sums::default();
    entries.iter().for_each(|entry| total.add(&entry.sums));
    total
}

#[test]
fn what_is_taken_is_what_was_added_and_taken_once() {
    let tally = Tally::new();
    let day = Day::of(1_795_348_800_000);
    for n in 0..1_000 {
        tally.add(payer(n % 3, n % 7), day, &one());
    }
    let entries = tally.take();
    assert_eq!(
        (entries.len(), total(&entries).transactions, total(&entries).bytes_out),
        (21, 1_000, 10_000)
    );
    assert!(tally.is_empty() && tally.take().is_empty());
}

// fault 60. The bound, at it and past it: nothing is lost, and less is told apart.
#[test]
fn past_the_bound_sums_stay_whole_and_payers_are_told_apart_less() {
    let tally = Tally::bounded(16 * 4);
    let day = Day::of(1_795_348_800_000);
    for n in 0..10_000 {
        tally.add(payer(n, n), day, &one());
    }
    let held = tally.shards.iter().map(|shard| shard.lock().len()).max().unwrap();
    assert!(held <= 2 * 4 + 1, "{held} in one map");
    let entries = tally.take();
    assert_eq!(total(&entries).transactions, 10_000);
    let nobody = entries.iter().filter(|entry| entry.payer == Payer::default());
    assert!(nobody.map(|entry| entry.sums.transactions).sum::<u64>() > 9_000);
    assert!(tally.coarsened() > 10_000);
}

#[test]
fn users_of_one_tenant_past_the_bound_stay_the_tenants() {
    let tally = Tally::bounded(16 * 4);
    let day = Day::of(1_795_348_800_000);
    for n in 0..10_000 {
        tally.add(payer(1, n), day, &one());
    }
    let entries = tally.take();
    assert_eq!(total(&entries).transactions, 10_000);
    assert!(
        entries
            .iter()
            .all(|entry| entry.payer.tenant.as_deref() == Some("tenant 1"))
    );
}

#[test]
fn nothing_is_lost_between_threads_that_add_and_one_that_takes() {
    let tally = Arc::new(Tally::new());
    let day = Day::of(1_795_348_800_000);
    let adding: Vec<_> = (0..4)
        .map(|thread| {
            let tally = tally.clone();
            thread::spawn(move || {
                for n in 0..20_000 {
                    let open = tally.begin();
                    tally.add(payer(thread, n % 50), day, &one());
                    drop(open);
                }
            })
        })
        .collect();
    let mut taken = 0;
    while tally.begun() < 80_000 || tally.open() > 0 {
        taken += total(&tally.take()).transactions;
    }
    adding.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(taken + total(&tally.take()).transactions, 80_000);
}
