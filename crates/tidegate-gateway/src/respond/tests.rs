use super::*;

#[test]
fn jitter_is_only_ever_added_and_bounded() {
    let waits: Vec<Duration> = (0..200).filter_map(|_| no_capacity().retry_after()).collect();
    assert!(waits.iter().all(|wait| {
        (NO_CAPACITY_WAIT..=NO_CAPACITY_WAIT + Duration::from_millis(NO_CAPACITY_JITTER_MS)).contains(wait)
    }));
    assert!(
        waits.iter().any(|wait| *wait != waits[0]),
        "all alike: {}",
        waits[0].as_millis()
    );
}

#[test]
fn our_rate_limit_fields_replace_an_upstreams_and_nothing_else() {
    let ours = RateLimitFields {
        policy: HeaderValue::from_static("\"a\";q=1;w=1"),
        limit: HeaderValue::from_static("\"a\";r=0;t=1"),
    };
    let response = || {
        Response::builder()
            .header("ratelimit-remaining", "7")
            .header("ratelimit", "theirs")
            .header("x-end", "1")
            .body(Body::empty())
            .unwrap()
    };
    let passed = |fields| {
        let mut response = response();
        rate_limit(response.headers_mut(), fields);
        response
    };
    let theirs = passed(None);
    let passed = passed(Some(&ours));
    assert_eq!(passed.headers()["ratelimit"], "\"a\";r=0;t=1");
    assert_eq!(passed.headers()["ratelimit-policy"], "\"a\";q=1;w=1");
    assert_eq!(passed.headers().len(), 3);
    assert_eq!(theirs.headers()["ratelimit"], "theirs");
}

#[test]
fn a_remembered_request_holds_no_query_and_is_cut() {
    let long = format!("/{}?token=secret", "a".repeat(300));
    let (head, ()) = http::Request::get(long).body(()).unwrap().into_parts();
    let line = Asked::of(&head).line();
    assert_eq!(line.len(), "GET ".len() + PATH_BYTES_MAX);
    assert!(!line.contains("secret"));
}
