use http::{
    HeaderValue, StatusCode,
    header::{CONTENT_TYPE, RETRY_AFTER},
};
use http_body_util::BodyExt;
use tidegate_accounts::AccountsError;

use super::*;

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

async fn name_of(content_type: &'static str, body: &str) -> Result<String, LoginError> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    let read = read(&headers, Body::full(body.to_owned())).await;
    read.map(|(name, _)| name)
}

async fn said(why: &LoginError) -> (StatusCode, serde_json::Value, Option<String>) {
    let (head, body) = response::error(why).into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let wait = head
        .headers
        .get(RETRY_AFTER)
        .map(|wait| wait.to_str().unwrap().to_owned());
    (head.status, serde_json::from_slice(&bytes).unwrap(), wait)
}

#[tokio::test]
async fn a_login_is_read_from_json_and_from_forms_under_each_of_its_names() {
    for (content_type, body) in [
        (JSON, r#"{"email":"ann","password":"x"}"#),
        (JSON, r#"{"password":"x","username":" ann "}"#),
        (JSON, r#"{"email":"","user":"ann","password":"x","more":[1]}"#),
        (FORM, "email=ann&password=x"),
        (FORM, "password=a%26b+c&username=ann"),
        // As libraries send JSON that are not told what it is.
        (FORM, r#"{"email":"ann","password":"x"}"#),
    ] {
        let named = name_of(content_type, body).await;
        match body.contains("more") {
            true => assert_eq!(named, Err(LoginError::Unread), "{body}"),
            false => assert_eq!(named.as_deref(), Ok("ann"), "{body}"),
        }
    }
}

#[tokio::test]
async fn what_is_no_login_is_told_what_would_be_and_nothing_of_it_is_repeated() {
    let huge = format!(r#"{{"email":"ann","password":"{}"}}"#, "x".repeat(20_000));
    for body in [
        "",
        "{}",
        r#""hunter22""#,
        r#"{"email":"ann"}"#,
        r#"{"password":"hunter22"}"#,
        &huge,
    ] {
        assert_eq!(name_of(JSON, body).await, Err(LoginError::Unread));
    }
    let (status, document, _) = said(&LoginError::Unread).await;
    assert_eq!((status, &document["success"]), (StatusCode::BAD_REQUEST, &false.into()));
    assert!(document["message"].as_str().unwrap().contains("`email`"));
}

#[tokio::test]
async fn too_many_at_one_moment_are_told_when_to_come_back() {
    let (status, document, wait) = said(&AccountsError::Busy.into()).await;
    assert_eq!((status, wait.as_deref()), (StatusCode::SERVICE_UNAVAILABLE, Some("2")));
    assert_eq!(document["retry_after_ms"], 2_000);
    let (status, _, wait) = said(&AccountsError::WrongKey.into()).await;
    assert_eq!((status, wait), (StatusCode::SERVICE_UNAVAILABLE, None));
}
