use super::*;

#[test]
fn jitter_is_only_ever_added_and_bounded() {
    let waits: Vec<Duration> = (0..200).filter_map(|_| no_capacity().retry_after()).collect();
    assert!(waits.iter().all(|wait| {
        (NO_CAPACITY_WAIT..=NO_CAPACITY_WAIT + Duration::from_millis(NO_CAPACITY_JITTER_MS)).contains(wait)
    }));
    assert!(
        waits.iter().any(|wait| *wait != waits[0]),
        "all alike: {}",
        waits[0].as_millis()
    );
}
