use std::collections::HashMap;

use proptest::prelude::*;

use super::*;
use crate::{
    identity::{Token, TokenKind},
    tenant::Own,
    testing,
};

fn limit(per: Vec<Part>) -> Limit {
    testing::limit("l").known().per(&per).plan("gold", 1_000).build()
}

fn token(subject: &str, tenant: &str, plan: &str) -> Arc<Token> {
    testing::token(subject).id("id").tenant(tenant).plan(Some(plan)).build()
}

fn quota(per: Vec<Part>, known: Option<&Known>, overrides: &Overrides, wall_ms: i64) -> (u32, String) {
    let effective = effective(&limit(per), known, None, overrides, wall_ms);
    (effective.quantity.quota(), effective.origin.to_string())
}

#[test]
fn override_concerns_its_own_limit_and_name_alone() {
    let known = |subject, tenant| Known {
        token: token(subject, tenant, "none"),
        app: None,
    };
    let mut overrides = Overrides::default();
    overrides.set_user(
        "l",
        "ann",
        Override {
            quota: 7,
            until_ms: None,
        },
    );
    overrides.set_user(
        "other",
        "bob",
        Override {
            quota: 8,
            until_ms: None,
        },
    );
    overrides.set_tenant(
        "l",
        "acme",
        Override {
            quota: 9,
            until_ms: None,
        },
    );
    let check = |subject, tenant, expect: (u32, &str)| {
        assert_eq!(
            quota(vec![Part::User], Some(&known(subject, tenant)), &overrides, 0),
            (expect.0, expect.1.into())
        )
    };
    check("ann", "acme", (7, "user ann"));
    check("bob", "acme", (9, "tenant acme"));
    check("bob", "none", (100, "limit"));
    check("acme", "ann", (100, "limit"));
    assert_eq!(quota(vec![Part::Ip], None, &overrides, 0), (100, "limit".into()));
}

#[test]
fn override_ends_at_its_end_and_not_before() {
    let known = Known {
        token: token("ann", "acme", "gold"),
        app: None,
    };
    let mut overrides = Overrides::default();
    overrides.set_user(
        "l",
        "ann",
        Override {
            quota: 7,
            until_ms: Some(500),
        },
    );
    assert_eq!(
        quota(vec![Part::User], Some(&known), &overrides, 499),
        (7, "user ann".into())
    );
    assert_eq!(
        quota(vec![Part::User], Some(&known), &overrides, 500),
        (1_000, "plan gold".into())
    );
}

#[test]
fn limit_per_app_asks_the_app_keys_owner() {
    let known = Known {
        token: token("ann", "acme", "none"),
        app: Some(token("dev", "devs", "gold")),
    };
    let mut overrides = Overrides::default();
    assert_eq!(
        quota(vec![Part::App], Some(&known), &overrides, 0),
        (1_000, "plan gold".into())
    );
    overrides.set_user(
        "l",
        "ann",
        Override {
            quota: 7,
            until_ms: None,
        },
    );
    assert_eq!(
        quota(vec![Part::App], Some(&known), &overrides, 0),
        (1_000, "plan gold".into())
    );
    overrides.set_tenant(
        "l",
        "devs",
        Override {
            quota: 9,
            until_ms: None,
        },
    );
    assert_eq!(
        quota(vec![Part::App], Some(&known), &overrides, 0),
        (9, "tenant devs".into())
    );
}

/// The caller, and the place of the request.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Asks {
    Account,
    AccountAtInstance,
    OpaqueAtInstance,
    NobodyAtInstance,
    Nobody,
}

proptest! {
    // docs/platforms/grovestreams.md G13: every overlay that there is, in every combination, for everybody; the model
    // is a list read from the top.
    #[test]
    fn strongest_overlay_that_concerns_the_caller_is_in_force(
        user in proptest::option::of(1_u32..2_000),
        by_hand in proptest::option::of(1_u32..2_000),
        table in proptest::option::of((1_u32..2_000, proptest::option::of(1_u32..2_000))),
        user_plan in proptest::option::of(1_u32..2_000),
        tenant_plan in proptest::option::of(1_u32..2_000),
        checks in prop_oneof![
            Just(Asks::Account),
            Just(Asks::AccountAtInstance),
            Just(Asks::OpaqueAtInstance),
            Just(Asks::NobodyAtInstance),
            Just(Asks::Nobody),
        ],
    ) {
        let mut limit = limit(vec![Part::Ip]);
        limit.plans = user_plan.map(|quota| ("gold".into(), quota)).into_iter().collect();
        let own = Own {
            amount: table.map(|(quota, burst)| OwnAmount { quota, burst }),
            subkeys_max: None,
            plan: tenant_plan.map(|quota| ("enterprise".into(), quota)),
        };
        limit.tenants = HashMap::from([("acme".into(), own)]);
        let mut overrides = Overrides::default();
        if let Some(quota) = user {
            overrides.set_user("l", "ann", Override { quota, until_ms: None });
        }
        if let Some(quota) = by_hand {
            overrides.set_tenant("l", "acme", Override { quota, until_ms: None });
        }
        let account = token("ann", "acme", "gold");
        let opaque = testing::token("hash").id("id").kind(TokenKind::Opaque).tenant("hash").build();
        let acme: Arc<str> = "acme".into();
        let (token, instance) = match checks {
            Asks::Account => (Some(account), None),
            Asks::AccountAtInstance => (Some(account), Some(&acme)),
            Asks::OpaqueAtInstance => (Some(opaque), Some(&acme)),
            Asks::NobodyAtInstance => (None, Some(&acme)),
            Asks::Nobody => (None, None),
        };
        let known = token.map(|token| Known { token, app: None });

        let is_account = matches!(checks, Asks::Account | Asks::AccountAtInstance);
        let is_acmes = checks != Asks::Nobody;
        let same = |quota| (quota, quota);
        let overlays = [
            (user.map(same), is_account, "user ann"),
            (by_hand.map(same), is_acmes, "tenant acme"),
            (table.map(|(quota, burst)| (quota, burst.unwrap_or(quota))), is_acmes, "tenant acme (limits file)"),
            (user_plan.map(same), is_account, "plan gold"),
            (tenant_plan.map(same), is_acmes, "plan enterprise"),
            (Some((100, 100)), true, "limit"),
        ];
        let expected = overlays.iter().find_map(|(amount, concerns, words)| Some(((*amount)?, *words)).filter(|_| *concerns));

        let found = effective(&limit, known.as_ref(), instance, &overrides, 0);
        let shown = found.origin.to_string();
        prop_assert_eq!(Some(((found.quantity.quota(), found.quantity.burst()), shown.as_str())), expected);
    }
}
