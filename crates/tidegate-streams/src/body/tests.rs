use super::*;
use http_body_util::{Full, StreamBody};
use std::convert::Infallible;

fn chunks(parts: &[&'static str]) -> impl Body<Data = Bytes, Error = Infallible> {
    let frames: Vec<_> = parts
        .iter()
        .map(|part| Ok(http_body::Frame::data(Bytes::from_static(part.as_bytes()))))
        .collect();
    StreamBody::new(futures_util::stream::iter(frames))
}

#[tokio::test]
async fn a_body_at_the_bound_is_read_and_one_byte_more_is_not() {
    assert_eq!(read(Full::new(Bytes::from("1234")), 4).await.unwrap(), "1234");
    let over = read(Full::new(Bytes::from("12345")), 4).await;
    assert_eq!(over, Err(BodyError::TooLarge { bytes_max: 4 }));
}

#[tokio::test]
async fn a_body_of_undeclared_length_stops_at_the_bound() {
    assert_eq!(read(chunks(&["12", "34"]), 4).await.unwrap(), "1234");
    let over = read(chunks(&["12", "34", "5"]), 4).await;
    assert_eq!(over, Err(BodyError::TooLarge { bytes_max: 4 }));
}
