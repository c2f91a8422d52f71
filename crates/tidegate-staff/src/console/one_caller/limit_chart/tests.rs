use super::*;

const MINUTE_MS: i64 = 60_000;

fn points(samples: &[(i64, u64)]) -> Vec<TracePoint> {
    let points = samples.iter().map(|(at_ms, used)| TracePoint {
        at_ms: *at_ms,
        used: *used,
    });
    points.collect()
}

#[test]
fn samples_that_follow_each_other_are_one_line_and_a_gap_is_none() {
    let spaced = |from: i64| (0..4).map(move |n| (from + n * SPACING_MS, 50));
    let samples: Vec<_> = spaced(0).chain(spaced(10 * MINUTE_MS)).collect();
    let picture = LimitChart::of(&points(&samples), 100, 0, 20 * MINUTE_MS).unwrap();
    assert_eq!(picture.runs.len(), 2);
    assert!(picture.runs[0].points.starts_with("0,40 "), "{:?}", picture.runs[0]);
    assert!(picture.runs[1].points.starts_with("160,40 "), "{:?}", picture.runs[1]);
    assert_eq!((picture.x, picture.y, picture.most), (168, 40, 50));
    assert!(picture.quota_y > 0 && picture.quota_y < picture.y, "the quota is seen");
}

#[test]
fn one_sample_is_a_dot_and_a_clock_set_back_begins_anew() {
    let one = LimitChart::of(&points(&[(MINUTE_MS, 1)]), 10, 0, 2 * MINUTE_MS).unwrap();
    assert_eq!(one.runs[0].points.split(' ').count(), 2);
    let back = points(&[(90_000, 1), (100_000, 2), (30_000, 3)]);
    assert_eq!(LimitChart::of(&back, 10, 0, 2 * MINUTE_MS).unwrap().runs.len(), 2);
}

#[test]
fn what_was_never_used_or_lies_outside_is_not_drawn() {
    assert_eq!(LimitChart::of(&points(&[(0, 0), (10_000, 0)]), 10, 0, MINUTE_MS), None);
    assert_eq!(LimitChart::of(&points(&[(-10_000, 5)]), 10, 0, MINUTE_MS), None);
    assert_eq!(LimitChart::of(&[], 10, 0, MINUTE_MS), None);
    let most = LimitChart::of(&points(&[(0, u64::MAX)]), u64::MAX, 0, 0).unwrap();
    assert_eq!((most.y, most.quota_y), (0, 0));
}
