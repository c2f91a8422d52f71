use super::*;

const NOW_NS: u64 = 1_000;

fn failed(times: u32) -> PassiveHealth {
    let mut health = PassiveHealth::default();
    for _ in 0..times {
        assert!(health.may_try(NOW_NS));
        health.failed(NOW_NS);
    }
    health
}

#[test]
fn fewer_failures_in_a_row_keep_nobody_out() {
    let mut health = failed(FAILURES_MAX - 1);
    health.succeeded();
    for _ in 1..FAILURES_MAX {
        assert!(health.may_try(NOW_NS));
        health.failed(NOW_NS);
    }
    assert!(health.may_try(NOW_NS));
}

#[test]
fn a_host_that_rests_is_tried_by_nobody_then_by_one() {
    let mut health = failed(FAILURES_MAX);
    assert!(!health.may_try(NOW_NS + REST_FIRST_NS - 1));
    assert!(health.may_try(NOW_NS + REST_FIRST_NS));
    assert!(!health.may_try(NOW_NS + REST_FIRST_NS), "a second one beside the probe");
    health.succeeded();
    assert!(health.may_try(NOW_NS + REST_FIRST_NS));
    assert!(health.may_try(NOW_NS + REST_FIRST_NS));
}

#[test]
fn a_failed_probe_doubles_the_rest_up_to_its_bound() {
    let mut health = failed(FAILURES_MAX);
    let mut now_ns = NOW_NS + REST_FIRST_NS;
    for doubled in 1..40 {
        assert!(health.may_try(now_ns));
        health.failed(now_ns);
        let rest_ns = REST_FIRST_NS.saturating_mul(1 << doubled.min(20)).min(REST_MAX_NS);
        assert!(!health.may_try(now_ns + rest_ns - 1));
        now_ns += rest_ns;
    }
}

#[test]
fn a_probe_that_leaves_lets_the_next_one_try() {
    let mut health = failed(FAILURES_MAX);
    assert!(health.may_try(NOW_NS + REST_FIRST_NS));
    health.abandoned();
    assert!(health.may_try(NOW_NS + REST_FIRST_NS));
}
