//! An unreadable request gets a problem that says what would be right.

use axum::{
    body::Body as Bytes,
    extract::FromRequest,
    http::{Request, StatusCode},
};
use serde::Deserialize;

use super::{Body, rows};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
}

async fn read(kind: &str, body: &'static str) -> Result<String, (StatusCode, String)> {
    let request = Request::post("/").header("content-type", kind).body(Bytes::from(body));
    let read = Body::<Named>::from_request(request.unwrap(), &()).await;
    match read {
        Ok(Body(named)) => Ok(named.name),
        Err(problem) => Err((StatusCode::from_u16(problem.status).unwrap(), problem.detail)),
    }
}

#[tokio::test]
async fn a_body_is_an_object_of_json() {
    assert_eq!(
        read("application/json", r#" {"name":"ann"}"#).await,
        Ok("ann".to_owned())
    );
    assert_eq!(
        read("application/merge+json; charset=utf-8", r#"{"name":"ann"}"#).await,
        Ok("ann".to_owned())
    );
    let (status, detail) = read("text/plain", r#"{"name":"ann"}"#).await.unwrap_err();
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(detail.contains("Content-Type: application/json"), "{detail}");
    let (status, detail) = read("application/json", r#"{"name":"#).await.unwrap_err();
    assert_eq!(status, StatusCode::BAD_REQUEST, "{detail}");
    let (status, detail) = read("application/json", r#"{"nam":"ann"}"#).await.unwrap_err();
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(detail.contains("nam"), "{detail}");
}

#[tokio::test]
async fn values_without_their_names_are_no_body() {
    let (status, detail) = read("application/json", r#"["ann"]"#).await.unwrap_err();
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(detail.contains("begins with `{`"), "{detail}");
}

#[test]
fn a_list_longer_than_can_be_given_is_refused_rather_than_cut() {
    assert_eq!(rows(None, 20, 100).unwrap(), 20);
    assert_eq!(
        (rows(Some(1), 20, 100).unwrap(), rows(Some(100), 20, 100).unwrap()),
        (1, 100)
    );
    for asked in [0, 101, u32::MAX] {
        let problem = rows(Some(asked), 20, 100).unwrap_err();
        assert_eq!(problem.status, 422);
        assert!(problem.detail.contains("1 to 100"), "{}", problem.detail);
    }
}
