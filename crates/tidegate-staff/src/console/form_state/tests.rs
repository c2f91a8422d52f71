use super::*;

fn sent(field: &str, text: &str) -> FormState {
    FormState::sent(BTreeMap::from([(field.to_owned(), text.to_owned())]))
}

#[test]
fn numbers_are_read_as_people_write_them() {
    for (text, number) in [
        ("51.5", Some(51.5)),
        ("51,5", Some(51.5)),
        (" -0.1 ", Some(-0.1)),
        ("", None),
        ("  ", None),
    ] {
        assert_eq!(
            sent("latitude", text).number("latitude", "degrees").unwrap(),
            number,
            "{text}"
        );
    }
    for text in ["north", "NaN", "inf", "1.2.3", "51° 30'"] {
        let wrong = sent("latitude", text).number("latitude", "degrees").unwrap_err();
        assert_eq!((wrong.status, wrong.field), (422, Some("latitude")), "{text}");
        assert!(wrong.detail.contains("write degrees"), "{}", wrong.detail);
    }
}

#[test]
fn a_problem_stands_beside_its_field_or_at_the_head_of_the_form() {
    let ends = sent("name", "n").with(unusable("expires_s", "it is over"), &[("expires_s", "ends")]);
    assert_eq!(
        (ends.wrong("ends"), ends.wrong("name"), ends.wrong_at_all()),
        (Some("it is over"), None, None)
    );
    assert_eq!(ends.value("name"), "n");
    let elsewhere = sent("name", "n").with(unusable("user", "there is none"), &[("expires_s", "ends")]);
    assert_eq!(
        elsewhere.wrong_at_all(),
        Some("there is none"),
        "the form has no such field"
    );
    let whole = Problem::new(http::StatusCode::UNPROCESSABLE_ENTITY, "there are too many");
    let whole = FormState::default().with(whole, &[]);
    assert_eq!(
        (whole.wrong("name"), whole.wrong_at_all()),
        (None, Some("there are too many"))
    );
}
