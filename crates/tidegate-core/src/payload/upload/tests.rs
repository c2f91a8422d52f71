use super::{super::tests::in_force, *};

const NOW_MS: i64 = 1_795_348_800_000;

fn told(samples: u64, first_ms: i64, last_ms: i64) -> Group {
    Group {
        samples,
        times: Some(Times { first_ms, last_ms }),
    }
}

fn label() -> StreamLabel {
    StreamLabel {
        component: "kitchen".into(),
        stream: "temp".into(),
    }
}

fn subsecond() -> Upload {
    Upload::new(vec![in_force(PayloadKind::Subsecond, 5)])
}

/// Is true when these groups of one stream pass.
fn passes(groups: &[Group]) -> bool {
    let mut upload = subsecond();
    for group in groups {
        upload.group((1, 1), label, group, NOW_MS).unwrap();
    }
    upload.end().is_ok()
}

// docs/platforms/grovestreams.md G10, docs/semantics.md rule 17.
#[test]
fn on_average_five_samples_a_second_pass_and_a_sixth_does_not() {
    assert!(passes(&[told(50, 0, 9_800)]), "0.2 s apart");
    assert!(!passes(&[told(51, 0, 9_999)]), "51 inside less than ten seconds");
    for samples in 51..=55 {
        assert!(
            passes(&[told(samples, 0, 10_000)]),
            "{samples} that touch eleven seconds"
        );
    }
    assert!(!passes(&[told(56, 0, 10_000)]));
    assert!(passes(&[told(5, 7, 7)]));
    assert!(!passes(&[told(6, 7, 7)]), "six of one time");
}

#[test]
fn first_and_last_are_of_the_whole_upload_whatever_its_order() {
    assert!(passes(&[told(40, 9_000, 9_800), told(10, 0, 0)]));
    assert!(!passes(&[told(5, 0, 0), told(1, 0, 0)]));
}

#[test]
fn samples_without_a_time_are_of_now() {
    let untimed = |samples| Group { samples, times: None };
    assert!(passes(&[untimed(5)]));
    assert!(!passes(&[untimed(6)]));
    assert!(passes(&[untimed(6), told(1, NOW_MS - 1_000, NOW_MS - 1_000)]));
}

#[test]
fn each_stream_counts_by_itself_and_the_first_one_over_is_named() {
    let mut upload = subsecond();
    for stream in 0..100 {
        upload.group((1, stream), label, &told(5, 0, 0), NOW_MS).unwrap();
    }
    assert!(upload.end().is_ok());
    upload.group((1, 70), label, &told(2, 0, 0), NOW_MS).unwrap();
    upload.group((1, 30), label, &told(1, 0, 0), NOW_MS).unwrap();
    let over = upload.end().unwrap_err();
    assert_eq!((over.asked, over.allowed), (Some(6), 5));
    assert!(
        over.sentence().contains("the stream `temp` of `kitchen`"),
        "{}",
        over.sentence()
    );
}

#[test]
fn as_many_samples_and_streams_as_are_allowed_pass() {
    let mut upload = Upload::new(vec![
        in_force(PayloadKind::Samples, 2),
        in_force(PayloadKind::Streams, 2),
    ]);
    assert!(upload.sample().is_ok() && upload.sample().is_ok());
    let over = upload.sample().unwrap_err();
    assert_eq!((&*over.limit, over.asked, over.allowed), ("samples", Some(3), 2));
    for stream in [1, 2, 1, 2] {
        upload.group((0, stream), label, &told(1, 0, 0), NOW_MS).unwrap();
    }
    let over = upload.group((0, 3), label, &told(1, 0, 0), NOW_MS).unwrap_err();
    assert_eq!((&*over.limit, over.asked, over.allowed), ("streams", Some(3), 2));
}

#[test]
fn more_streams_than_are_followed_are_refused() {
    let mut upload = subsecond();
    let last = STREAMS_TRACKED_MAX as u64;
    for stream in 0..last {
        upload.group((0, stream), label, &told(1, 0, 0), NOW_MS).unwrap();
    }
    let over = upload.group((0, last), label, &told(1, 0, 0), NOW_MS).unwrap_err();
    assert_eq!((over.asked, over.allowed), (Some(last + 1), last));
    assert!(
        upload.group((0, 0), label, &told(1, 0, 0), NOW_MS).is_ok(),
        "a known one goes on"
    );
}

#[test]
fn of_two_limits_of_a_kind_the_stricter_one_refuses() {
    let mut upload = Upload::new(vec![
        in_force(PayloadKind::Samples, 9),
        in_force(PayloadKind::Samples, 1),
    ]);
    assert!(upload.sample().is_ok());
    assert_eq!(upload.sample().unwrap_err().allowed, 1);
}

#[test]
fn times_at_the_ends_of_their_numbers_overflow_nothing() {
    assert!(!passes(&[told(u64::MAX, i64::MIN, i64::MAX), told(u64::MAX, 0, 0)]));
}
