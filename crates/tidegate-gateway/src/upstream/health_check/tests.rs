use std::time::Duration;

use super::*;

#[test]
fn a_server_changes_its_standing_after_enough_checks_in_a_row_and_not_before() {
    let check = Check {
        path: "/".into(),
        interval: Duration::from_secs(1),
        timeout: Duration::from_secs(1),
        unhealthy_after: 3,
        healthy_after: 2,
    };
    let mut streak = Streak {
        is_well: true,
        against: 0,
    };
    let mut saw =
        |answers: &[bool]| -> Vec<Option<bool>> { answers.iter().map(|answer| streak.saw(*answer, &check)).collect() };
    assert_eq!(
        saw(&[false, false, true, false, false]),
        [None; 5],
        "never three in a row"
    );
    assert_eq!(
        saw(&[false, false]),
        [Some(false), None],
        "and once it is told it is not told again"
    );
    assert_eq!(saw(&[true, false, true]), [None; 3]);
    assert_eq!(saw(&[true, true]), [Some(true), None]);
}
