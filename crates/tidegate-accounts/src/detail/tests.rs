use super::*;

#[test]
fn members_stand_in_order_and_missing_ones_are_left_out() {
    let detail = Detail::new()
        .text("tenant", "acme")
        .text_if("plan", None)
        .number_if("until_ms", Some(-5))
        .numbers("stations", &[1, 22]);
    assert_eq!(
        detail.into_text(),
        r#"{"tenant":"acme","until_ms":-5,"stations":[1,22]}"#
    );
}

#[test]
fn nothing_to_say_is_an_empty_object() {
    assert_eq!(Detail::new().into_text(), "{}");
}

#[test]
fn a_text_cannot_end_its_string_early() {
    let detail = Detail::new().text("reason", "a\"b\\c\u{1}\u{85}é");
    assert_eq!(detail.into_text(), "{\"reason\":\"a\\\"b\\\\c\\u0001\\u0085é\"}");
}
