use std::collections::HashMap;

use super::*;
use crate::{
    decide::{Outcome, Tag, Take},
    limit::{Limit, Quantity},
    limit_check::Scope,
    overrides::Origin,
    partition::CellId,
    testing,
};

const STATION: crate::resource::ResourceKind =
    crate::resource::ResourceKind::new("station", "Station", "No such station or device");
const DEVICE: crate::resource::ResourceKind =
    crate::resource::ResourceKind::new("device", "Device", "No such station or device");

fn limit(name: &str, shadow: bool) -> Limit {
    let limit = testing::limit(name).rate(100, 120).burst(150).shadow(shadow);
    match name {
        "hinted" => limit.hint("Send many at once.").build(),
        _ => limit.build(),
    }
}

fn refused(fits: &[(&Limit, Fit)]) -> Option<OverLimit> {
    let checks: Vec<LimitCheck<'_>> = fits
        .iter()
        .map(|(limit, _)| {
            let tag = Tag { limit: 1, user: None };
            let take = Take {
                cell: CellId(1),
                tag,
                quantity: limit.quantity,
                cost: 1,
                shadow: limit.shadow,
                subkey: None,
            };
            LimitCheck {
                until_ms: None,
                limit,
                take,
                origin: Origin::Plan("gold".into()),
                scope: Scope::of("user", "ann"),
            }
        })
        .collect();
    let standing = Standing {
        used: 150,
        remaining: 0,
        resets_in: Some(Duration::from_secs(9)),
        warned: true,
    };
    let outcome = |fit| Outcome {
        standing,
        fit,
        warns: false,
    };
    let outcomes = fits.iter().map(|(_, fit)| outcome(*fit)).collect();
    over_limit(
        &checks,
        &Verdict {
            admitted: false,
            outcomes,
        },
    )
}

const fn secs(secs: u64) -> Fit {
    Fit::After(Duration::from_secs(secs))
}

#[test]
fn worst_limit_speaks_and_all_are_listed() {
    let (a, b, shadow) = (limit("a", false), limit("b", false), limit("s", true));
    let check = |fits: &[(&Limit, Fit)], worst: &str, retry_after: Option<u64>, violated: &[&str]| {
        let over = refused(fits).unwrap();
        assert_eq!(
            (&*over.worst.limit, over.worst.wait),
            (
                worst,
                retry_after.map_or(Wait::Never, |secs| Wait::Exact(Duration::from_secs(secs)))
            )
        );
        assert_eq!(over.violated.iter().map(|name| &**name).collect::<Vec<_>>(), violated);
        assert_eq!(
            Refusal::OverLimit(over).retry_after(),
            retry_after.map(Duration::from_secs)
        );
    };
    check(&[(&a, secs(5)), (&b, Fit::Now)], "a", Some(5), &["a"]);
    check(&[(&a, secs(5)), (&b, secs(6))], "b", Some(6), &["a", "b"]);
    check(
        &[(&a, secs(6)), (&b, secs(5)), (&a, secs(7))],
        "a",
        Some(7),
        &["a", "b"],
    );
    check(&[(&a, secs(5)), (&shadow, secs(60))], "a", Some(5), &["a"]);
    check(&[(&a, Fit::Never), (&b, secs(5))], "a", None, &["a", "b"]);
    check(&[(&a, secs(5)), (&b, Fit::Never)], "b", None, &["a", "b"]);
}

#[test]
fn verdict_without_a_refusing_limit_has_no_refusal() {
    assert_eq!(refused(&[]), None);
    assert_eq!(
        refused(&[(&limit("a", false), Fit::Now), (&limit("s", true), secs(5))]),
        None
    );
}

#[test]
fn sentence_says_what_whose_how_much_until_when_and_how_to_avoid_it() {
    let check = |fits: &[(&Limit, Fit)], expect: &str| {
        assert_eq!(Refusal::OverLimit(refused(fits).unwrap()).sentence(), expect)
    };
    let (a, hinted) = (limit("a", false), limit("hinted", false));
    check(
        &[(&a, secs(5))],
        "The limit `a` allows 100 per 2 minutes for user ann; 150 of 150 are used. Try again in 5 s.",
    );
    check(
        &[(&a, secs(4)), (&hinted, secs(5))],
        "The limit `hinted` allows 100 per 2 minutes for user ann; 150 of 150 are used. Try again in 5 s. Also over its limit: `a`. Send many at once.",
    );
    check(
        &[(&a, Fit::Never)],
        "The limit `a` allows 100 per 2 minutes for user ann; this request asks for 1, which will never fit.",
    );
}

fn slots(name: &str) -> Limit {
    Limit {
        quantity: Quantity::Slots { quota: 10 },
        ..limit(name, false)
    }
}

// docs/semantics.md rule 9
#[test]
fn full_slots_give_a_hint_and_no_promise() {
    let (a, s) = (limit("a", false), slots("s"));
    let check = |fits: &[(&Limit, Fit)], worst: &str, wait: Wait| {
        let over = refused(fits).unwrap();
        assert_eq!((&*over.worst.limit, over.worst.wait), (worst, wait));
        let refusal = Refusal::OverLimit(over);
        assert_eq!(
            (refusal.retry_after(), refusal.exact_wait()),
            (wait.retry_after(), wait.exact())
        );
    };
    let of = Duration::from_secs;
    check(&[(&s, Fit::Full)], "s", Wait::Hint(SLOT_RETRY_HINT));
    // Whoever waits out the rate may still find the slots full.
    check(&[(&s, Fit::Full), (&a, secs(60))], "a", Wait::Hint(of(60)));
    check(&[(&a, secs(1)), (&s, Fit::Full)], "s", Wait::Hint(of(5)));
    check(&[(&a, secs(60)), (&s, Fit::Now)], "a", Wait::Exact(of(60)));
    check(&[(&s, Fit::Full), (&a, Fit::Never)], "a", Wait::Never);
    // Without room in the store the limit is not to blame.
    assert_eq!(refused(&[(&s, Fit::NoRoom)]), None);
    check(&[(&s, Fit::NoRoom), (&a, secs(60))], "a", Wait::Exact(of(60)));
}

#[test]
fn sentence_of_slots_says_how_many_are_open_and_to_close_one() {
    let check = |fits: &[(&Limit, Fit)], expect: &str| {
        assert_eq!(Refusal::OverLimit(refused(fits).unwrap()).sentence(), expect)
    };
    let (a, s, hinted) = (limit("a", false), slots("s"), slots("hinted"));
    check(
        &[(&s, Fit::Full)],
        "The limit `s` allows 10 open at once for user ann; 150 are open. Close one, or try again in 5 s.",
    );
    check(
        &[(&hinted, Fit::Full), (&a, secs(1))],
        "The limit `hinted` allows 10 open at once for user ann; 150 are open. Send many at once. Close one, or try again in 5 s. Also over its limit: `a`.",
    );
}

#[test]
fn no_two_causes_read_alike() {
    use Invalid::*;
    let over = |fit| Refusal::OverLimit(refused(&[(&limit("a", false), fit)]).unwrap());
    let mut all = vec![
        over(secs(5)),
        over(Fit::Never),
        Refusal::OverLimit(refused(&[(&slots("a"), Fit::Full)]).unwrap()),
        Refusal::MissingCredential,
        Refusal::TwoCredentials(Role::User),
        Refusal::TwoCredentials(Role::App),
        Refusal::NotYours(STATION.of(1)),
        Refusal::NotYours(DEVICE.of(1)),
        Refusal::NoSuch(STATION.of(1)),
        Refusal::NoSuch(DEVICE.of(1)),
        Refusal::NotOfInstance,
        Refusal::NoRoute,
        Refusal::BodyTooLarge {
            asked_bytes: Some(6),
            allowed_bytes: 5,
        },
        Refusal::NoCapacity {
            retry_after: Duration::from_secs(5),
        },
        Refusal::UpstreamFailed("reset".into()),
        Refusal::UpstreamSilent {
            waited: Duration::from_secs(5),
        },
        Refusal::Internal("secret".into()),
        Refusal::BodyStalled,
    ];
    all.extend([Malformed, Unknown, Expired, Revoked, AppAlone].map(Refusal::BadCredential));
    let ambiguous = {
        use Ambiguous::*;
        [
            HostCount,
            HostForm,
            HostDiffers,
            LengthAndCoding,
            Length,
            Coding,
            Expectation,
            Underscore,
            Path,
            Target,
            LineEnd,
            RequestLine,
            FieldLine,
            Chunks,
        ]
    };
    all.extend(ambiguous.map(Refusal::Ambiguous));
    all.extend([HeadBound::Target(1), HeadBound::Bytes(1), HeadBound::Fields(1)].map(Refusal::HeadTooLarge));
    let mut seen: HashMap<String, &Refusal> = HashMap::new();
    for refusal in &all {
        let sentence = refusal.sentence();
        assert!(sentence.ends_with('.') && !sentence.contains("secret"), "{sentence}");
        assert_eq!(seen.insert(sentence, refusal), None, "{refusal:?} reads like another");
    }
}

#[test]
fn windows_are_in_the_words_of_a_limits_page() {
    let check = |secs: u64, expect: &str| assert_eq!(per(Duration::from_secs(secs)), expect);
    check(1, "per second");
    check(2, "per 2 seconds");
    check(60, "per minute");
    check(90, "per 90 seconds");
    check(120, "per 2 minutes");
    check(3_600, "per hour");
    check(5_400, "per 90 minutes");
    check(86_400, "per day");
    check(36 * 3_600, "per 36 hours");
    check(7 * 86_400, "per week");
    check(14 * 86_400, "per 2 weeks");
    check(30 * 86_400, "per 30 days");
    check(31 * 86_400, "per month");
    check(62 * 86_400, "per 62 days");
    assert_eq!(per(Duration::from_millis(500)), "per 500 ms");
    assert_eq!(per(Duration::from_millis(1_500)), "per 1500 ms");
}

#[test]
fn spans_are_rounded_up_so_that_nobody_who_keeps_to_them_is_early() {
    let check = |ms: u64, expect: &str| assert_eq!(span(Duration::from_millis(ms)), expect, "{ms} ms");
    check(0, "0 ms");
    check(600, "600 ms");
    check(1_000, "1 s");
    check(1_001, "2 s");
    check(119_000, "119 s");
    check(119_001, "2 min");
    check(200_000, "3 min 20 s");
    check(7_140_000, "119 min");
    check(7_140_001, "2 h");
    check(7_500_000, "2 h 5 min");
    check(7_500_001, "2 h 6 min");
    check(47 * 3_600_000 + 1, "47 h 1 min");
    check(47 * 3_600_000 + 59 * 60_000 + 1, "2 d");
    check(291 * 3_600_000, "12 d 3 h");
    check(291 * 3_600_000 + 1, "12 d 4 h");
    assert_eq!(span(Duration::from_nanos(1)), "1 ms");
}
