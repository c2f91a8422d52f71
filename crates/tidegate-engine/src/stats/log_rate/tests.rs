use super::*;

fn at(second: u64) -> Now {
    Now {
        mono_ns: second * 1_000_000_000 + 999_999_999,
        wall_ms: 0,
    }
}

#[test]
fn a_flood_writes_so_many_lines_a_second_and_says_how_many_it_left_out() {
    let lines = LogRate::new(3);
    let written = |second| (0..1_000).filter_map(|_| lines.take(at(second))).collect::<Vec<_>>();
    assert_eq!(written(5), [0, 0, 0]);
    assert_eq!(written(5), [0; 0]);
    assert_eq!(written(6), [1_997, 0, 0]);
    // Late readings make no room.
    assert_eq!(lines.take(at(5)), None);
}
