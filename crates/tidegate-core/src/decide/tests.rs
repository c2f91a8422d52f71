use proptest::prelude::*;

use super::*;

const NOW: Now = Now {
    mono_ns: 1_000_000_000_000,
    wall_ms: 1_700_000_000_000,
};

fn rate(quota: u32) -> Quantity {
    Quantity::Rate {
        quota,
        burst: quota,
        window: Duration::from_secs(60),
    }
}

fn take(cell: u128, quota: u32, cost: u32) -> Take {
    Take {
        cell: CellId(cell),
        tag: Tag {
            limit: cell as u64,
            user: None,
        },
        quantity: rate(quota),
        cost,
        shadow: false,
        subkey: None,
    }
}

fn shadow(cell: u128, quota: u32, cost: u32) -> Take {
    Take {
        shadow: true,
        ..take(cell, quota, cost)
    }
}

/// Decides over fresh cells with so many units used in each, and says what is used afterwards.
fn check(takes: &[Take], used: &[u32], admitted: bool, fits: &[Fit], used_after: &[u64]) -> Verdict {
    let mut cells: Vec<Cell> = used.iter().map(|_| Cell::new(rate(1), NOW)).collect();
    let cell_of: Vec<usize> = takes.iter().map(|take| take.cell.0 as usize).collect();
    for (take, &cell) in takes.iter().zip(&cell_of) {
        cells[cell] = Cell::new(take.quantity, NOW);
        cells[cell].take(used[cell]);
    }
    let verdict = decide(takes, &cell_of, &mut cells, NOW);
    assert_eq!(verdict.admitted, admitted);
    assert_eq!(
        verdict.outcomes.iter().map(|outcome| outcome.fit).collect::<Vec<_>>(),
        fits
    );
    let after: Vec<u64> = cells
        .iter()
        .map(|cell| cell.standing(rate(u32::MAX), NOW).used)
        .collect();
    assert_eq!(after, used_after);
    verdict
}

fn secs(secs: u64) -> Fit {
    Fit::After(Duration::from_secs(secs))
}

#[test]
fn admitted_request_takes_from_every_limit() {
    check(
        &[take(0, 60, 1), take(1, 60, 5)],
        &[0, 3],
        true,
        &[Fit::Now, Fit::Now],
        &[1, 8],
    );
}

#[test]
fn rejected_request_takes_from_no_limit() {
    check(
        &[take(0, 60, 1), take(1, 60, 1), take(2, 60, 1)],
        &[0, 60, 7],
        false,
        &[Fit::Now, secs(1), Fit::Now],
        &[0, 60, 7],
    );
}

#[test]
fn retry_after_is_the_largest_of_those_that_refuse() {
    let takes = [take(0, 60, 1), take(1, 60, 30), take(2, 60, 1)];
    let verdict = check(
        &takes,
        &[60, 60, 0],
        false,
        &[secs(1), secs(30), Fit::Now],
        &[60, 60, 0],
    );
    assert_eq!(verdict.retry_after(&takes), Some(Duration::from_secs(30)));
}

#[test]
fn cost_that_never_fits_has_no_retry_after_beside_any_wait() {
    let takes = [take(0, 60, 1), take(1, 60, 61)];
    let verdict = check(&takes, &[60, 0], false, &[secs(1), Fit::Never], &[60, 0]);
    assert_eq!(verdict.retry_after(&takes), None);
}

#[test]
fn shadow_take_never_refuses_and_takes_nothing_where_it_does_not_fit() {
    let takes = [shadow(0, 60, 1), shadow(1, 60, 61), take(2, 60, 1)];
    let verdict = check(&takes, &[60, 0, 0], true, &[secs(1), Fit::Never, Fit::Now], &[60, 0, 1]);
    assert_eq!(verdict.retry_after(&takes), Some(Duration::ZERO));
}

#[test]
fn shadow_take_that_fits_takes_only_with_an_admitted_request() {
    check(
        &[shadow(0, 60, 5), take(1, 60, 1)],
        &[0, 0],
        true,
        &[Fit::Now, Fit::Now],
        &[5, 1],
    );
    check(
        &[shadow(0, 60, 5), take(1, 60, 1)],
        &[0, 60],
        false,
        &[Fit::Now, secs(1)],
        &[0, 60],
    );
}

#[test]
fn one_cell_twice_in_a_request_counts_twice() {
    check(
        &[take(0, 60, 2), take(0, 60, 3)],
        &[0],
        true,
        &[Fit::Now, Fit::Now],
        &[5],
    );
    check(
        &[take(0, 60, 2), take(0, 60, 3)],
        &[56],
        false,
        &[Fit::Now, secs(1)],
        &[56],
    );
    // Together they are more than the burst: no wait would ever help.
    check(
        &[take(0, 60, 40), take(0, 60, 40)],
        &[0],
        false,
        &[Fit::Now, Fit::Never],
        &[0],
    );
}

#[test]
fn shadow_take_that_does_not_fit_stands_in_nobodys_way() {
    check(
        &[shadow(0, 60, 50), take(0, 60, 1)],
        &[20],
        true,
        &[secs(11), Fit::Now],
        &[21],
    );
    check(
        &[shadow(0, 60, 40), take(0, 60, 40)],
        &[0],
        true,
        &[Fit::Never, Fit::Now],
        &[40],
    );
}

#[test]
fn request_without_limits_is_admitted() {
    let verdict = decide(&[], &[], &mut [], NOW);
    assert!(verdict.admitted);
    assert_eq!(verdict.retry_after(&[]), Some(Duration::ZERO));
}

/// The promise, written down without the code's way: cells as plain sums, and a search over what could be taken.
fn model(takes: &[Take], used: &[u64]) -> (bool, Vec<u64>) {
    let mut after = used.to_vec();
    let mut admitted = true;
    // Enforced takes come first, then takes in shadow where they still fit.
    for take in takes.iter().filter(|take| !take.shadow) {
        after[take.cell.0 as usize] += u64::from(take.cost);
        // Later takes of the request are on top of it, so that waits are for the request as a whole.
        admitted &= after[take.cell.0 as usize] <= u64::from(take.quantity.burst());
    }
    for take in takes.iter().filter(|take| take.shadow) {
        let sum = after[take.cell.0 as usize] + u64::from(take.cost);
        if sum <= u64::from(take.quantity.burst()) {
            after[take.cell.0 as usize] = sum;
        }
    }
    if admitted {
        (true, after)
    } else {
        (false, used.to_vec())
    }
}

proptest! {
    #[test]
    fn all_move_or_none_does(
        used in prop::collection::vec(0..=20_u32, 4),
        asked in prop::collection::vec((0..4_u128, 0..25_u32, prop::bool::weighted(0.3)), 0..8),
    ) {
        let takes: Vec<Take> = asked.into_iter().map(|(cell, cost, shadow)| Take { shadow, ..take(cell, 20, cost) }).collect();
        let cell_of: Vec<usize> = takes.iter().map(|take| take.cell.0 as usize).collect();
        let mut cells: Vec<Cell> = used.iter().map(|used| { let mut cell = Cell::new(rate(20), NOW); cell.take(*used); cell }).collect();
        let verdict = decide(&takes, &cell_of, &mut cells, NOW);
        let (admitted, after) = model(&takes, &used.iter().map(|used| u64::from(*used)).collect::<Vec<_>>());
        prop_assert_eq!(verdict.admitted, admitted);
        prop_assert_eq!(cells.iter().map(|cell| cell.standing(rate(20), NOW).used).collect::<Vec<_>>(), after);
        prop_assert_eq!(verdict.outcomes.len(), takes.len());
        if let (false, Some(wait)) = (admitted, verdict.retry_after(&takes)) {
            let then = Now { mono_ns: NOW.mono_ns + wait.as_nanos() as u64, ..NOW };
            let early = Now { mono_ns: then.mono_ns - 1, ..NOW };
            prop_assert!(!decide(&takes, &cell_of, &mut cells.clone(), early).admitted);
            prop_assert!(decide(&takes, &cell_of, &mut cells, then).admitted);
        }
    }
}
