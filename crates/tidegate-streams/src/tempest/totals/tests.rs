use super::*;

const NOW_S: i64 = 1_800_000_000;

fn totals(readings: &[(i64, &[(Field, f64)])]) -> (Windows, Totals) {
    let windows = Windows::at(NOW_S, &LocalDays::in_zone("UTC"));
    let mut totals = Totals::default();
    for (age_s, values) in readings {
        let mut reading = Reading::at(NOW_S - age_s);
        values
            .iter()
            .for_each(|(field, value)| reading.set(*field, Some(*value)));
        totals.add(&windows, &reading);
    }
    (windows, totals)
}

#[test]
fn rain_is_summed_by_local_day_and_by_the_last_hour() {
    // NOW_S is 08:00 UTC.
    let (_, totals) = totals(&[
        (30 * 3600, &[(Field::Rain, 9.0)]),
        (9 * 3600, &[(Field::Rain, 1.5), (Field::ReportInterval, 1.0)]),
        (2 * 3600, &[(Field::Rain, 0.25), (Field::ReportInterval, 1.0)]),
        (60, &[(Field::Rain, 0.5), (Field::ReportInterval, 1.0)]),
    ]);
    assert_eq!(totals.rain_yesterday_mm, 10.5);
    assert_eq!(totals.rain_today_mm, 0.75);
    assert_eq!(totals.rain_1h_mm, 0.5);
    assert_eq!((totals.rain_minutes_today, totals.rain_minutes_yesterday), (2.0, 2.0));
}

#[test]
fn a_trend_needs_a_pressure_from_three_hours_ago() {
    let trend = |then: f64, age_s: i64| {
        let (windows, totals) = totals(&[(age_s, &[(Field::Pressure, then)]), (0, &[(Field::Pressure, 1000.0)])]);
        totals.pressure_trend(&windows)
    };
    assert_eq!(trend(998.9, 3 * 3600), Some("rising"));
    assert_eq!(trend(1001.1, 3 * 3600), Some("falling"));
    assert_eq!(trend(1000.9, 3 * 3600), Some("steady"));
    assert_eq!(trend(990.0, 3600), None);
    assert_eq!(trend(990.0, 5 * 3600), None);
}

#[test]
fn the_last_strike_is_the_newest_however_it_came() {
    let (_, mut totals) = totals(&[(3000, &[(Field::StrikeCount, 2.0), (Field::StrikeDistance, 14.0)])]);
    totals.strike(NOW_S - 4000, 3.0);
    assert_eq!(totals.last_strike, Some((NOW_S - 3000, 14.0)));
    totals.strike(NOW_S - 10, 3.0);
    assert_eq!(totals.last_strike, Some((NOW_S - 10, 3.0)));
    assert_eq!((totals.strikes_1h, totals.strikes_3h), (2.0, 2.0));
}
