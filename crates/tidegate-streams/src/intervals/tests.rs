use super::*;
use jiff::{Span, Timestamp, Unit, Zoned};
use proptest::prelude::*;

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

fn cycle(unit: CycleUnit, units: u32, reference: &str, zone_name: &str) -> Cycle {
    Cycle::new(unit, units, reference.parse().unwrap(), zone(zone_name)).unwrap()
}

/// `2026-03-29T00:00[Europe/Berlin]` in unix milliseconds.
fn at(zoned: &str) -> i64 {
    zoned.parse::<Zoned>().unwrap().timestamp().as_millisecond()
}

const HOUR_MS: i64 = 3_600_000;

#[test]
fn a_day_is_not_24_hours_where_clocks_change() {
    let day = cycle(CycleUnit::Day, 1, "2011-04-08T00:00:00", "Europe/Berlin");
    let hours = cycle(CycleUnit::Hour, 24, "2011-04-08T00:00:00", "Europe/Berlin");
    for (date, length_h) in [("2026-03-28", 24), ("2026-03-29", 23), ("2026-10-25", 25)] {
        let noon = at(&format!("{date}T12:00[Europe/Berlin]"));
        let midnight = at(&format!("{date}T00:00[Europe/Berlin]"));
        assert_eq!(day.start_of(noon), midnight, "{date}");
        assert_eq!(day.end_of(noon) - midnight, length_h * HOUR_MS, "{date}");
        assert_eq!(hours.end_of(noon) - hours.start_of(noon), 24 * HOUR_MS, "{date}");
    }
    // The reference is in summer time, so in winter these begin an hour before midnight.
    let winter_noon = at("2026-01-10T12:00[Europe/Berlin]");
    assert_eq!(hours.start_of(winter_noon), at("2026-01-09T23:00[Europe/Berlin]"));
}

#[test]
fn months_are_reckoned_from_the_reference_and_not_from_each_other() {
    let month = cycle(CycleUnit::Month, 1, "2026-01-31T06:00:00", "UTC");
    assert_eq!(month.start_of(at("2026-03-01T00:00[UTC]")), at("2026-02-28T06:00[UTC]"));
    assert_eq!(month.end_of(at("2026-03-01T00:00[UTC]")), at("2026-03-31T06:00[UTC]"));
    let quarter = cycle(CycleUnit::Month, 3, "2011-01-01T00:00:00", "UTC");
    assert_eq!(
        quarter.start_of(at("1999-06-30T23:59[UTC]")),
        at("1999-04-01T00:00[UTC]")
    );
    let year = cycle(CycleUnit::Year, 1, "2012-02-29T00:00:00", "UTC");
    assert_eq!(year.start_of(at("2026-03-01T00:00[UTC]")), at("2026-02-28T00:00[UTC]"));
}

#[test]
fn fixed_intervals_are_laid_from_the_reference_in_both_directions() {
    let ten_minutes = cycle(CycleUnit::Minute, 10, "2011-04-08T01:05:00", "UTC");
    assert_eq!(
        ten_minutes.start_of(at("1970-01-01T00:00[UTC]")),
        -5 * 60_000,
        "an interval may begin before 1970"
    );
    assert_eq!(
        ten_minutes.start_of(at("2026-01-01T00:14:59[UTC]")),
        at("2026-01-01T00:05[UTC]")
    );
    assert_eq!(
        ten_minutes.end_of(at("2026-01-01T00:15[UTC]")),
        at("2026-01-01T00:25[UTC]")
    );
}

// docs/semantics.md rule 18: points are ceil(range / cycle).
#[test]
fn a_range_has_as_many_cycles_as_it_takes_to_reach_its_end() {
    let second = Cycle::second();
    for (range_ms, count) in [(0, 0), (-5, 0), (1, 1), (1_000, 1), (1_001, 2), (550_000_000, 550_000)] {
        assert_eq!(second.count(77, 77 + range_ms), count, "{range_ms}");
    }
    assert_eq!(second.after(77, 550_000), 77 + 550_000_000);
    let day = cycle(CycleUnit::Day, 1, "2011-04-08T00:00:00", "Europe/Berlin");
    let start = at("2026-03-28T12:00[Europe/Berlin]");
    let noon = at("2026-03-29T12:00[Europe/Berlin]");
    assert_eq!(
        (noon - start, day.count(start, noon), day.count(start, noon + 1)),
        (23 * HOUR_MS, 1, 2)
    );
    assert_eq!(day.after(start, 1), noon);
    assert!(second.count(i64::MIN, i64::MAX) > 1 << 50);
}

#[test]
fn a_size_outside_of_its_bound_is_refused() {
    let new = |units| {
        Cycle::new(
            CycleUnit::Second,
            units,
            "2011-04-08T00:00:00".parse().unwrap(),
            TimeZone::UTC,
        )
    };
    assert_eq!(new(0), Err(CycleError::Size(0)));
    assert!(new(UNITS_PER_INTERVAL_MAX).is_ok());
    assert!(new(UNITS_PER_INTERVAL_MAX + 1).is_err());
}

#[test]
fn a_zone_that_skipped_a_day_has_no_interval_for_it() {
    let day = cycle(CycleUnit::Day, 1, "2011-01-01T00:00:00", "Pacific/Apia");
    let before = at("2011-12-29T12:00[Pacific/Apia]");
    let after = at("2011-12-31T12:00[Pacific/Apia]");
    assert_eq!(day.end_of(before), day.start_of(after));
    assert_eq!(day.end_of(after), at("2012-01-01T00:00[Pacific/Apia]"));
    let mut walk = day.walk(before);
    walk.step();
    assert_eq!(walk.start_ms(), day.start_of(after), "a walk passes over it");
}

fn zones() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("UTC"),
        Just("Europe/Berlin"),
        Just("America/Denver"),
        Just("Australia/Lord_Howe"),
        Just("Asia/Kathmandu"),
        Just("America/Sao_Paulo"),
        Just("Pacific/Apia"),
    ]
}

fn calendar_units() -> impl Strategy<Value = (CycleUnit, Unit)> {
    prop_oneof![
        Just((CycleUnit::Day, Unit::Day)),
        Just((CycleUnit::Week, Unit::Week)),
        Just((CycleUnit::Month, Unit::Month)),
        Just((CycleUnit::Year, Unit::Year)),
    ]
}

/// From 1970 to 2100, in milliseconds.
const TIMES_MS: std::ops::Range<i64> = 0..4_102_444_800_000;

proptest! {
    #[test]
    fn an_interval_holds_its_time_and_the_next_begins_where_it_ends(
        (unit, _) in calendar_units(), units in 1u32..40, zone_name in zones(), reference in TIMES_MS, time_ms in TIMES_MS,
    ) {
        let reference = Timestamp::from_millisecond(reference).unwrap();
        let cycle = Cycle::new(unit, units, TimeZone::UTC.to_datetime(reference), zone(zone_name)).unwrap();
        let (start, end) = (cycle.start_of(time_ms), cycle.end_of(time_ms));
        prop_assert!(start <= time_ms && time_ms < end, "{start} {time_ms} {end}");
        prop_assert_eq!(cycle.start_of(start), start);
        prop_assert_eq!(cycle.start_of(end - 1), start);
        prop_assert_eq!(cycle.start_of(end), end);
        prop_assert!(cycle.back(time_ms, 1) <= start);
        let mut walk = cycle.walk(time_ms);
        prop_assert_eq!(walk.start_ms(), start);
        for _ in 0..5 {
            let next = cycle.end_of(walk.start_ms());
            walk.step();
            prop_assert_eq!(walk.start_ms(), next);
        }
    }

    // The intervals are reckoned by jiff's own zoned arithmetic, step after step from the reference.
    #[test]
    fn starts_are_what_zoned_arithmetic_says(
        (unit, of) in calendar_units(), units in 1i64..5, zone_name in zones(), day in 0i16..20_000, steps in 0i64..60,
    ) {
        let reference = jiff::civil::date(1975, 1, 1).at(0, 0, 0, 0).checked_add(Span::new().days(day)).unwrap();
        let cycle = Cycle::new(unit, units as u32, reference, zone(zone_name)).unwrap();
        let first = reference.to_zoned(zone(zone_name)).unwrap();
        // A reference that clocks skipped is moved by the zone; arithmetic from there has another time of day.
        prop_assume!(first.datetime() == reference);
        let span = match of {
            Unit::Day => Span::new().days(units * steps),
            Unit::Week => Span::new().weeks(units * steps),
            Unit::Month => Span::new().months(units * steps),
            _ => Span::new().years(units * steps),
        };
        let start = first.checked_add(span).unwrap().timestamp().as_millisecond();
        prop_assert_eq!(cycle.start_of(start), start);
        prop_assert_eq!(cycle.after(first.timestamp().as_millisecond(), steps as u64), start);
    }

    #[test]
    fn a_count_of_cycles_reaches_the_end_and_one_fewer_does_not(
        (unit, _) in calendar_units(), units in 1u32..10, zone_name in zones(), start in TIMES_MS, range_ms in 1i64..400_000_000_000,
    ) {
        let cycle = Cycle::new(unit, units, "2011-04-08T00:00:00".parse().unwrap(), zone(zone_name)).unwrap();
        let end = start + range_ms;
        let count = cycle.count(start, end);
        prop_assert!(cycle.after(start, count) >= end);
        prop_assert!(count == 1 || cycle.after(start, count - 1) < end);
    }
}
