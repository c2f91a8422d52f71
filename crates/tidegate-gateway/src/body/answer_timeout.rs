//! The wait for an answer's head, with an end.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::Poll,
    time::Duration,
};

use super::upload_progress::UploadProgress;
use crate::deadline::Deadline;

/// Waits for whoever answers a request, as long as they are not silent for longer than `silence_max`. The timer is one
/// that may have been used before, for other answers of theirs.
///
/// The time runs anew after frames of the request's body were taken, so that a silence then is noticed after one to
/// two times `silence_max`, and it does not run while the client is waited for: an upload's answer comes after the upload. The body's own bounds end that.
pub(crate) async fn wait<T>(
    mut answering: Pin<&mut impl Future<Output = T>>,
    upload: &UploadProgress,
    silence: &mut Deadline,
    silence_max: Duration,
) -> Option<T> {
    let mut frames = upload.frames();
    silence.disarm();
    poll_fn(|cx| {
        if let Poll::Ready(answer) = answering.as_mut().poll(cx) {
            return Poll::Ready(Some(answer));
        }
        while silence.expired(cx, silence_max) {
            if upload.frames() == frames && !upload.awaits_client() {
                return Poll::Ready(None);
            }
            frames = upload.frames();
            silence.disarm();
        }
        Poll::Pending
    })
    .await
}
