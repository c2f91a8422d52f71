use http::HeaderValue;

use super::*;

async fn read_as(content_type: &'static str, body: &[u8]) -> Result<BTreeMap<String, String>, String> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    read(&headers, Body::full(body.to_vec())).await
}

const FORM: &str = "application/x-www-form-urlencoded";

fn values<const N: usize>(pairs: [(&str, &str); N]) -> BTreeMap<String, String> {
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into_iter()
        .collect()
}

#[tokio::test]
async fn forms_are_read_as_browsers_send_them() {
    for (body, read) in [
        ("", values([])),
        ("a=1&b=2", values([("a", "1"), ("b", "2")])),
        ("&&a=1&", values([("a", "1")])),
        ("a", values([("a", "")])),
        ("a=1=2", values([("a", "1=2")])),
        ("a=1&a=2", values([("a", "2")])),
        ("a+b=c+d%2Be%26f", values([("a b", "c d+e&f")])),
        ("a=%zz%4", values([("a", "%zz%4")])),
        ("n=%C3%A9t%C3%A9", values([("n", "été")])),
    ] {
        assert_eq!(read_as(FORM, body.as_bytes()).await, Ok(read), "{body}");
    }
}

/// Bytes that are not UTF-8 are not guessed: they become a character that no name, token or id contains.
#[tokio::test]
async fn bytes_that_are_no_utf_8_become_a_character_that_nothing_accepts() {
    for body in [&b"token=a%FFb"[..], b"token=a\xffb", b"token=a%C3b"] {
        let read = read_as(FORM, body).await.unwrap();
        assert_eq!(read["token"], "a\u{fffd}b", "{body:?}");
    }
    let refused = read_as("application/json", b"{\"token\":\"a\xffb\"}").await;
    assert!(refused.unwrap_err().starts_with("The body is no JSON object: "));
}

#[tokio::test]
async fn a_form_that_begins_as_json_is_json() {
    let read = read_as(FORM, br#"{"a":1,"b":null}"#).await;
    assert_eq!(read, Ok(values([("a", "1"), ("b", "")])));
    assert!(read_as(FORM, br#"{"a":[1]}"#).await.is_err());
    let large = vec![b'a'; FORM_BYTES_MAX + 1];
    assert!(read_as(FORM, &large).await.is_err());
}
