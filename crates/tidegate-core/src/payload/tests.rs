use super::*;
use crate::{overrides::Override, tenant::OwnAmount, testing};

pub(super) fn limit(kind: PayloadKind, quota: u32) -> PayloadLimit {
    testing::payload_limit(kind, quota).build()
}

pub(super) fn in_force(kind: PayloadKind, quota: u32) -> Bounded {
    testing::payload_limit(kind, quota).bounded()
}

const POINTS: PayloadKind = PayloadKind::Points {
    quota_strings: Some(10_000),
};

fn of_tenant(limit: PayloadLimit, overrides: &Overrides) -> (u32, String) {
    let found = bounded(
        [&Arc::new(limit)],
        &Identity::Anonymous,
        Some(&"acme".into()),
        overrides,
        0,
    );
    (found[0].quota, found[0].origin.to_string())
}

#[test]
fn an_override_outranks_the_tenants_table_which_outranks_the_limit() {
    let mut limit = limit(POINTS, 550_000);
    assert_eq!(
        of_tenant(limit.clone(), &Overrides::default()),
        (550_000, "limit".into())
    );
    let own = Own {
        amount: Some(OwnAmount {
            quota: 700_000,
            burst: None,
        }),
        ..Own::default()
    };
    limit.tenants.insert("acme".into(), own);
    assert_eq!(
        of_tenant(limit.clone(), &Overrides::default()),
        (700_000, "tenant acme (limits file)".into())
    );
    let mut overrides = Overrides::default();
    let by_hand = Override {
        quota: 1_000_000,
        until_ms: None,
    };
    overrides.set_tenant("points", "acme", by_hand);
    assert_eq!(of_tenant(limit, &overrides), (1_000_000, "tenant acme".into()));
}

#[test]
fn the_quota_of_strings_scales_with_the_quota() {
    let limit = limit(POINTS, 550_000);
    assert_eq!(limit.quota_strings(550_000), Some(10_000));
    assert_eq!(limit.quota_strings(1_100_000), Some(20_000));
    assert_eq!(limit.quota_strings(1), Some(1));
}

#[test]
fn a_limit_concerns_only_those_it_names() {
    let mut limit = limit(PayloadKind::Samples, 5);
    for (who, concerned) in [(Who::Everyone, 1), (Who::Anonymous, 1), (Who::Known, 0)] {
        limit.who = who;
        let limits = [Arc::new(limit.clone())];
        let found = bounded(&limits, &Identity::Anonymous, None, &Overrides::default(), 0);
        assert_eq!(found.len(), concerned, "{who:?}");
    }
}
