use super::{
    super::{PayloadKind, tests::in_force},
    *,
};

const NOW_MS: i64 = 1_795_348_800_000;
const YEAR_MS: i64 = 365 * 86_400_000;

fn rule() -> RangeRule {
    RangeRule {
        start: "sd".into(),
        end: "ed".into(),
        unit_ms: 1,
        limit: Some("limit".into()),
        streams: vec!["streams".into(), "itemsById".into()],
        cycle: Some(("bucket".into(), vec![("1".into(), 60_000), ("a".into(), 60_000)])),
        cycle_default_ms: 1_000,
        unknown: Unknown::Count,
    }
}

fn points() -> Bounded {
    in_force(
        PayloadKind::Points {
            quota_strings: Some(10_000),
        },
        550_000,
    )
}

fn series(strings: bool, cycle_ms: i64, first_ms: Option<i64>) -> Series {
    Series {
        strings,
        cycle: Arc::new(Even(cycle_ms)),
        first_ms,
    }
}

fn judged(query: &str, known: Option<&[Series]>) -> Option<Excess> {
    let rule = rule();
    excess(&points(), &rule, &rule.question(Some(query), NOW_MS), known)
}

fn widest_of(excess: &Excess) -> Widest {
    match excess.of {
        Of::Points { widest, .. } => widest.unwrap(),
        _ => panic!("{excess:?}"),
    }
}

// docs/platforms/grovestreams.md G8
#[test]
fn as_many_points_as_are_allowed_pass_and_one_more_does_not() {
    let others = [series(false, 1_000, None)];
    assert_eq!(judged("sd=0&ed=550000000", Some(&others)), None);
    let over = judged("sd=0&ed=550000001", Some(&others)).unwrap();
    assert_eq!((over.asked, over.allowed), (Some(550_001), 550_000));
    assert_eq!(
        widest_of(&over),
        Widest {
            range_ms: 550_000_000,
            end_ms: 550_000_000
        }
    );
    let strings = [series(true, 1_000, None)];
    assert_eq!(judged("sd=0&ed=10000000", Some(&strings)), None);
    let over = judged("sd=0&ed=10000001", Some(&strings)).unwrap();
    assert_eq!((over.asked, over.allowed), (Some(10_001), 10_000));
}

#[test]
fn strings_and_others_are_summed_apart() {
    let both = [series(false, 1_000, None), series(true, 60_000, None)];
    assert_eq!(judged("sd=0&ed=550000000", Some(&both)), None);
    let over = judged("sd=0&ed=600000001", Some(&both)).unwrap();
    assert_eq!(over.asked, Some(10_001), "strings are told first");
    assert_eq!(widest_of(&over).range_ms, 550_000_000, "and the range suits both");
}

#[test]
fn a_reader_that_follows_the_hint_gets_a_year_and_ends() {
    let others = [series(false, 1_000, None), series(false, 7_000, None)];
    let (mut start_ms, end_ms, mut reads) = (NOW_MS - YEAR_MS, NOW_MS, 0);
    while start_ms < end_ms {
        reads += 1;
        let refused = judged(&format!("sd={start_ms}&ed={end_ms}"), Some(&others));
        let until = refused.map_or(end_ms, |refused| widest_of(&refused).end_ms);
        assert!(until > start_ms, "each read gets on");
        assert_eq!(judged(&format!("sd={start_ms}&ed={until}"), Some(&others)), None);
        start_ms = until;
    }
    assert_eq!(reads, 66);
}

// docs/semantics.md rule 18
#[test]
fn what_is_missing_is_the_first_sample_and_now() {
    let others = [series(false, 1_000, Some(NOW_MS - 550_000_000))];
    assert_eq!(judged("", Some(&others)), None);
    let others = [series(false, 1_000, Some(NOW_MS - 550_000_001))];
    let over = judged("", Some(&others)).unwrap();
    assert_eq!(over.asked, Some(550_001));
    assert_eq!(widest_of(&over).end_ms, NOW_MS - 1);
    assert_eq!(judged("", Some(&[series(false, 1_000, None)])), None, "an empty stream");
    assert_eq!(judged("sd=5&ed=5", Some(&others)), None, "an empty range");
    assert_eq!(judged("sd=9&ed=5", Some(&others)), None, "a range that is none");
}

#[test]
fn a_limit_caps_each_stream() {
    let others = vec![series(false, 1_000, None); 3];
    assert_eq!(judged("sd=0&limit=183333", Some(&others)), None);
    let over = judged("sd=0&limit=183334", Some(&others)).unwrap();
    assert_eq!(over.asked, Some(550_002));
    assert!(
        judged("sd=0&limit=many", Some(&others)).is_some(),
        "no number caps nothing"
    );
}

#[test]
fn of_a_parameter_that_stands_twice_the_widest_reading_counts() {
    let others = [series(false, 1_000, None)];
    assert!(judged("sd=1&sd=900000000&ed=900000001&ed=2", Some(&others)).is_some());
    assert!(judged("sd=0&ed=1&limit=1&limit=900000000&ed=900000000", Some(&others)).is_some());
}

#[test]
fn what_nobody_knows_counts_as_the_query_says() {
    assert_eq!(judged("sd=0&ed=33000000000&bucket=1", None), None);
    assert!(judged("sd=0&ed=33000000001&bucket=a", None).is_some());
    assert!(
        judged("sd=0&ed=33000000000", None).is_some(),
        "a second, where none is said"
    );
    assert!(judged("sd=0&ed=275000001&streams=a.b+c.d", None).is_some());
    assert_eq!(judged("sd=0&ed=275000000&streams=a.b,c.d", None), None);
    assert!(judged("sd=0&ed=275000001&itemsById=[{\"compId\":\"a\"},{}]", None).is_some());
    assert_eq!(
        judged("ed=33000000000", None),
        None,
        "without a start only the upstream knows"
    );
    let mut rule = rule();
    rule.unknown = Unknown::Pass;
    assert_eq!(
        excess(&points(), &rule, &rule.question(Some("sd=0"), NOW_MS), None),
        None
    );
    rule.unknown = Unknown::Refuse;
    assert!(excess(&points(), &rule, &rule.question(Some("sd=0&ed=1"), NOW_MS), None).is_some());
}

#[test]
fn seconds_and_written_times_are_read_and_hints_are_whole_seconds() {
    let rule = RangeRule {
        unit_ms: 1_000,
        ..rule()
    };
    let question = rule.question(Some("sd=1.7e9&ed=2023-11-14T22:13:21Z"), NOW_MS);
    assert_eq!(
        (question.start_ms, question.end_ms),
        (Some(1_700_000_000_000), 1_700_000_001_000)
    );
    let others = [series(false, 1_300, None)];
    let over = excess(&points(), &rule, &rule.question(Some("sd=0"), NOW_MS), Some(&others)).unwrap();
    assert_eq!(widest_of(&over).range_ms, 715_000_000, "550,000 times 1.3 s");
    assert_eq!(rule.question(Some("sd=soon"), NOW_MS).start_ms, None);
}

#[test]
fn times_at_the_ends_of_their_numbers_overflow_nothing() {
    let others = [series(false, 1, None)];
    for query in [
        "sd=-9223372036854775808&ed=9223372036854775807",
        "sd=9223372036854775807&ed=-9223372036854775808",
        "sd=-1e300&ed=1e300",
    ] {
        let _ = judged(query, Some(&others));
        let rule = RangeRule {
            unit_ms: 1_000,
            ..rule()
        };
        let _ = excess(&points(), &rule, &rule.question(Some(query), NOW_MS), Some(&others));
    }
}

#[test]
fn where_one_interval_is_too_much_the_way_out_is_fewer_streams() {
    let strings = vec![series(true, 1_000, None); 10_001];
    let over = judged("sd=0&ed=1", Some(&strings)).unwrap();
    assert_eq!(widest_of(&over).range_ms, 0);
    assert!(over.sentence().ends_with("Name fewer streams."), "{}", over.sentence());
}
