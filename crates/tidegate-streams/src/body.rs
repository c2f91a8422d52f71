//! Request bodies, read up to a bound.

use bytes::{Bytes, BytesMut};
use http_body::Body;
use http_body_util::BodyExt;
use std::fmt::Display;
use std::pin::pin;

/// The largest JSON body that a write accepts, in bytes (16 MiB); longer ones are 413.
pub const FEED_BODY_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Why a body could not be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("BODY TOO LARGE - the body is over {bytes_max} bytes; send it in smaller batches")]
    TooLarge { bytes_max: usize },
    #[error("the body ended early: {0}")]
    Broken(String),
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
