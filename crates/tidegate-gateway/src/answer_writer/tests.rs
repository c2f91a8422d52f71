use super::*;

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
    let passed = passed(Some(ours));
    assert_eq!(passed.headers()["ratelimit"], "\"a\";r=0;t=1");
    assert_eq!(passed.headers()["ratelimit-policy"], "\"a\";q=1;w=1");
    assert_eq!(passed.headers().len(), 3);
    assert_eq!(theirs.headers()["ratelimit"], "theirs");
}
