use super::*;

#[test]
fn a_leading_ampersand_is_no_parameter() {
    let query = Query::parse(Some("&api_key=K&compId=C&a=1")).unwrap();
    let pairs: Vec<_> = query.pairs().collect();
    assert_eq!(pairs, [("api_key", "K"), ("compId", "C"), ("a", "1")]);
}

#[test]
fn percent_and_plus_are_decoded() {
    let query = Query::parse(Some("n=a%20b+c%2Bd&flag")).unwrap();
    assert_eq!(query.get("n"), Some("a b c+d"));
    assert_eq!(query.get("flag"), Some(""));
    assert_eq!(query.filled("flag"), None);
}

#[test]
fn the_last_allowed_parameter_passes_and_one_more_does_not() {
    let full = vec!["a=1"; PARAMETERS_MAX].join("&");
    assert!(Query::parse(Some(&full)).is_ok());
    let over = format!("{full}&a=1");
    assert_eq!(Query::parse(Some(&over)).unwrap_err(), QueryError::TooMany);
}

#[test]
fn a_bad_integer_names_parameter_found_and_expected() {
    let query = Query::parse(Some("time_start=noon")).unwrap();
    let error = query.integer("time_start", 0..=10, "epoch seconds").unwrap_err();
    assert_eq!(
        error.to_string(),
        "parameter time_start: found \"noon\", expected epoch seconds"
    );
}
