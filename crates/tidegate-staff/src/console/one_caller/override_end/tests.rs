use super::*;

#[test]
fn choices_are_said_with_the_moment_they_mean() {
    // 2026-12-31T23:30:00Z: the next day, week and month are all of another year.
    let choices = OverrideEnd::choices(1_798_759_800_000);
    let said: Vec<(&str, &str)> = choices
        .iter()
        .map(|until| (until.words.as_str(), until.at.as_str()))
        .collect();
    assert_eq!(
        said,
        [
            ("for an hour, 1 Jan 00:30 UTC", "2027-01-01T00:30:00Z"),
            ("until tomorrow, 1 Jan 00:00 UTC", "2027-01-01T00:00:00Z"),
            ("for a week, 8 Jan 00:00 UTC", "2027-01-08T00:00:00Z"),
            ("until the end of the month, 1 Jan 00:00 UTC", "2027-01-01T00:00:00Z"),
            ("until it is removed", ""),
        ]
    );
    assert_eq!(choices.iter().filter(|until| until.is_first).count(), 1);
    assert_eq!(OverrideEnd::tomorrow(1_798_759_800_000), "2027-01-01");
}

#[test]
fn a_time_out_of_the_calendar_leaves_the_choice_without_an_end() {
    assert_eq!(OverrideEnd::choices(i64::MAX).len(), 1);
    assert_eq!(OverrideEnd::tomorrow(i64::MAX), "");
}
