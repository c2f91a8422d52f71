use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use tidegate_core::{
    identity::Identity,
    refusal::{OverLimit, Refusal, Violation},
    testing,
    wait::Wait,
};

use super::*;

const NOON_MS: i64 = 1_795_348_800_000;

fn at(minutes: i64) -> Now {
    Now {
        mono_ns: (365 * 24 * 60 + minutes.unsigned_abs()) * 60 * 1_000_000_000,
        wall_ms: NOON_MS + minutes * 60_000,
    }
}

fn user(name: &str) -> Identity {
    testing::token(name).id("t_1").known()
}

fn over(limit: &str) -> Refusal {
    Refusal::OverLimit(OverLimit {
        worst: Violation {
            limit: limit.into(),
            scope: "user ann".into(),
            quota: 1,
            window: None,
            burst: 1,
            used: 1,
            cost: 1,
            wait: Wait::Never,
            hint: None,
            from: "limit".into(),
        },
        violated: vec![limit.into()],
    })
}

/// The route and page of a request.
struct Place {
    route: Arc<str>,
    page: Arc<str>,
}

impl Place {
    fn new(route: &str) -> Place {
        Place {
            route: route.into(),
            page: "tempest".into(),
        }
    }

    fn answered<'a>(&'a self, identity: &'a Identity, status: u16) -> Answered<'a> {
        Answered {
            route: Some(&self.route),
            page: Some(&self.page),
            identity,
            client: Ipv4Addr::LOCALHOST.into(),
            status,
            took_ns: 1_000,
            refusal: None,
            cache: None,
        }
    }
}

fn stranger(number: u32) -> IpAddr {
    let [a, b, c, d] = number.to_be_bytes();
    Ipv6Addr::new(
        0x2001,
        0xdb8,
        u16::from_be_bytes([a, b]),
        u16::from_be_bytes([c, d]),
        0,
        0,
        0,
        1,
    )
    .into()
}

#[test]
fn an_answer_is_counted_once_in_each_place() {
    let (stats, place) = (Stats::new(at(0)), Place::new("feed-get"));
    let (ann, bob) = (user("ann"), user("bob"));
    let refusal = over("rest-per-user");
    stats.answered(&place.answered(&ann, 200), at(0));
    let cached = Answered {
        cache: Some(CacheOutcome::Hit),
        ..place.answered(&ann, 200)
    };
    stats.answered(&cached, at(1));
    let refused = Answered {
        refusal: Some(&refusal),
        ..place.answered(&bob, 429)
    };
    stats.answered(&refused, at(1));
    let seen = stats.over(Span::Hour, at(1));
    assert_eq!((&seen.requests[58..], &seen.refused[58..]), (&[1, 2][..], &[0, 1][..]));
    assert_eq!(seen.cached.iter().sum::<u64>(), 1);
    assert_eq!(
        (&*seen.by_limit[0].limit, seen.by_limit[0].points[59]),
        ("rest-per-user", 1)
    );
    assert_eq!(seen.by_route[0].requests, 3);
    let totals = stats.totals();
    assert_eq!(totals.requests, [("feed-get".into(), [0, 2, 0, 1, 0])]);
    assert_eq!((totals.by_limit[0].over, totals.by_limit[0].never), (0, 1));
    assert_eq!(totals.durations[0].1.at_most.last(), Some(&3));
    let top = stats.top(TopOrder::Refused, Span::Hour, 10, at(1));
    assert_eq!(top.len(), 1);
    assert_eq!(
        (&*top[0].subject, top[0].limit.as_deref()),
        ("bob", Some("rest-per-user"))
    );
    let top = stats.top(TopOrder::Requests, Span::Day, 10, at(1));
    let rows: Vec<_> = top
        .iter()
        .map(|row| (&*row.subject, row.requests, row.refused))
        .collect();
    assert_eq!(rows, [("ann", 2, 0), ("bob", 1, 1)]);
}

#[test]
fn what_is_answered_5xx_is_failed_whoever_answered_and_nothing_else_is() {
    let (stats, place) = (Stats::new(at(0)), Place::new("feed-get"));
    let ann = user("ann");
    for status in [200, 304, 404, 429, 499, 500, 502, 503] {
        stats.answered(&place.answered(&ann, status), at(1));
    }
    let seen = stats.over(Span::Hour, at(1));
    assert_eq!((&seen.failed[58..], &seen.requests[58..]), (&[0, 3][..], &[0, 8][..]));
}

#[test]
fn routes_that_two_pages_call_alike_are_one_count_and_their_pages_two() {
    let (stats, ann) = (Stats::new(at(0)), user("ann"));
    let (one, other) = (
        Place::new("other"),
        Place {
            page: "grovestreams".into(),
            ..Place::new("other")
        },
    );
    for place in [&one, &other, &other] {
        stats.answered(&place.answered(&ann, 200), at(0));
    }
    let totals = stats.totals();
    assert_eq!(totals.requests, [("other".into(), [0, 3, 0, 0, 0])]);
    let durations: Vec<(&str, u64)> = totals
        .durations
        .iter()
        .map(|(page, own)| (&**page, own.at_most[0]))
        .collect();
    assert_eq!(durations, [("grovestreams", 2), ("tempest", 1)]);
}

#[test]
fn what_failed_here_or_upstream_refuses_nobody() {
    let (stats, place, ann) = (Stats::new(at(0)), Place::new("feed-get"), user("ann"));
    let refusal = Refusal::UpstreamFailed("it refused the connection".into());
    let failed = Answered {
        refusal: Some(&refusal),
        ..place.answered(&ann, 502)
    };
    stats.answered(&failed, at(0));
    assert_eq!(stats.over(Span::Hour, at(0)).refused.iter().sum::<u64>(), 0);
    assert!(stats.top(TopOrder::Refused, Span::Hour, 10, at(0)).is_empty());
    let totals = stats.totals();
    assert!(totals.by_kind.contains(&(RefusalKind::UpstreamFailed, 1)), "{totals:?}");
    assert_eq!(totals.requests[0].1, [0, 0, 0, 0, 1]);
}

#[test]
fn a_status_outside_of_http_is_counted_at_the_edge() {
    let (stats, place, ann) = (Stats::new(at(0)), Place::new("feed-get"), user("ann"));
    for status in [0, 99, 600, u16::MAX] {
        stats.answered(&place.answered(&ann, status), at(0));
    }
    assert_eq!(stats.totals().requests[0].1, [2, 0, 0, 0, 2]);
}

#[test]
fn the_most_sockets_of_a_minute_are_kept() {
    let stats = Stats::new(at(0));
    stats.socket_opened(1, at(0));
    stats.socket_opened(2, at(0));
    stats.sockets_open(0, at(1));
    let seen = stats.over(Span::Hour, at(1));
    assert_eq!((&seen.sockets[58..], stats.totals().sockets_opened), (&[2, 0][..], 2));
}

#[test]
fn every_kind_of_refusal_has_a_word_of_its_own() {
    let words: std::collections::BTreeSet<&str> = RefusalKind::ALL.iter().map(|kind| kind.as_str()).collect();
    assert_eq!(words.len(), RefusalKind::ALL.len());
    for (place, kind) in RefusalKind::ALL.into_iter().enumerate() {
        assert_eq!(kind as usize, place);
    }
}

/// Far more callers than are kept; `cargo run --release -p tidegate-engine --example answers` takes a million.
const CROWD: u32 = 150_000;

// fault 61
#[test]
fn a_crowd_of_callers_changes_neither_the_number_of_counts_nor_what_is_kept() {
    let (stats, place) = (Stats::new(at(0)), Place::new("feed-get"));
    let refusal = over("rest-per-user");
    let shape = |stats: &Stats| {
        let totals = stats.totals();
        (
            totals.requests.len(),
            totals.by_limit.len(),
            totals.by_kind.len(),
            totals.durations.len(),
        )
    };
    let heavy = user("heavy");
    let mut first = None;
    for number in 0..CROWD {
        let from = Answered {
            client: stranger(number),
            refusal: (number % 3 == 0).then_some(&refusal),
            ..place.answered(&Identity::Anonymous, 429)
        };
        stats.answered(&from, at(0));
        // One in a hundred comes from one caller, who is found among them all.
        if number % 100 == 0 {
            stats.answered(&place.answered(&heavy, 200), at(0));
        }
        first.get_or_insert_with(|| shape(&stats));
    }
    assert_eq!(Some(shape(&stats)), first);
    assert_eq!(
        (stats.most_used.held(), stats.most_refused.held()),
        (CALLERS_MAX, CALLERS_MAX)
    );
    let top = &stats.top(TopOrder::Requests, Span::Hour, 1, at(0))[0];
    assert_eq!(&*top.subject, "heavy");
    assert!(
        top.requests >= u64::from(CROWD / 100) && top.requests - top.over_by_max <= u64::from(CROWD / 100),
        "{top:?}"
    );
    assert!(
        top.over_by_max <= u64::from(CROWD + CROWD / 100) / CALLERS_MAX as u64,
        "{top:?}"
    );
}
