use super::*;

const NOW_MS: i64 = 1_800_000_000_000;

#[test]
fn a_minutes_worth_passes_at_once_and_the_next_after_exactly_its_wait() {
    for per_minute in [1, 7, 300, 60_000] {
        let mut pace = Pace::new(per_minute);
        for _ in 0..per_minute {
            assert_eq!(pace.take(NOW_MS), Ok(()), "{per_minute} a minute");
        }
        let wait_ms = pace.take(NOW_MS).unwrap_err();
        assert!(
            wait_ms > 0 && wait_ms <= 60_000 / i64::from(per_minute) + 1,
            "{wait_ms}"
        );
        assert!(pace.take(NOW_MS + wait_ms - 1).is_err());
        assert_eq!(pace.take(NOW_MS + wait_ms), Ok(()));
    }
}

#[test]
fn a_refusal_takes_nothing() {
    let mut pace = Pace::new(2);
    pace.take(NOW_MS).unwrap();
    pace.take(NOW_MS).unwrap();
    for _ in 0..50 {
        assert_eq!(pace.take(NOW_MS), Err(30_000));
    }
    assert_eq!(pace.take(NOW_MS + 30_000), Ok(()));
}

#[test]
fn a_clock_set_back_holds_nobody_for_more_than_a_minute() {
    let mut pace = Pace::new(2);
    pace.take(NOW_MS).unwrap();
    pace.take(NOW_MS).unwrap();
    let back_ms = NOW_MS - 86_400_000;
    assert_eq!(pace.take(back_ms), Err(30_000));
    assert_eq!(pace.take(back_ms + 30_000), Ok(()));
}
