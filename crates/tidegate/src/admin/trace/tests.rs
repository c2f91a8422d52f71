use super::*;

fn standing(limit: &str, used: Option<u64>) -> StandingRow {
    StandingRow {
        limit: limit.to_owned(),
        scope: "user ann".to_owned(),
        quota: 100,
        burst: 100,
        window_s: Some(60),
        used,
        remaining: used.map(|used| 100_u64.saturating_sub(used)),
        resets_in_s: None,
        warned: None,
        from: "limit".to_owned(),
    }
}

fn used(traces: &Traces, caller: &str, used: u64, now_ms: i64) -> Vec<u64> {
    let rows = traces.look(
        caller,
        &[standing("calls", Some(used)), standing("per-address", None)],
        now_ms,
    );
    assert_eq!(rows.len(), 1, "what is unknown has no samples");
    rows[0].points.iter().map(|point| point.used).collect()
}

#[test]
fn a_look_takes_a_sample_and_one_a_moment_later_does_not() {
    let traces = Traces::default();
    assert_eq!(used(&traces, "ann", 10, 0), [10]);
    assert_eq!(used(&traces, "ann", 20, SPACING_MS - 1), [10]);
    assert_eq!(used(&traces, "ann", 30, SPACING_MS), [10, 30]);
    assert_eq!(used(&traces, "bob", 1, SPACING_MS), [1]);
    assert_eq!(
        used(&traces, "ann", 40, -90_000),
        [10, 30, 40],
        "a clock set back holds up nothing"
    );
}

#[test]
fn the_oldest_sample_and_the_caller_looked_at_longest_ago_are_forgotten() {
    let traces = Traces::default();
    for n in 0..=SAMPLES_MAX as i64 {
        used(&traces, "ann", n as u64, n * SPACING_MS);
    }
    let late = SPACING_MS * (SAMPLES_MAX as i64 + 1);
    let kept = used(&traces, "ann", 999, late);
    assert_eq!((kept.len(), kept[0], kept[SAMPLES_MAX - 1]), (SAMPLES_MAX, 2, 999));
    for n in 0..CALLERS_MAX.get() {
        used(&traces, &format!("other-{n}"), 0, late);
    }
    assert_eq!(used(&traces, "ann", 5, late), [5]);
}

#[test]
fn no_more_limits_are_sampled_than_the_bound() {
    let rows: Vec<_> = (0..LIMITS_MAX + 1)
        .map(|n| standing(&format!("limit-{n}"), Some(1)))
        .collect();
    assert_eq!(Traces::default().look("ann", &rows, 0).len(), LIMITS_MAX);
}
