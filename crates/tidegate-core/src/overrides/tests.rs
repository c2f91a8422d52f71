use std::time::Duration;

use super::*;
use crate::{
    identity::{Grants, Token, TokenKind},
    limit::{CountsAt, OnStoreLoss, Who},
};

fn limit(per: Vec<Part>) -> Limit {
    Limit {
        name: "l".into(),
        who: Who::Known,
        per,
        quantity: Quantity::Rate {
            quota: 100,
            burst: 100,
            window: Duration::from_secs(60),
        },
        within: None,
        counts_at: CountsAt::Edge,
        on_store_loss: OnStoreLoss::Allow,
        shadow: false,
        hint: None,
        plans: vec![("gold".into(), 1_000)],
        tenants: Default::default(),
    }
}

fn token(subject: &str, tenant: &str, plan: &str) -> Arc<Token> {
    let (name, plan) = (Arc::from(subject), Some(Arc::from(plan)));
    let kind = TokenKind::Personal;
    Arc::new(Token {
        id: "id".into(),
        kind,
        subject: name,
        user: subject.into(),
        tenant: tenant.into(),
        plan,
        grants: Grants::All,
        expires_ms: None,
    })
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
