use http::Request;

use super::*;

fn plain_head(uri: &str, fields: &[(&str, &str)]) -> Parts {
    let mut request = Request::get(uri);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let (mut head, ()) = request.body(()).unwrap().into_parts();
    plain(&mut head);
    head
}

#[test]
fn the_authority_is_the_host_where_there_is_none() {
    let head = plain_head("https://gate:8443/x", &[]);
    assert_eq!(head.headers[HOST], "gate:8443");
    let head = plain_head("https://gate/x", &[("host", "other")]);
    assert_eq!(
        head.headers[HOST], "other",
        "and whoever reads it finds that they differ"
    );
}

#[test]
fn the_crumbs_of_a_cookie_are_one_cookie() {
    let head = plain_head("https://gate/x", &[("cookie", "a=1"), ("cookie", "b=2; c=3")]);
    let cookies: Vec<_> = head.headers.get_all(COOKIE).iter().collect();
    assert_eq!(cookies, ["a=1; b=2; c=3"]);
}
