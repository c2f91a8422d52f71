use super::*;

fn claims(user: &str, tenant: Option<&str>) -> Claims {
    Claims {
        shown: None,
        user: user.into(),
        tenant: tenant.map(Into::into),
        plan: None,
        grants: Grants::All,
        expires_ms: None,
    }
}

#[test]
fn who_is_of_no_organisation_shares_a_tenant_with_nobody_however_they_are_called() {
    let of_acme = claims("ann", Some("acme")).apart("jwt:");
    let called_acme = claims("acme", None).apart("jwt:");
    assert_eq!((&*of_acme.tenant, &*called_acme.tenant), ("jwt:acme", "jwt:alone:acme"));
}

#[test]
fn an_account_says_what_its_name_is_worth_and_claims_add_nothing() {
    let account = Token {
        id: "ann".into(),
        kind: TokenKind::Personal,
        subject: "ann".into(),
        user: "ann".into(),
        tenant: "acme".into(),
        plan: Some("free".into()),
        grants: Grants::Only(Default::default()),
        expires_ms: None,
    };
    let says = Claims {
        plan: Some("gold".into()),
        expires_ms: Some(7),
        ..claims("ann", Some("acme"))
    };
    let token = says.of_account(&account).unwrap();
    assert_eq!(
        (token.kind, &*token.id, token.expires_ms),
        (TokenKind::Vouched, "vouched-user:ann", Some(7))
    );
    assert_eq!((&token.plan, &token.grants), (&account.plan, &account.grants));
    assert_eq!(claims("ann", Some("other")).of_account(&account), None);
    // Two callers of one id would be taken for one.
    assert_ne!(claims("ann", None).apart("header:").id, token.id);
}
