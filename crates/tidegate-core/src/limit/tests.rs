use proptest::prelude::*;

use super::*;

fn rate(quota: u32, burst: u32) -> Quantity {
    Quantity::Rate {
        quota,
        burst,
        window: Duration::from_secs(60),
    }
}

#[test]
fn burst_scales_with_an_overridden_quota() {
    let check = |quantity: Quantity, new: u32, expect: (u32, u32)| {
        let scaled = quantity.with_quota(new);
        assert_eq!((scaled.quota(), scaled.burst()), expect, "{quantity:?} with {new}");
    };
    check(rate(100, 100), 200, (200, 200));
    check(rate(100, 150), 50, (50, 75));
    check(rate(100, 30), 10, (10, 3));
    check(rate(100, 1), 10, (10, 1));
    check(rate(1, u32::MAX), 2, (2, u32::MAX));
    check(rate(100, 100), 0, (1, 1));
    check(
        Quantity::Quota {
            quota: 5,
            period: Period::Day,
        },
        9,
        (9, 9),
    );
    check(Quantity::Slots { quota: 10 }, 20, (20, 20));
    check(Quantity::Slots { quota: 10 }, 0, (1, 1));
}

#[test]
fn a_sliding_quota_is_its_own_bound_and_stays_within_what_is_remembered() {
    let sliding = |quota| Quantity::Sliding {
        quota,
        window: Duration::from_secs(120),
    };
    let twelve = sliding(12);
    assert_eq!((twelve.quota(), twelve.burst(), twelve.bound()), (12, 12, 12));
    assert_eq!(twelve.with_quota(24), sliding(24));
    assert_eq!(
        twelve.with_quota(65),
        sliding(64),
        "an override from when the limit was a rate"
    );
    // A wide block remembers its neighbours' units, each by itself too.
    assert_eq!(twelve.times(16), sliding(192));
}

#[test]
fn slots_have_one_number_and_no_window() {
    let slots = Quantity::Slots { quota: 10 };
    assert_eq!(
        (slots.quota(), slots.burst(), slots.bound(), slots.window()),
        (10, 10, 10, None)
    );
    assert_eq!(slots.times(16), Quantity::Slots { quota: 160 });
    assert!(slots.is_slots() && !rate(10, 10).is_slots());
}

#[test]
fn stated_bound_is_quota_and_burst_and_of_calendars_what_windows_meet_in_a_span() {
    assert_eq!(rate(100, 150).bound(), 250);
    assert_eq!(rate(u32::MAX, u32::MAX).bound(), 2 * u64::from(u32::MAX));
    for (period, bound) in [
        (Period::Minute, 20),
        (Period::Hour, 20),
        (Period::Day, 20),
        (Period::Week, 20),
        (Period::Month, 30),
    ] {
        assert_eq!(Quantity::Quota { quota: 10, period }.bound(), bound, "{period:?}");
    }
}

proptest! {
    #[test]
    fn burst_at_least_the_quota_stays_so_under_any_override_and_factor(
        quota in 1..=u32::MAX, burst in 1..=u32::MAX, new in any::<u32>(), factor in prop_oneof![Just(1_u32), Just(4), Just(16)],
    ) {
        let (quota, burst) = (quota.min(burst), quota.max(burst));
        for quantity in [rate(quota, burst).with_quota(new), rate(quota, burst).times(factor), rate(quota, burst).with_quota(new).times(factor)] {
            prop_assert!(quantity.burst() >= quantity.quota() && quantity.quota() >= 1);
        }
    }
}
