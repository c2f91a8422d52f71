use tidegate_core::identity::TokenKind;

use super::*;
use crate::Secret;

fn a(count: usize) -> String {
    "a".repeat(count)
}

#[test]
fn each_rule_takes_its_longest_text_and_not_one_character_more() {
    for rule in [
        &USER_NAME,
        &TENANT,
        &PLAN,
        &LIMIT,
        &STATION_NAME,
        &SERIAL,
        &TIMEZONE,
        &REASON,
        &ACTOR,
        &DETAIL,
    ] {
        assert!(rule.check(&a(rule.chars_max)).is_ok(), "{}", rule.what);
        assert!(rule.check(&a(rule.chars_max + 1)).is_err(), "{}", rule.what);
        assert!(rule.check("").is_err(), "{}", rule.what);
    }
}

#[test]
fn each_refusal_names_the_bound_it_means() {
    for rule in [
        &USER_NAME,
        &STATION_NAME,
        &SERIAL,
        &TIMEZONE,
        &REASON,
        &ACTION,
        &SUBJECT,
        &DETAIL,
    ] {
        let said = rule.check("").unwrap_err().to_string();
        assert!(said.contains(&rule.chars_max.to_string()), "{said}");
    }
}

#[test]
fn a_bound_is_in_characters_not_in_bytes() {
    assert!(STATION_NAME.check(&"é".repeat(bounds::STATION_NAME_CHARS_MAX)).is_ok());
}

#[test]
fn a_name_is_plain_and_begins_with_a_letter_or_digit() {
    for good in ["alice", "Alice", "9", "a.b_c@d+e-f"] {
        assert!(USER_NAME.check(good).is_ok(), "{good}");
    }
    for bad in [
        ".alice",
        "-rf",
        "al ice",
        "alice\n",
        "key:t_1",
        "алиса",
        "a/b",
        "a\u{0}",
    ] {
        assert!(USER_NAME.check(bad).is_err(), "{bad}");
    }
}

#[test]
fn a_token_is_never_taken_for_a_text_and_never_shown_back() {
    let secret = Secret::mint(TokenKind::Personal).unwrap().unwrap();
    for text in [
        secret.reveal().to_owned(),
        format!("\u{7}{}", secret.reveal()),
        format!("{}é", secret.reveal()),
    ] {
        let error = USER_NAME.check(&text).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(secret.reveal()));
    }
    assert!(matches!(
        REASON.check(secret.reveal()),
        Err(AccountsError::HoldsSecret { what: "a reason" })
    ));
}
