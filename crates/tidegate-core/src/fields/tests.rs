use sfv::{BareItem, ListEntry, Parser};

use super::*;
use crate::{
    cell::Fit,
    decide::{Outcome, Tag, Take},
    limit::{Limit, Period, Quantity},
    limit_check::Scope,
    overrides::Origin,
    partition::CellId,
    testing,
};

fn limit(name: &str, quantity: Quantity, shadow: bool) -> Limit {
    testing::limit(name).quantity(quantity).shadow(shadow).build()
}

fn rate(quota: u32, ms: u64) -> Quantity {
    Quantity::Rate {
        quota,
        burst: quota,
        window: Duration::from_millis(ms),
    }
}

/// The fields of limits, each with what remains and the milliseconds until nothing is used.
fn fields(applied: &[(&Limit, u64, u64)]) -> Option<RateLimitFields> {
    let ask = |(limit, ..): &(&'_ Limit, u64, u64)| -> Take {
        Take {
            cell: CellId(1),
            tag: Tag { limit: 1, user: None },
            quantity: limit.quantity,
            cost: 1,
            shadow: limit.shadow,
            subkey: None,
        }
    };
    let checks: Vec<LimitCheck<'_>> = applied
        .iter()
        .map(|one| LimitCheck {
            until_ms: None,
            limit: one.0,
            take: ask(one),
            origin: Origin::Limit,
            scope: Scope::default(),
        })
        .collect();
    let outcomes = applied
        .iter()
        .map(|(limit, remaining, ms)| Outcome {
            standing: Standing {
                used: 0,
                remaining: *remaining,
                resets_in: limit.quantity.window().map(|_| Duration::from_millis(*ms)),
                warned: false,
            },
            fit: Fit::Now,
            warns: false,
        })
        .collect();
    rate_limit(
        &checks,
        &Verdict {
            admitted: true,
            outcomes,
        },
    )
}

fn check(applied: &[(&Limit, u64, u64)], policy: &str, limit: &str) {
    let found = fields(applied).unwrap();
    let [found_policy, found_limit] = [&found.policy, &found.limit].map(|value| value.to_str().unwrap());
    assert_eq!((found_policy, found_limit), (policy, limit));
    for text in [found_policy, found_limit] {
        let list: sfv::List = Parser::new(text).parse().unwrap();
        for entry in list {
            let ListEntry::Item(item) = entry else {
                panic!("{text}: an inner list")
            };
            assert!(
                matches!(item.bare_item, BareItem::String(_)) && (1..=2).contains(&item.params.len()),
                "{text}"
            );
        }
    }
}

#[test]
fn each_limit_that_applied_is_one_item() {
    let (minute, day) = (
        limit("rest-per-user", rate(100, 60_000), false),
        limit(
            "per-day",
            Quantity::Quota {
                quota: 5,
                period: Period::Day,
            },
            false,
        ),
    );
    check(
        &[(&minute, 99, 600)],
        "\"rest-per-user\";q=100;w=60",
        "\"rest-per-user\";r=99;t=1",
    );
    check(
        &[(&minute, 0, 60_000), (&day, 4, 3_600_001)],
        "\"rest-per-user\";q=100;w=60, \"per-day\";q=5;w=86400",
        "\"rest-per-user\";r=0;t=60, \"per-day\";r=4;t=3601",
    );
}

#[test]
fn slots_say_how_many_at_once_and_no_window_nor_reset() {
    let (slots, minute) = (
        limit("websockets-per-user", Quantity::Slots { quota: 10 }, false),
        limit("connects-per-user", rate(120, 60_000), false),
    );
    check(
        &[(&slots, 9, 0)],
        "\"websockets-per-user\";q=10;qu=\"concurrent-requests\"",
        "\"websockets-per-user\";r=9",
    );
    check(
        &[(&slots, 0, 0), (&minute, 119, 500)],
        "\"websockets-per-user\";q=10;qu=\"concurrent-requests\", \"connects-per-user\";q=120;w=60",
        "\"websockets-per-user\";r=0, \"connects-per-user\";r=119;t=1",
    );
}

#[test]
fn tightest_block_of_a_limit_speaks_for_it() {
    let [narrow, wide, site] = [150, 600, 2_400].map(|quota| limit("per-ip", rate(quota, 3_600_000), false));
    check(
        &[(&narrow, 9, 0), (&wide, 3, 2_000), (&site, 80, 0)],
        "\"per-ip\";q=600;w=3600",
        "\"per-ip\";r=3;t=2",
    );
    check(
        &[(&narrow, 9, 1_000), (&wide, 9, 2_000)],
        "\"per-ip\";q=150;w=3600",
        "\"per-ip\";r=9;t=1",
    );
}

/// A verdict about three blocks of one limit and one other limit; these of them warn.
fn warned(warns: [bool; 4]) -> String {
    let [narrow, wide, site] = [10, 40, 160].map(|quota| limit("per-ip", rate(quota, 60_000), false));
    let slots = limit("slots", Quantity::Slots { quota: 10 }, false);
    let limits = [&narrow, &wide, &site, &slots];
    let takes = limits.map(|limit| Take {
        cell: CellId(1),
        tag: Tag { limit: 1, user: None },
        quantity: limit.quantity,
        cost: 1,
        shadow: false,
        subkey: None,
    });
    let outcome = |(warns, remaining)| Outcome {
        standing: Standing {
            used: 0,
            remaining,
            resets_in: None,
            warned: false,
        },
        fit: Fit::Now,
        warns,
    };
    let verdict = Verdict {
        admitted: true,
        outcomes: warns.into_iter().zip([2, 8, 32, 2]).map(outcome).collect(),
    };
    let named = limits.iter().map(|limit| &*limit.name).zip(&takes);
    let found = rate_limit_again(named, &verdict, None).unwrap();
    found.limit.to_str().unwrap().to_owned()
}

// docs/semantics.md rule 13
#[test]
fn a_limit_that_warns_says_so_in_its_item_whichever_of_its_blocks_it_is() {
    for (warns, text) in [
        ([false; 4], "\"per-ip\";r=2, \"slots\";r=2"),
        ([true, false, false, false], "\"per-ip\";r=2;warn, \"slots\";r=2"),
        ([false, false, true, false], "\"per-ip\";r=2;warn, \"slots\";r=2"),
        ([false, false, false, true], "\"per-ip\";r=2, \"slots\";r=2;warn"),
    ] {
        assert_eq!(warned(warns), text);
        let list: sfv::List = Parser::new(text).parse().unwrap();
        let is_true = |entry: &ListEntry| match entry {
            ListEntry::Item(item) => item.params.get("warn") == Some(&BareItem::Boolean(true)),
            ListEntry::InnerList(_) => false,
        };
        assert_eq!(list.iter().any(is_true), warns.contains(&true));
    }
}

#[test]
fn shadow_limits_are_not_shown() {
    let (shown, shadow) = (limit("a", rate(1, 1_000), false), limit("b", rate(1, 1_000), true));
    check(&[(&shadow, 0, 0), (&shown, 1, 0)], "\"a\";q=1;w=1", "\"a\";r=1;t=0");
    assert_eq!(fields(&[(&shadow, 0, 0)]), None);
    assert_eq!(fields(&[]), None);
}

#[test]
fn largest_numbers_are_still_structured_integers() {
    let large = limit("a", rate(u32::MAX, u64::MAX / 1_000_000), false);
    check(
        &[(&large, u64::MAX, u64::MAX)],
        "\"a\";q=4294967295;w=18446744074",
        "\"a\";r=999999999999999;t=999999999999999",
    );
    check(
        &[(&limit("a", rate(5, 500), false), 5, 0)],
        "\"a\";q=5;w=1",
        "\"a\";r=5;t=0",
    );
}

#[test]
fn waits_are_rounded_up() {
    for (wait, secs, ms) in [
        (Duration::ZERO, 0, 0),
        (Duration::from_nanos(1), 1, 1),
        (Duration::from_millis(999), 1, 999),
        (Duration::from_secs(1), 1, 1_000),
        (Duration::new(1, 1), 2, 1_001),
        (Duration::MAX, u64::MAX, u64::MAX),
    ] {
        assert_eq!((retry_after_secs(wait), retry_after_ms(wait)), (secs, ms), "{wait:?}");
    }
}
