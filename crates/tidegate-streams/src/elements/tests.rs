use super::*;

fn check(json: &str, expected: Result<usize, &str>) {
    let mut sum = 0;
    let found = each(json.as_bytes(), 3, |_, number: i64| {
        sum += number;
        if number < 0 {
            Err(format!("found {number}, expected 0 or more"))
        } else {
            Ok(())
        }
    });
    match expected {
        Ok(count) => assert_eq!(found, Ok(count)),
        Err(part) => {
            let error = found.unwrap_err();
            assert!(error.contains(part), "{error} has no {part}");
        }
    }
}

#[test]
fn the_bad_element_is_named_by_its_place() {
    check("[]", Ok(0));
    check("[1, 2, 3]", Ok(3));
    check(
        "[1, -2, 3]",
        Err("element 1 (counted from 0): found -2, expected 0 or more"),
    );
    check("[1, \"x\"]", Err("element 1 (counted from 0): invalid type"));
    check("[1, 2", Err("line 1 column 5"));
    check("[1,, 2]", Err("malformed JSON in element 1"));
    check("[1] x", Err("trailing characters"));
    check("{\"a\":1}", Err("expected an array of elements"));
}

#[test]
fn a_batch_at_the_bound_passes_and_one_more_does_not() {
    check("[1, 2, 3]", Ok(3));
    check("[1, 2, 3, 4]", Err("a batch has at most 3 elements"));
}
