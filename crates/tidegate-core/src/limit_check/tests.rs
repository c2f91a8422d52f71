mod instance;

use std::{sync::Arc, time::Duration};

use http::HeaderName;

use super::*;
use crate::{
    identity::{Invalid, Known, Token, TokenKind},
    limit::{Quantity, Within},
    overrides::Override,
    partition::CellId,
    testing,
};

fn limit(name: &str, who: Who, per: &[Part]) -> Limit {
    testing::limit(name)
        .who(who)
        .per(per)
        .burst(200)
        .plan("gold", 1_000)
        .build()
}

fn token(id: &str, kind: TokenKind, user: &str, plan: Option<&str>) -> Arc<Token> {
    testing::token(user).id(id).kind(kind).plan(plan).build()
}

fn ann(id: &str) -> Identity {
    Identity::Known(Known {
        token: token(id, TokenKind::Personal, "ann", None),
        app: None,
    })
}

/// The checks in words: `limit scope quota/burst origin`.
fn shown(
    limits: &[Limit],
    identity: &Identity,
    client: &str,
    fields: &[(&str, &[u8])],
    overrides: &Overrides,
    counts_whoever: bool,
) -> Vec<String> {
    of(limits, identity, client, fields, overrides, counts_whoever)
        .iter()
        .map(|check| {
            format!(
                "{} for {}: {}/{} by {}",
                check.limit.name,
                check.scope,
                check.take.quantity.quota(),
                check.take.quantity.burst(),
                check.origin
            )
        })
        .collect()
}

fn of<'l>(
    limits: &'l [Limit],
    identity: &Identity,
    client: &str,
    fields: &[(&str, &[u8])],
    overrides: &Overrides,
    counts_whoever: bool,
) -> Vec<LimitCheck<'l>> {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(
            HeaderName::from_bytes(name.as_bytes()).unwrap(),
            value.to_vec().try_into().unwrap(),
        );
    }
    let caller = Caller {
        identity,
        client: client.parse().unwrap(),
        headers: &headers,
        instance: None,
        counts_whoever,
    };
    limit_checks(limits, &caller, overrides, &Partitioner::new([3; 16]), 1_000)
}

fn cell(limit: &Limit, identity: &Identity, fields: &[(&str, &[u8])]) -> CellId {
    of(
        std::slice::from_ref(limit),
        identity,
        "192.0.2.1",
        fields,
        &Overrides::default(),
        false,
    )[0]
    .take
    .cell
}

fn by_hand(user: Option<u32>, tenant: Option<u32>, until_ms: Option<i64>) -> Overrides {
    let mut overrides = Overrides::default();
    if let Some(quota) = user {
        overrides.set_user("l", "ann", Override { quota, until_ms });
    }
    if let Some(quota) = tenant {
        overrides.set_tenant("l", "acme", Override { quota, until_ms });
    }
    overrides
}

#[test]
fn known_and_unknown_callers_count_in_their_own_limits_and_unmatched_counts_whoever() {
    let limits = [
        limit("everyone", Who::Everyone, &[]),
        limit("anonymous", Who::Anonymous, &[Part::Ip]),
        limit("known", Who::Known, &[Part::User]),
    ];
    let names = |identity: &Identity, whoever| {
        of(&limits, identity, "192.0.2.1", &[], &Overrides::default(), whoever)
            .iter()
            .map(|check| check.limit.name.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&ann("t1"), false), ["everyone", "known"]);
    for nobody in [
        Identity::Anonymous,
        Identity::Invalid(Invalid::Unknown),
        Identity::Invalid(Invalid::AppAlone),
    ] {
        assert_eq!(names(&nobody, false), ["everyone", "anonymous"]);
    }
    assert_eq!(names(&ann("t1"), true), ["everyone", "anonymous", "known"]);
}

#[test]
fn every_token_of_a_user_counts_in_one_cell_and_own_subjects_in_theirs() {
    let per_user = limit("l", Who::Known, &[Part::User]);
    assert_eq!(cell(&per_user, &ann("t1"), &[]), cell(&per_user, &ann("t2"), &[]));
    let enterprise = |id| {
        Identity::Known(Known {
            token: token(id, TokenKind::Enterprise, "ann", None),
            app: None,
        })
    };
    assert_ne!(
        cell(&per_user, &enterprise("e1"), &[]),
        cell(&per_user, &ann("t1"), &[])
    );
    assert_ne!(
        cell(&per_user, &enterprise("e1"), &[]),
        cell(&per_user, &enterprise("e2"), &[])
    );
    let per_token = limit("l", Who::Known, &[Part::Token]);
    assert_ne!(cell(&per_token, &ann("t1"), &[]), cell(&per_token, &ann("t2"), &[]));
}

#[test]
fn app_key_counts_in_its_own_limit_and_not_for_who_shows_none() {
    let limits = [limit("l", Who::Known, &[Part::App])];
    let app = token("app1", TokenKind::App, "dev", Some("gold"));
    let through = Identity::Known(Known {
        token: token("t1", TokenKind::Personal, "ann", None),
        app: Some(app),
    });
    assert_eq!(
        shown(&limits, &through, "192.0.2.1", &[], &Overrides::default(), false),
        ["l for app app1: 1000/2000 by plan gold"]
    );
    assert!(shown(&limits, &ann("t1"), "192.0.2.1", &[], &Overrides::default(), false).is_empty());
}

#[test]
fn ipv6_counts_in_three_blocks_with_their_factors() {
    let found = shown(
        &[limit("l", Who::Anonymous, &[Part::Ip])],
        &Identity::Anonymous,
        "2001:db8::1",
        &[],
        &Overrides::default(),
        false,
    );
    assert_eq!(
        found,
        [
            "l for ip 2001:db8::/64: 100/200 by limit",
            "l for ip 2001:db8::/56: 400/800 by limit",
            "l for ip 2001:db8::/48: 1600/3200 by limit"
        ]
    );
}

#[test]
fn user_goes_over_tenant_over_plan_over_limit_and_overrides_end() {
    let limits = [limit("l", Who::Known, &[Part::User])];
    let gold = Identity::Known(Known {
        token: token("t1", TokenKind::Personal, "ann", Some("gold")),
        app: None,
    });
    let check = |identity: &Identity, overrides: Overrides, expect: &str| {
        assert_eq!(
            shown(&limits, identity, "192.0.2.1", &[], &overrides, false),
            [format!("l for user ann: {expect}")]
        );
    };
    check(&ann("t1"), by_hand(None, None, None), "100/200 by limit");
    check(&gold, by_hand(None, None, None), "1000/2000 by plan gold");
    check(&gold, by_hand(None, Some(50), None), "50/100 by tenant acme");
    check(&gold, by_hand(Some(7), Some(50), None), "7/14 by user ann");
    check(&gold, by_hand(Some(7), Some(50), Some(1_001)), "7/14 by user ann");
    check(&gold, by_hand(Some(7), Some(50), Some(1_000)), "1000/2000 by plan gold");
}

// docs/semantics.md rule 10: it poisons nobody behind the same NAT.
#[test]
fn override_in_a_limit_per_address_counts_its_user_apart() {
    let limits = [limit("l", Who::Known, &[Part::Ip])];
    let before = of(&limits, &ann("t1"), "192.0.2.1", &[], &Overrides::default(), false);
    let overrides = by_hand(Some(500), None, None);
    let after = of(&limits, &ann("t1"), "192.0.2.1", &[], &overrides, false);
    assert_ne!(before[0].take.cell, after[0].take.cell);
    assert_eq!(after[0].scope.to_string(), "ip 192.0.2.1, user ann");
    assert!(
        before[0].take.tag.user.is_none() && after[0].take.tag.user.is_some(),
        "a pardon of the user finds it"
    );
    let bob = Identity::Known(Known {
        token: token("t9", TokenKind::Personal, "bob", None),
        app: None,
    });
    assert_eq!(
        of(&limits, &bob, "192.0.2.1", &[], &overrides, false)[0].take.cell,
        before[0].take.cell
    );
}

#[test]
fn header_values_count_as_sent() {
    let per = limit(
        "l",
        Who::Known,
        &[Part::Header(HeaderName::from_static("x-forwarded-for"))],
    );
    let of = |values: &[&[u8]]| {
        cell(
            &per,
            &ann("t1"),
            &values
                .iter()
                .map(|value| ("x-forwarded-for", *value))
                .collect::<Vec<_>>(),
        )
    };
    assert_eq!(of(&[]), of(&[b""]));
    assert_eq!(of(&[b"a", b"b"]), of(&[b"a, b"]));
    let different = [
        of(&[]),
        of(&[b"a"]),
        of(&[b"b"]),
        of(&[b"A"]),
        of(&[b"a", b"b"]),
        of(&[b"K\xfcche"]),
        of(&[b"K\xe4che"]),
    ];
    for (i, one) in different.iter().enumerate() {
        assert!(!different[..i].contains(one), "the {i}th");
    }
}

#[test]
fn scope_shows_no_more_of_a_callers_value_than_a_line() {
    let limits = [limit(
        "l",
        Who::Known,
        &[Part::Header(HeaderName::from_static("x-forwarded-for"))],
    )];
    let long = vec![b'x'; 8_000];
    let found = &of(
        &limits,
        &ann("t1"),
        "192.0.2.1",
        &[("x-forwarded-for", &long)],
        &Overrides::default(),
        false,
    )[0];
    assert_eq!(
        found.scope.to_string(),
        format!("header {}…", "x".repeat(SHOWN_BYTES_MAX))
    );
}

/// Twelve in two minutes for an address and what a caller calls itself, at most a hundred names for a token there.
fn cadence() -> Limit {
    Limit {
        quantity: Quantity::Sliding {
            quota: 12,
            window: Duration::from_secs(120),
        },
        within: Some(Within {
            per: vec![Part::Token, Part::Ip],
            subkeys_max: 100,
            limit: None,
        }),
        ..limit(
            "l",
            Who::Known,
            &[Part::Ip, Part::Header(HeaderName::from_static("x-forwarded-for"))],
        )
    }
}

#[test]
fn subkeys_of_one_parent_share_its_registry_and_base_and_no_cell() {
    let cadence = cadence();
    let of = |identity: Identity, value: &str| {
        of(
            std::slice::from_ref(&cadence),
            &identity,
            "192.0.2.1",
            &[("x-forwarded-for", value.as_bytes())],
            &Overrides::default(),
            false,
        )[0]
        .take
    };
    let (one, two, other) = (of(ann("t1"), "a"), of(ann("t1"), "b"), of(ann("t2"), "a"));
    assert_ne!(one.cell, two.cell);
    assert_eq!(one.subkey, two.subkey);
    assert_ne!(one.subkey.unwrap().parent, other.subkey.unwrap().parent);
    let all = [one.cell, one.subkey.unwrap().parent, one.subkey.unwrap().base];
    assert!(all[0] != all[1] && all[1] != all[2] && all[0] != all[2]);
}

// docs/semantics.md rules 3 and 16: a wider block has as many times the counts as it has the quota, so that no /64 is
// short of its own for its neighbours' sake.
#[test]
fn wider_blocks_of_a_sliding_limit_have_their_factor_of_quota_and_of_subkeys() {
    let found: Vec<(u32, u32)> = of(
        &[cadence()],
        &ann("t1"),
        "2001:db8::1",
        &[],
        &Overrides::default(),
        false,
    )
    .iter()
    .map(|check| (check.take.quantity.quota(), check.take.subkey.unwrap().max))
    .collect();
    assert_eq!(found, [(12, 100), (48, 400), (192, 1_600)]);
}

#[test]
fn a_scope_says_that_a_field_was_not_sent() {
    let found = shown(&[cadence()], &ann("t1"), "192.0.2.1", &[], &Overrides::default(), false);
    assert_eq!(found, ["l for ip 192.0.2.1, no header: 12/12 by limit"]);
}

#[test]
fn a_limits_name_and_every_part_tell_cells_apart() {
    let cells = [
        cell(&limit("a", Who::Everyone, &[]), &ann("t1"), &[]),
        cell(&limit("b", Who::Everyone, &[]), &ann("t1"), &[]),
        cell(&limit("a", Who::Everyone, &[Part::User]), &ann("t1"), &[]),
        cell(&limit("a", Who::Everyone, &[Part::Tenant]), &ann("t1"), &[]),
        cell(&limit("a", Who::Everyone, &[Part::User, Part::Tenant]), &ann("t1"), &[]),
    ];
    assert!((0..5).all(|i| !cells[..i].contains(&cells[i])));
    assert_eq!(
        shown(
            &[limit("a", Who::Everyone, &[])],
            &ann("t1"),
            "192.0.2.1",
            &[],
            &Overrides::default(),
            false
        ),
        ["a for everyone: 100/200 by limit"]
    );
}
