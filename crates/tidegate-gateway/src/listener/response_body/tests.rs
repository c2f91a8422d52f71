use std::sync::Arc;

use http_body_util::{BodyExt, StreamBody};
use parking_lot::Mutex;

use super::*;
use crate::body::Body;

fn watched(body: Body) -> (ResponseBody, Arc<Mutex<Vec<End>>>) {
    let ends = Arc::new(Mutex::new(Vec::new()));
    let seen = ends.clone();
    (
        ResponseBody::new(MeteredBody::unmetered(body), move |how| seen.lock().push(how)),
        ends,
    )
}

fn frames(frames: Vec<Result<&'static str, &'static str>>) -> Body {
    Body::boxed(StreamBody::new(futures_util::stream::iter(
        frames
            .into_iter()
            .map(|frame| frame.map(|text| Frame::data(Bytes::from(text)))),
    )))
}

#[tokio::test]
async fn a_body_read_to_its_end_is_complete_once() {
    let (body, ends) = watched(frames(vec![Ok("a"), Ok("b")]));
    assert_eq!(body.collect().await.unwrap().to_bytes(), "ab");
    assert_eq!(*ends.lock(), [End::Complete]);
}

#[tokio::test]
async fn a_body_of_known_length_is_complete_without_being_asked_again() {
    let (mut body, ends) = watched(Body::full("all"));
    body.frame().await.unwrap().unwrap();
    drop(body);
    assert_eq!(*ends.lock(), [End::Complete]);
}

#[tokio::test]
async fn a_body_that_breaks_off_has_failed_once() {
    let (body, ends) = watched(frames(vec![Ok("a"), Err("gone")]));
    assert_eq!(body.collect().await.unwrap_err(), BodyError::Inside("gone".into()));
    assert_eq!(*ends.lock(), [End::Failed]);
}

#[tokio::test]
async fn a_body_dropped_on_its_way_was_cancelled() {
    let (mut body, ends) = watched(frames(vec![Ok("a"), Ok("b")]));
    body.frame().await.unwrap().unwrap();
    drop(body);
    assert_eq!(*ends.lock(), [End::Cancelled]);
}
