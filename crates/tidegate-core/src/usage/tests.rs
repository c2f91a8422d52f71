use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

const AMOUNTS: Amounts = Amounts {
    bytes_in: 3,
    bytes_out: 5,
    samples: 7,
};

fn ms(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

// fault 82
#[test]
fn upstream_answers_below_500_other_than_404_are_billed_unless_they_broke_off() {
    for status in 100..600 {
        for end in [End::Complete, End::Cancelled, End::Failed] {
            let sums = charge(Answer::Upstream { status }, end, AMOUNTS);
            let billed = status < 500 && status != 404 && end != End::Failed;
            assert_eq!(
                (sums.transactions, sums.unbilled),
                (u64::from(billed), u64::from(!billed)),
                "{status} {end:?}"
            );
            assert_eq!(
                (sums.bytes_in, sums.bytes_out, sums.samples),
                if billed { (3, 5, 7) } else { (0, 0, 0) }
            );
        }
    }
}

#[test]
fn what_the_gate_or_the_cache_answers_is_never_billed_and_counted_apart() {
    for end in [End::Complete, End::Cancelled, End::Failed] {
        let cached = charge(Answer::Cached, end, AMOUNTS);
        assert_eq!((cached.cached, cached.transactions, cached.bytes_out), (1, 0, 0));
        assert_eq!((cached.cached_bytes_out, cached.cached_samples), (5, 7));
        for status in 400..600 {
            let own = charge(Answer::Own { status }, end, AMOUNTS);
            let is_refused = status < 500 || status == 503;
            assert_eq!(
                (own.refused, own.unbilled),
                (u64::from(is_refused), u64::from(!is_refused))
            );
            assert_eq!(
                (own.transactions, own.bytes_in, own.bytes_out, own.samples),
                (0, 0, 0, 0)
            );
        }
        assert_eq!(charge(Answer::None, end, AMOUNTS).unbilled, 1);
    }
}

// fault 79. A month ends where UTC's does, whatever a zone's clocks do and although 2016 ended with a leap second.
#[test]
fn an_instant_is_in_the_month_of_utc() {
    for (at, month) in [
        ("2026-11-30T23:59:59.999Z", "2026-11"),
        ("2026-12-01T00:00:00Z", "2026-12"),
        ("2026-12-01T01:30:00+02:00", "2026-11"),
        ("2026-10-31T23:30:00-05:00", "2026-11"),
        ("2026-03-29T02:30:00+02:00", "2026-03"),
        ("2024-02-29T12:00:00Z", "2024-02"),
        ("2016-12-31T23:59:60Z", "2016-12"),
        ("2017-01-01T00:00:00Z", "2017-01"),
    ] {
        assert_eq!(Month::of(ms(at)).to_string(), month, "{at}");
    }
    assert_eq!(Month::of(i64::MAX).to_string(), "9999-12");
    assert_eq!(Month::of(i64::MIN).to_string(), "0000-01");
}

#[test]
fn days_outside_of_four_digits_of_a_year_are_its_first_and_last() {
    assert_eq!(Day::of(i64::MAX).to_string(), "9999-12-31");
    assert_eq!(Day::of(i64::MIN).to_string(), "0000-01-01");
    assert_eq!(Day::numbered(Day::of(i64::MAX).number() + 1), None);
}

#[test]
fn only_a_month_is_a_month() {
    assert_eq!(
        "2026-11".parse::<Month>().unwrap(),
        Month::of(ms("2026-11-22T12:00:00Z"))
    );
    for text in [
        "",
        "2026",
        "2026-13",
        "2026-00",
        "2026-1",
        "26-11",
        "+026-11",
        "2026-11-01",
        "november",
    ] {
        assert_eq!(text.parse::<Month>(), Err(NotAMonth), "{text}");
    }
}

proptest! {
    #[test]
    fn a_month_is_what_it_is_written_as(wall_ms in 0_i64..253_402_300_800_000) {
        let month = Month::of(wall_ms);
        prop_assert_eq!(month.to_string().parse(), Ok(month));
        prop_assert_eq!(Month::numbered(month.number()), Some(month));
        prop_assert!(Month::of(wall_ms + 31 * 86_400_000) > month);
    }

    // fault 79
    #[test]
    fn a_day_is_one_of_its_months_and_is_written_as_the_calendar_does(wall_ms in -62_167_219_200_000_i64..253_402_300_800_000) {
        let day = Day::of(wall_ms);
        let at = jiff::Timestamp::from_millisecond(wall_ms).unwrap().to_zoned(jiff::tz::TimeZone::UTC);
        prop_assert_eq!(day.to_string(), at.date().to_string());
        prop_assert_eq!(day.month(), Month::of(wall_ms));
        prop_assert_eq!(Day::numbered(day.number()), Some(day));
        let days: Vec<Day> = day.month().days().collect();
        prop_assert_eq!(days.iter().position(|one| *one == day), Some(at.day() as usize - 1));
        prop_assert_eq!(days.len(), at.days_in_month() as usize);
    }

    // fault 79
    #[test]
    fn a_number_is_new_once_in_whatever_order_numbers_come(seqs in prop::collection::vec(0_u64..40, 0..120)) {
        let (mut set, mut model) = (Seqs::default(), BTreeSet::new());
        for seq in seqs {
            prop_assert_eq!(set.insert(seq), model.insert(seq));
            prop_assert_eq!(set.to_string().parse(), Ok(set.clone()));
        }
        for seq in 0..41 {
            prop_assert_eq!(set.contains(seq), model.contains(&seq));
        }
        let gaps = model.iter().filter(|seq| **seq > 0 && !model.contains(&(**seq - 1))).count();
        let missing = (1..=model.last().copied().unwrap_or(0)).filter(|seq| !model.contains(seq)).count() as u64;
        prop_assert!(model.contains(&0) || set.missing() == missing);
        prop_assert_eq!(set.ranges(), gaps + usize::from(model.contains(&0)));
    }
}

#[test]
fn ranges_that_are_none_are_refused() {
    for text in ["1", "2-1", "1-2,3-4", "1-2,2-4", "5-6,1-2", "a-b", "1-2,", ","] {
        assert_eq!(text.parse::<Seqs>(), Err(NotSeqs), "{text}");
    }
}

#[test]
fn a_coarser_payer_is_the_tenant_and_then_nobody() {
    let payer = Payer {
        tenant: Some("acme".into()),
        user: Some("ann".into()),
        route: Some("feed".into()),
    };
    let tenant = payer.coarser();
    assert_eq!(
        (tenant.tenant.as_deref(), &tenant.user, &tenant.route),
        (Some("acme"), &None, &None)
    );
    assert_eq!(tenant.coarser(), Payer::default());
    assert_eq!(Payer::default().coarser(), Payer::default());
}
