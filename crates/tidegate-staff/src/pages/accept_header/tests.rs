use http::HeaderValue;

use super::*;

fn html(accept: &str) -> bool {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, HeaderValue::from_str(accept).unwrap());
    prefers_html(&headers)
}

#[test]
fn browsers_get_html_and_programs_json() {
    assert!(html("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"));
    assert!(!html("*/*"));
    assert!(!html("application/json"));
    assert!(!prefers_html(&HeaderMap::new()));
}

#[test]
fn the_larger_weight_decides() {
    assert!(!html("text/html;q=0.4, application/json;q=0.5"));
    assert!(html("text/html;q=0.5, application/json;q=0.4"));
    assert!(!html("text/html;q=0"));
    assert!(!html("text/html;q=nonsense"));
}
