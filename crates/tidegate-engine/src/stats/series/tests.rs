use super::*;

fn at(minute: i64) -> Now {
    Now {
        mono_ns: 0,
        wall_ms: minute * 60_000 + 59_999,
    }
}

fn points(series: &Series, span: Span, now: Now) -> Vec<u64> {
    span.steps(now).map(|minutes| series.sum(minutes)).collect()
}

#[test]
fn an_hour_has_sixty_points_and_the_last_is_the_running_minute() {
    let series = Series::new();
    for minute in 1_000..1_060 {
        series.add(Minute::of(at(minute)));
    }
    series.add(Minute::of(at(1_059)));
    let seen = points(&series, Span::Hour, at(1_059));
    assert_eq!((seen.len(), seen[0], seen[59]), (60, 1, 2));
    assert_eq!(series.sum(Span::Hour.minutes(at(1_059))), 61);
    // A minute later the oldest has left, and nothing came yet.
    let seen = points(&series, Span::Hour, at(1_060));
    assert_eq!((seen[58], seen[59]), (2, 0));
    assert_eq!(series.sum(Span::Hour.minutes(at(1_060))), 60);
}

#[test]
fn a_day_has_ninety_six_quarters_of_which_none_is_cut() {
    let series = Series::new();
    let first = 15 * 2_000;
    for minute in first..first + 1_440 {
        series.add(Minute::of(at(minute)));
    }
    let seen = points(&series, Span::Day, at(first + 1_439));
    assert_eq!(seen, vec![15; 96]);
    assert_eq!(Span::Day.until_ms(at(first + 1_430)), (first + 1_440) * 60_000);
}

#[test]
fn a_slot_is_taken_over_after_a_day_and_nothing_old_is_shown() {
    let series = Series::new();
    series.add(Minute::of(at(5_000)));
    assert_eq!(points(&series, Span::Hour, at(5_000))[59], 1);
    assert_eq!(points(&series, Span::Hour, at(5_000 + MINUTES_MAX as i64))[59], 0);
    series.add(Minute::of(at(5_000 + MINUTES_MAX as i64)));
    assert_eq!(points(&series, Span::Hour, at(5_000 + MINUTES_MAX as i64))[59], 1);
    assert_eq!(points(&series, Span::Hour, at(5_000))[59], 0);
}

#[test]
fn a_level_is_kept_at_its_highest() {
    let series = Series::new();
    for level in [3, 9, 0] {
        series.raise(Minute::of(at(7)), level);
    }
    series.raise(Minute::of(at(8)), 0);
    assert_eq!(series.highest(7..9), 9);
    assert_eq!(series.highest(8..9), 0);
}

#[test]
fn a_number_that_is_full_stays_and_changes_no_minute() {
    let series = Series::new();
    let minute = Minute::of(at(9));
    series.raise(minute, u32::MAX);
    series.add(minute);
    assert_eq!(series.sum(9..10), u64::from(u32::MAX));
}

#[test]
fn threads_that_come_to_a_new_minute_together_lose_none() {
    let series = Series::new();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..50_000).for_each(|n| series.add(Minute::of(at(n / 5_000)))));
        }
    });
    assert_eq!(series.sum(0..10), 200_000);
}
