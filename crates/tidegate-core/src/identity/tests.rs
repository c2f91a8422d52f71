use super::*;

const STATION: crate::resource::ResourceKind =
    crate::resource::ResourceKind::new("station", "Station", "No such station or device");
const DEVICE: crate::resource::ResourceKind =
    crate::resource::ResourceKind::new("device", "Device", "No such station or device");

fn token(id: &str, kind: TokenKind) -> Arc<Token> {
    let name: Arc<str> = id.into();
    Arc::new(Token {
        id: name.clone(),
        kind,
        subject: name.clone(),
        user: name,
        tenant: "t".into(),
        plan: None,
        grants: Grants::All,
        expires_ms: None,
    })
}

fn ok(id: &str, kind: TokenKind) -> Lookup {
    Ok(token(id, kind))
}

/// The identity in words: who and through what, or why not.
fn check(app_acts_alone: bool, lookups: &[Lookup], expect: &str) {
    let rules = IdentityRules {
        read: vec![],
        cookie_yields: false,
        app_acts_alone,
        sources: vec![Source::Own],
    };
    let found = match identify(&rules, lookups.iter().cloned()) {
        Identity::Known(known) => format!(
            "{} through {}",
            known.token.id,
            known.app.map_or("none".into(), |app| app.id.clone())
        ),
        Identity::Anonymous => "anonymous".into(),
        Identity::Invalid(why) => format!("{why:?}"),
    };
    assert_eq!(found, expect);
}

#[test]
fn one_credential_of_each_role_counts() {
    use TokenKind::*;
    check(false, &[], "anonymous");
    for kind in [Personal, Development, Enterprise, Opaque] {
        check(false, &[ok("ann", kind)], "ann through none");
    }
    check(false, &[ok("ann", Personal), ok("app", App)], "ann through app");
    check(false, &[ok("app", App), ok("ann", Personal)], "ann through app");
}

#[test]
fn two_different_credentials_of_one_role_are_refused_and_the_same_twice_is_one() {
    use TokenKind::*;
    check(false, &[ok("ann", Personal), ok("bob", Personal)], "TwoOfOneRole(User)");
    check(
        false,
        &[ok("ann", Personal), ok("shared", Development)],
        "TwoOfOneRole(User)",
    );
    check(
        false,
        &[ok("one", App), ok("ann", Personal), ok("two", App)],
        "TwoOfOneRole(App)",
    );
    check(false, &[ok("ann", Personal), ok("ann", Personal)], "ann through none");
    check(true, &[ok("app", App), ok("app", App)], "app through app");
    check(
        false,
        &[Err(Invalid::Unknown), ok("ann", Personal), ok("bob", Personal)],
        "TwoOfOneRole(User)",
    );
}

#[test]
fn app_key_alone_acts_only_where_the_page_says_so() {
    check(true, &[ok("app", TokenKind::App)], "app through app");
    check(false, &[ok("app", TokenKind::App)], "AppAlone");
}

#[test]
fn anything_invalid_makes_nobody_of_the_caller() {
    for why in [Invalid::Malformed, Invalid::Unknown, Invalid::Expired, Invalid::Revoked] {
        check(true, &[Err(why)], &format!("{why:?}"));
        check(true, &[ok("ann", TokenKind::Personal), Err(why)], &format!("{why:?}"));
    }
    check(true, &[Err(Invalid::Expired), Err(Invalid::Unknown)], "Expired");
}

#[test]
fn only_the_shared_and_the_wide_keys_are_their_own_subject() {
    use TokenKind::*;
    assert_eq!(
        [Personal, App, Development, Enterprise, Opaque].map(TokenKind::is_own_subject),
        [false, false, true, true, false]
    );
}

#[test]
fn grants_allow_what_they_name() {
    let only = Grants::Only([STATION.of(1)].into());
    assert!(only.allow(STATION.of(1)) && Grants::All.allow(DEVICE.of(9)));
    assert!(!only.allow(STATION.of(2)) && !only.allow(DEVICE.of(1)));
}

#[test]
fn an_opaque_credential_gives_way_to_one_that_names_somebody() {
    use TokenKind::*;
    check(false, &[ok("any", Opaque), ok("ann", Vouched)], "ann through none");
    check(false, &[ok("ann", Personal), ok("any", Opaque)], "ann through none");
    check(false, &[ok("any", Opaque), ok("other", Opaque)], "any through none");
    check(false, &[ok("ann", Vouched), ok("bob", Personal)], "TwoOfOneRole(User)");
}
