use super::*;
use crate::grovestreams::batch::Batch;

fn shown(datum: Option<&Datum>) -> String {
    datum.map_or("null".to_owned(), |datum| format!("{datum:?}"))
}

fn check(json: &str, expected: Result<&[(i64, &str)], &str>) {
    let mut batch = Batch::new("t".into(), 1_000);
    let parsed = elements::each(json.as_bytes(), 10, |index, element: Element| {
        element.into_batch(index, &mut batch)
    });
    match (parsed, expected) {
        (Ok(_), Ok(expected)) => {
            let samples = batch.into_samples().samples;
            let found: Vec<_> = samples.iter().map(|s| (s.time_ms, shown(s.datum.as_ref()))).collect();
            let expected: Vec<_> = expected.iter().map(|(t, d)| (*t, (*d).to_owned())).collect();
            assert_eq!(found, expected, "{json}");
        }
        (Err(error), Err(part)) => assert!(error.contains(part), "{error} has no {part}"),
        (parsed, _) => panic!("{json}: found {parsed:?}, expected {expected:?}"),
    }
}

#[test]
fn elements_carry_one_value_or_arrays_of_values_and_times() {
    check(
        r#"[{"compId":"c","streamId":"s","data":21.5,"time":5}]"#,
        Ok(&[(5, "Number(21.5)")]),
    );
    check(
        r#"[{"compId":"c","streamId":"s","data":true}]"#,
        Ok(&[(1_000, "Boolean(true)")]),
    );
    check(
        r#"[{"compId":"c","streamId":"s","data":"on","time":1.7e12}]"#,
        Ok(&[(1_700_000_000_000, "Text(\"on\")")]),
    );
    check(
        r#"[{"compId":"c","streamId":"s","data":[1,null,3],"time":[1,2,3],"extra":{}}]"#,
        Ok(&[(1, "Number(1.0)"), (2, "null"), (3, "Number(3.0)")]),
    );
    check(r#"[{"compId":"c","streamId":"s","data":null}]"#, Ok(&[(1_000, "null")]));
}

#[test]
fn a_bad_element_is_named_with_what_was_found_and_what_would_be_right() {
    let good = r#"{"compId":"c","streamId":"s","data":1}"#;
    let second = |bad: &str| format!("[{good},{bad}]");
    check(
        &second(r#"{"streamId":"s","data":1}"#),
        Err("element 1 (counted from 0): compId is missing"),
    );
    check(&second(r#"{"compId":"c","streamId":"s"}"#), Err("data is missing"));
    check(&second(r#"{"compId":"c","data":1}"#), Err("streamId is missing"));
    check(
        &second(r#"{"compId":"c","streamId":"s","data":{}}"#),
        Err("expected a number, boolean or string, or an array of them"),
    );
    check(
        &second(r#"{"compId":"c","streamId":"s","data":1,"time":"noon"}"#),
        Err("invalid type: string \"noon\", expected milliseconds since 1970"),
    );
    check(
        &second(r#"{"compId":"c","streamId":"s","data":[1,2],"time":[1]}"#),
        Err("time: found 1 times for 2 values"),
    );
    check(
        &second(r#"{"compId":"c","streamId":"s","data":[1,2]}"#),
        Err("time is an array of the same length"),
    );
    check(
        &second(r#"{"compId":"c","streamId":"s","data":[[1]],"time":[1]}"#),
        Err("expected a number, boolean or string"),
    );
    check(
        &second("7"),
        Err("element 1 (counted from 0): invalid type: integer `7`"),
    );
    check(&second("{"), Err("malformed JSON in element 1"));
}
