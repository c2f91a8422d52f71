use super::{super::sketch::WhoRef, *};

fn at(minutes: u64) -> Now {
    Now {
        mono_ns: (365 * 24 * 60 + minutes) * 60 * 1_000_000_000,
        wall_ms: 0,
    }
}

fn add(ranking: &Ranking, who: &str, now: Now) {
    let met = Met {
        who: WhoRef::User(who),
        tenant: None,
        limit: None,
    };
    ranking.add(met, now);
}

fn shown(ranking: &Ranking, span: Span, now: Now) -> Vec<(String, u64)> {
    let summary = ranking.over(span, now);
    let entries = summary.entries.into_iter();
    entries.map(|(who, entry)| (who.to_string(), entry.count)).collect()
}

fn counts(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
    expected
        .iter()
        .map(|(who, count)| ((*who).to_owned(), *count))
        .collect()
}

#[test]
fn what_came_within_the_hour_is_counted_and_what_came_before_only_in_the_day() {
    let ranking = Ranking::new(at(0));
    add(&ranking, "ann", at(0));
    for minutes in [0, 20, 40, 55] {
        add(&ranking, "bob", at(minutes));
    }
    assert_eq!(shown(&ranking, Span::Hour, at(59)), counts(&[("bob", 4), ("ann", 1)]));
    assert_eq!(shown(&ranking, Span::Hour, at(60)), counts(&[("bob", 3)]));
    assert_eq!(shown(&ranking, Span::Day, at(60)), counts(&[("bob", 4), ("ann", 1)]));
    assert_eq!(shown(&ranking, Span::Hour, at(110)), counts(&[]));
    assert_eq!(
        shown(&ranking, Span::Day, at(24 * 60 - 1)),
        counts(&[("bob", 4), ("ann", 1)])
    );
    assert_eq!(shown(&ranking, Span::Day, at(25 * 60)), counts(&[]));
}

#[test]
fn the_foremost_are_users_of_this_quarter_and_then_of_the_one_before() {
    let ranking = Ranking::new(at(0));
    for (who, times) in [("ann", 3), ("bob", 2), ("cid", 1)] {
        (0..times).for_each(|_| add(&ranking, who, at(0)));
    }
    let stranger = Met {
        who: WhoRef::Block(tidegate_core::address::blocks([192, 0, 2, 1].into()).next().unwrap()),
        tenant: None,
        limit: None,
    };
    (0..9).for_each(|_| ranking.add(stranger, at(0)));
    let foremost = |users_max, minutes| -> Vec<String> {
        let users = ranking.foremost(users_max, at(minutes));
        users.iter().map(ToString::to_string).collect()
    };
    assert_eq!(foremost(2, 14), ["ann", "bob"]);
    add(&ranking, "dan", at(15));
    assert_eq!(foremost(2, 15), ["dan", "ann", "bob"]);
    assert_eq!(foremost(2, 31), ["dan"]);
    assert_eq!(foremost(2, 120), Vec::<String>::new());
}

#[test]
fn a_late_reading_of_time_counts_in_the_running_quarter() {
    let ranking = Ranking::new(at(0));
    add(&ranking, "ann", at(15));
    add(&ranking, "bob", at(14));
    assert_eq!(shown(&ranking, Span::Hour, at(15)), counts(&[("ann", 1), ("bob", 1)]));
}

// fault 60
#[test]
fn a_day_of_strangers_that_nobody_looks_at_keeps_its_bound() {
    let ranking = Ranking::new(at(0));
    let bound = CALLERS_MAX * (QUARTERS_MAX + HOURS_MAX) as usize;
    for minutes in 0..25 * 60 {
        for stranger in 0..200 {
            add(&ranking, &format!("{minutes} {stranger}"), at(minutes));
        }
        if minutes % 60 == 0 {
            assert!(ranking.held() <= bound, "{} after {minutes} minutes", ranking.held());
        }
    }
    assert!(
        ranking.held() > CALLERS_MAX * (HOURS_MAX as usize - 1),
        "{}",
        ranking.held()
    );
}
