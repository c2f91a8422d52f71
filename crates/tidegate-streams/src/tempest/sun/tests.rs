use super::*;

#[test]
fn sunrise_and_sunset_are_within_three_minutes_of_the_recorded_ones() {
    // Recorded for 40 N 105 W on 2023-12-28 (local noon 19:00 UTC).
    let noon_s = 1_703_746_800 + 12 * 3600;
    let (rise, set) = SunDay::near(noon_s, 40.0, -105.0).rise_and_set_s().unwrap();
    assert!((rise - 1_703_773_057).abs() < 240, "rise {rise}");
    assert!((set - 1_703_807_070).abs() < 240, "set {set}");
}

#[test]
fn a_polar_night_has_no_sunrise() {
    assert!(SunDay::near(1_703_790_000, 80.0, 0.0).rise_and_set_s().is_none());
}

#[test]
fn a_clear_sky_is_brightest_at_noon_and_dark_at_night() {
    let sun = SunDay::near(1_719_000_000, 40.0, 0.0);
    let noon = clear_sky(sun.elevation_sine(sun.transit_s as i64));
    assert!((900.0..1100.0).contains(&noon), "{noon}");
    assert_eq!(clear_sky(sun.elevation_sine(sun.transit_s as i64 + 43_200)), 0.0);
}
