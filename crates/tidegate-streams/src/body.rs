//! Request bodies, read up to a bound.

use crate::query::clip;
use bytes::{Bytes, BytesMut};
use flate2::read::MultiGzDecoder;
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use http_body::Body;
use http_body_util::BodyExt;
use std::fmt::Display;
use std::io::Read;
use std::pin::pin;

/// The largest JSON body that a write accepts, in bytes (16 MiB); longer ones are 413.
pub const FEED_BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The reason why a body could not be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("BODY TOO LARGE - the body is over {bytes_max} bytes; send it in smaller batches")]
    TooLarge { bytes_max: usize },
    #[error("the body ended early: {0}")]
    Broken(String),
    #[error("the body is not gzip, as its Content-Encoding says: {0}")]
    NotGzip(String),
    #[error("the body is coded as {0}; send it as it is, or as gzip")]
    Coding(String),
}

/// Reads the whole body and inflates it, if it came as gzip (RFC 1952). Both forms have the same bound, so that a few
/// bytes that inflate to many are refused once they have.
pub(crate) async fn read_decoded<B>(headers: &HeaderMap, body: B, bytes_max: usize) -> Result<Bytes, BodyError>
where
    B: Body<Data = Bytes>,
    B::Error: Display,
{
    let mut codings = headers.get_all(CONTENT_ENCODING).iter();
    let coding = match (codings.next(), codings.next()) {
        (None, _) => None,
        (Some(coding), None) => Some(coding.to_str().unwrap_or("something else").trim().to_ascii_lowercase()),
        (Some(_), Some(_)) => Some("several things".to_owned()),
    };
    let is_gzip = match coding.as_deref() {
        None | Some("identity" | "") => false,
        Some("gzip" | "x-gzip") => true,
        Some(other) => return Err(BodyError::Coding(clip(other))),
    };
    let body = read(body, bytes_max).await?;
    // Some libraries say gzip also of a request without a body.
    if !is_gzip || body.is_empty() {
        return Ok(body);
    }
    let mut inflated = Vec::new();
    // One byte more than is allowed tells "as much" from "too much".
    let mut stream = MultiGzDecoder::new(&body[..]).take(bytes_max as u64 + 1);
    let read = stream.read_to_end(&mut inflated);
    read.map_err(|error| BodyError::NotGzip(error.to_string()))?;
    match inflated.len() > bytes_max {
        true => Err(BodyError::TooLarge { bytes_max }),
        false => Ok(inflated.into()),
    }
}

/// Reads the whole body. Stops at the first frame that crosses `bytes_max`, so memory stays bounded
/// whatever length was declared.
pub(crate) async fn read<B>(body: B, bytes_max: usize) -> Result<Bytes, BodyError>
where
    B: Body<Data = Bytes>,
    B::Error: Display,
{
    let mut body = pin!(body);
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(BodyError::TooLarge { bytes_max });
    }
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| BodyError::Broken(error.to_string()))?;
        let Ok(chunk) = frame.into_data() else {
            continue;
        };
        if first.len() + rest.len() + chunk.len() > bytes_max {
            return Err(BodyError::TooLarge { bytes_max });
        }
        // Most bodies are one frame; that one is kept without a copy.
        if first.is_empty() {
            first = chunk;
        } else {
            rest.extend_from_slice(&chunk);
        }
    }
    if rest.is_empty() {
        return Ok(first);
    }
    let mut whole = BytesMut::with_capacity(first.len() + rest.len());
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&rest);
    Ok(whole.freeze())
}

#[cfg(test)]
mod tests;
