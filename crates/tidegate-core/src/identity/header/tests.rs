use super::*;

fn rules() -> HeaderRules {
    HeaderRules {
        user: HeaderName::from_static("x-user"),
        tenant: Some(HeaderName::from_static("x-org")),
        plan: None,
        naming: Naming::Apart("header:".into()),
    }
}

fn headers(fields: &[(&str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
    }
    headers
}

fn check(fields: &[(&str, &str)], expect: &str) {
    let found = match rules().claims(&headers(fields)) {
        None => "nobody".to_owned(),
        Some(Ok(claims)) => format!("{} of {}", claims.user, claims.tenant.as_deref().unwrap_or("none")),
        Some(Err(why)) => format!("{why:?}"),
    };
    assert_eq!(found, expect, "{fields:?}");
}

#[test]
fn one_field_names_a_caller_and_two_of_one_name_are_believed_by_nobody() {
    check(&[], "nobody");
    check(&[("x-user", "  ")], "nobody");
    check(&[("x-org", "acme")], "nobody");
    check(&[("x-user", " ann ")], "ann of none");
    check(&[("x-user", "ann"), ("x-org", "acme")], "ann of acme");
    check(&[("x-user", "ann"), ("x-user", "ann")], "TwoOfOneRole(User)");
    check(
        &[("x-user", "ann"), ("x-org", "acme"), ("x-org", "b")],
        "TwoOfOneRole(User)",
    );
    check(
        &[("x-user", &"x".repeat(160)), ("x-org", "")],
        &format!("{} of none", "x".repeat(160)),
    );
    check(&[("x-user", &"x".repeat(161))], "Unverified");
    check(&[("x-user", "ann"), ("x-org", "a\tb")], "Unverified");
}

#[test]
fn fields_go_where_their_sender_is_not_believed_and_their_likes_in_any_case() {
    let sent = || {
        headers(&[
            ("x-user", "ann"),
            ("x_user", "bob"),
            ("X-Org", "acme"),
            ("x_org", "b"),
            ("x-users", "c"),
        ])
    };
    for (is_believed, left) in [(false, vec!["x-users"]), (true, vec!["x-org", "x-user", "x-users"])] {
        let mut headers = sent();
        rules().strip(&mut headers, is_believed);
        let mut kept: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        kept.sort();
        assert_eq!(kept, left);
    }
}
