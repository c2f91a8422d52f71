use super::*;

/// 2026-11-01T12:00:00Z, the day on which Denver's clocks go back.
const NOON_UTC: i64 = 1_793_534_400;

#[test]
fn a_day_on_which_clocks_go_back_has_twenty_five_hours() {
    let days = LocalDays::in_zone("America/Denver");
    let today = days.start_s(NOON_UTC, 0);
    assert_eq!(today, NOON_UTC - 6 * 3600);
    assert_eq!(days.start_s(NOON_UTC, 1) - today, 25 * 3600);
    assert_eq!(today - days.start_s(NOON_UTC, -1), 24 * 3600);
}

#[test]
fn an_unknown_zone_is_read_as_utc() {
    let days = LocalDays::in_zone("Middle/Earth");
    assert_eq!(days.start_s(NOON_UTC, 0), NOON_UTC - 12 * 3600);
    assert_eq!(days.offset_minutes(NOON_UTC), 0);
    assert_eq!(days.hour(NOON_UTC), 12);
    assert_eq!(days.date(NOON_UTC).to_string(), "2026-11-01");
}
