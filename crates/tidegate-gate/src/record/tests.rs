use super::*;

#[test]
fn a_remembered_request_holds_no_query_and_is_cut() {
    let long = format!("/{}?token=secret", "a".repeat(300));
    let (head, ()) = http::Request::get(long).body(()).unwrap().into_parts();
    let line = RequestLine::of(&head).without_query();
    assert_eq!(line.len(), "GET ".len() + PATH_BYTES_MAX);
    assert!(!line.contains("secret"));
}
