use super::*;

#[test]
fn a_line_lies_within_its_plane_and_so_does_its_level() {
    let samples = [(0, 0), (50, 90), (100, 80)];
    let drawn = line(&samples, 80, 0, 100).unwrap();
    assert_eq!(drawn.points, "0,72 160,0 320,8");
    assert_eq!(drawn.area, "0,72 0,72 160,0 320,8 320,72");
    assert_eq!((drawn.x, drawn.y, drawn.level_y, drawn.top), (320, 8, 8, 90));
}

#[test]
fn nothing_outside_of_the_span_is_drawn_and_extremes_are() {
    assert_eq!(line(&[(-1, 5), (101, 5)], 10, 0, 100), None);
    let extremes = line(&[(0, u64::MAX), (i64::MAX, 0)], u64::MAX, 0, i64::MAX).unwrap();
    assert_eq!(extremes.points, "0,0 320,72");
    assert!(line(&[(7, 0)], 0, 7, 7).is_some());
}

#[test]
fn a_gauge_is_full_when_all_is_used_and_not_before() {
    let states: Vec<_> = [0, 79, 80, 99, 100, 250].map(|used| Gauge::of(used, 100).state).into();
    assert_eq!(states, ["calm", "calm", "high", "high", "full", "full"]);
    assert_eq!(Gauge::of(250, 100).percent, 100);
    assert_eq!(Gauge::of(999, 1_000).percent, 99);
}

#[test]
fn a_bar_is_as_high_as_its_whole_and_holds_its_part() {
    let drawn = bars(&[0, 50, 100, u64::MAX], &[0, 25, 200]);
    assert_eq!((drawn.width, drawn.top), (40, u64::MAX));
    let drawn = bars(&[0, 50, 100], &[0, 25, 200]);
    let shape = |bar: &Bar| (bar.x, bar.y, bar.height, bar.part_y, bar.part_height);
    let shapes: Vec<_> = drawn.bars.iter().map(shape).collect();
    assert_eq!(
        shapes,
        [(1, 100, 0, 100, 0), (11, 75, 25, 50, 25), (21, 100, 0, 0, 100)]
    );
    assert_eq!(bars(&[], &[]).bars, []);
}
