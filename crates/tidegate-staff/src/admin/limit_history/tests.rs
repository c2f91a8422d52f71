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

fn used(traces: &LimitHistory, caller: &str, used: u64, now_ms: i64) -> Vec<u64> {
    let standings = [standing("calls", Some(used)), standing("per-address", None)];
    traces.sample(caller, &standings, now_ms);
    let rows = traces.rows(caller, &standings);
    assert_eq!(rows.len(), 1, "what is unknown has no samples");
    rows[0].points.iter().map(|point| point.used).collect()
}

/// Samples held, all callers together, and their callers.
fn held(traces: &LimitHistory) -> (usize, usize) {
    let callers = traces.callers.lock();
    let lines = callers.iter().flat_map(|(_, lines)| lines);
    (lines.map(|line| line.samples.len()).sum(), callers.len())
}

#[test]
fn a_look_takes_a_sample_and_one_a_moment_later_does_not() {
    let traces = LimitHistory::default();
    let at = 1_000_000;
    assert_eq!(used(&traces, "ann", 10, at), [10]);
    assert_eq!(used(&traces, "ann", 20, at + SPACING_MS - 1), [10]);
    assert_eq!(used(&traces, "ann", 30, at + SPACING_MS), [10, 30]);
    assert_eq!(used(&traces, "bob", 1, at + SPACING_MS), [1]);
    assert_eq!(
        used(&traces, "ann", 40, at - 90_000),
        [10, 30, 40],
        "a clock set back holds up nothing"
    );
    assert_eq!(
        used(&traces, "bob", u64::MAX, at + 2 * SPACING_MS),
        [1, u64::from(u32::MAX)]
    );
}

#[test]
fn samples_older_than_the_span_go_and_so_does_the_caller_sampled_longest_ago() {
    let traces = LimitHistory::default();
    for n in 0..=SAMPLES_MAX as i64 {
        used(&traces, "ann", n as u64, n * SPACING_MS);
    }
    let late = SPACING_MS * (SAMPLES_MAX as i64 + 1);
    let kept = used(&traces, "ann", 999, late);
    assert_eq!((kept.len(), kept[0], kept[SAMPLES_MAX - 1]), (SAMPLES_MAX, 2, 999));
    assert_eq!(used(&traces, "ann", 7, late + SPAN_MS), [999, 7]);
    assert_eq!(used(&traces, "ann", 8, late + 3 * SPAN_MS), [8]);
    for n in 0..CALLERS_MAX.get() {
        used(&traces, &format!("other-{n}"), 0, late);
    }
    assert_eq!(used(&traces, "ann", 5, late), [5]);
}

#[test]
fn a_limit_that_is_gone_leaves_with_its_last_sample() {
    let traces = LimitHistory::default();
    traces.sample("ann", &[standing("old", Some(1))], 0);
    for n in 1..=SAMPLES_MAX as i64 {
        traces.sample("ann", &[standing("new", Some(1))], n * SPACING_MS);
    }
    assert_eq!(held(&traces), (SAMPLES_MAX + 1, 1));
    traces.sample("ann", &[standing("new", Some(1))], SPAN_MS + SPACING_MS);
    assert_eq!(held(&traces), (SAMPLES_MAX, 1));
}

// fault 60
#[test]
fn a_million_callers_take_no_more_memory_than_the_bound_of_them() {
    let traces = LimitHistory::default();
    let rows: Vec<_> = (0..2).map(|n| standing(&format!("limit-{n}"), Some(1))).collect();
    for n in 0..1_000_000 {
        traces.sample(&format!("caller-{n}"), &rows, n);
    }
    assert_eq!(held(&traces), (2 * CALLERS_MAX.get(), CALLERS_MAX.get()));
    assert_eq!(size_of::<Sample>(), 8);
}

#[test]
fn no_more_limits_are_sampled_than_the_bound() {
    let traces = LimitHistory::default();
    let rows = |from: usize| -> Vec<_> {
        (from..from + LIMITS_MAX + 1)
            .map(|n| standing(&format!("limit-{n}"), Some(1)))
            .collect()
    };
    traces.sample("ann", &rows(0), 0);
    assert_eq!(traces.rows("ann", &rows(0)).len(), LIMITS_MAX);
    traces.sample("ann", &rows(20), 0);
    assert_eq!(held(&traces), (LIMITS_MAX, 1));
}
