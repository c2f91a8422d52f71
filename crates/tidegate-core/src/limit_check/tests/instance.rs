//! Tests of the callers that share a count at a tenant's leased instance.

use super::*;
use crate::tenant::{Own, OwnAmount};

const HOME: [u8; 4] = [192, 0, 2, 1];

/// A request's one ask of a limit, at an instance or elsewhere.
fn one<'l>(limit: &'l Limit, identity: &Identity, instance: Option<&str>, overrides: &Overrides) -> LimitCheck<'l> {
    let headers = HeaderMap::new();
    let instance = instance.map(Arc::from);
    let caller = Caller {
        identity,
        client: HOME.into(),
        headers: &headers,
        instance: instance.as_ref(),
        counts_whoever: false,
    };
    let checks = limit_checks([limit], &caller, overrides, &Partitioner::new([3; 16]), 1_000);
    checks.into_iter().next().expect("the limit concerns the caller")
}

fn plain<'l>(limit: &'l Limit, identity: &Identity, instance: Option<&str>) -> LimitCheck<'l> {
    one(limit, identity, instance, &Overrides::default())
}

/// Of another tenant than acme; an opaque credential is of one by itself.
fn of_tenant(kind: TokenKind, id: &str, tenant: &str) -> Identity {
    testing::token(id).kind(kind).tenant(tenant).known()
}

fn opaque() -> Identity {
    of_tenant(TokenKind::Opaque, "hash", "hash")
}

/// With a quota of acme's own.
fn leased(limit: Limit) -> Limit {
    let own = Own {
        amount: Some(OwnAmount {
            quota: 700,
            burst: Some(900),
        }),
        subkeys_max: Some(5),
        plan: None,
    };
    Limit {
        tenants: [("acme".into(), own)].into(),
        ..limit
    }
}

// docs/platforms/grovestreams.md G13
#[test]
fn anybody_at_an_instance_counts_apart_from_the_same_address_elsewhere() {
    let per_ip = limit("l", Who::Everyone, &[Part::Ip]);
    let cells = [None, Some("acme"), Some("bolt")].map(|at| plain(&per_ip, &Identity::Anonymous, at).take.cell);
    assert!(cells[0] != cells[1] && cells[1] != cells[2] && cells[0] != cells[2]);
    let scope = plain(&per_ip, &Identity::Anonymous, Some("acme")).scope;
    assert_eq!(scope.to_string(), "ip 192.0.2.1, tenant acme");
}

// docs/platforms/grovestreams.md G13
#[test]
fn somebody_with_an_account_is_one_person_at_the_instance_and_elsewhere() {
    for part in [Part::User, Part::Token, Part::Tenant] {
        let per = leased(limit("l", Who::Known, &[part]));
        let (there, elsewhere) = (plain(&per, &ann("t1"), Some("acme")), plain(&per, &ann("t1"), None));
        assert_eq!(there.take, elsewhere.take);
        assert_eq!((there.take.quantity.quota(), there.take.quantity.burst()), (700, 900));
    }
    // Where the limit counts by address, the tenant's quota counts apart at both, and in one cell.
    let per_ip = leased(limit("l", Who::Known, &[Part::Ip]));
    let there = plain(&per_ip, &ann("t1"), Some("acme")).take;
    assert_eq!(there, plain(&per_ip, &ann("t1"), None).take);
    assert_ne!(
        there.cell,
        plain(&per_ip, &of_tenant(TokenKind::Personal, "ben", "bolt"), None)
            .take
            .cell
    );
}

#[test]
fn quota_of_an_opaque_credential_is_the_hosts_and_its_counts_are_two() {
    let per_token = leased(limit("l", Who::Known, &[Part::Token]));
    let (there, elsewhere) = (
        plain(&per_token, &opaque(), Some("acme")),
        plain(&per_token, &opaque(), None),
    );
    assert_eq!(
        (there.take.quantity.quota(), there.origin.to_string().as_str()),
        (700, "tenant acme (limits file)")
    );
    assert_eq!(elsewhere.origin, Origin::Limit);
    assert_ne!(there.take.cell, elsewhere.take.cell);
}

#[test]
fn limit_that_divides_nothing_is_one_over_all_hosts_unless_the_tenant_has_its_own() {
    let all = limit("l", Who::Everyone, &[]);
    let cell = |limit: &Limit, at| plain(limit, &Identity::Anonymous, at).take.cell;
    assert_eq!(cell(&all, None), cell(&all, Some("acme")));
    let all = leased(all);
    assert_ne!(cell(&all, None), cell(&all, Some("acme")));
    assert_eq!(cell(&all, None), cell(&all, Some("bolt")));
}

// docs/semantics.md rule 16: a neighbour's names never fill an instance's share, nor the other way round.
#[test]
fn subkeys_of_an_instance_live_under_a_parent_of_their_own_with_the_tenants_cap() {
    let mut cadence = cadence();
    cadence.who = Who::Everyone;
    cadence.within.as_mut().unwrap().per = vec![Part::Ip];
    let subkey = |limit: &Limit, at| plain(limit, &Identity::Anonymous, at).take.subkey.unwrap();
    let (there, elsewhere) = (subkey(&cadence, Some("acme")), subkey(&cadence, None));
    assert!(there.parent != elsewhere.parent && there.base != elsewhere.base);
    assert_eq!((there.max, elsewhere.max), (100, 100));
    let cadence = leased(cadence);
    assert_eq!(subkey(&cadence, Some("acme")), Subkey { max: 5, ..there });
    assert_eq!(subkey(&cadence, None), elsewhere);
}

#[test]
fn override_of_a_user_is_one_count_at_every_host() {
    let per_ip = limit("l", Who::Known, &[Part::Ip]);
    let mut overrides = Overrides::default();
    overrides.set_user(
        "l",
        "ann",
        Override {
            quota: 7,
            until_ms: None,
        },
    );
    let at = |instance| one(&per_ip, &ann("t1"), instance, &overrides);
    assert_eq!(at(None).take, at(Some("acme")).take);
    assert_eq!(at(None).scope.to_string(), "ip 192.0.2.1, user ann");
}

#[test]
fn caller_of_another_tenant_is_nobody_at_an_instance() {
    assert!(ann("t1").at_instance("acme").known().is_some());
    assert!(opaque().at_instance("bolt").known().is_some());
    assert!(matches!(
        ann("t1").at_instance("bolt"),
        Identity::Invalid(Invalid::OtherTenant)
    ));
    assert!(matches!(Identity::Anonymous.at_instance("bolt"), Identity::Anonymous));
}
