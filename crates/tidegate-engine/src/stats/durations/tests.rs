use super::*;

#[test]
fn a_step_holds_what_took_exactly_as_long_as_its_end_and_all_before() {
    let durations = Durations::default();
    for took_us in [1, 500, 501, 1_000, 60_000_000] {
        durations.add(took_us * 1_000);
    }
    let counts = durations.counts();
    assert_eq!(counts.at_most[..3], [2, 4, 4]);
    assert_eq!(counts.at_most[STEPS_US.len() - 1..], [4, 5]);
    assert_eq!(counts.sum_ns, (1 + 500 + 501 + 1_000 + 60_000_000) * 1_000);
}
