//! The progress of a request's body, for whoever waits on it while the body itself is with the upstream.

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering},
};

use http::{HeaderMap, StatusCode};
use parking_lot::Mutex;
use tidegate_core::refusal::Refusal;
use tokio::sync::OwnedSemaphorePermit;

use crate::net::connection_state::ConnectionState;

/// The progress of one request's body. The body moves on with the request and writes here; the request's handler owns
/// this, has the senders watch it, and reads at the end what the upload came to. One allocation for each request.
#[derive(Debug, Default)]
pub(crate) struct UploadProgress {
    stage: AtomicU8,
    frames: AtomicU64,
    bytes: AtomicU64,
    samples: AtomicU64,
    awaits_client: AtomicBool,
    bytes_max: u64,
    /// The fault that the connection found in the framing. Set once.
    malformed: OnceLock<Box<Refusal>>,
    /// The refusal by the inspection. Set once.
    refused: OnceLock<Box<Refusal>>,
    /// The connection that the body comes over.
    connection: Arc<ConnectionState>,
    /// A place that is only for requests whose bodies are coming.
    place: Mutex<Option<OwnedSemaphorePermit>>,
}

/// The end of an upload.
#[derive(Debug)]
pub(super) enum UploadEnd {
    /// All of it was read.
    Complete,
    /// It had more bytes than a body may have.
    TooLarge,
    /// It came too slowly.
    Stalled,
    /// It broke off; with the fault in its framing, where that was why.
    Broken(Option<Refusal>),
    /// The inspection refused it.
    Refused(Refusal),
}

const OPEN: u8 = 0;
const COMPLETE: u8 = 1;
const TOO_LARGE: u8 = 2;
const STALLED: u8 = 3;
const BROKEN: u8 = 4;
const REFUSED: u8 = 5;

impl UploadProgress {
    /// Begins for a body of this connection that may have so many bytes.
    pub(super) fn begin(connection: Arc<ConnectionState>, is_empty: bool, bytes_max: u64) -> UploadProgress {
        UploadProgress {
            stage: AtomicU8::new(if is_empty { COMPLETE } else { OPEN }),
            bytes_max,
            connection,
            ..UploadProgress::default()
        }
    }

    /// Counts a frame that the client sent.
    pub(super) fn frame_came(&self) {
        self.frames.fetch_add(1, Ordering::Relaxed);
        self.awaits_client.store(false, Ordering::Relaxed);
    }

    /// Counts bytes that are passed on.
    pub(super) fn add_bytes(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Counts samples that the request carries.
    pub(super) fn add_samples(&self, samples: u64) {
        self.samples.fetch_add(samples, Ordering::Relaxed);
    }

    /// Says that the client is waited for.
    pub(super) fn await_client(&self) {
        self.awaits_client.store(true, Ordering::Relaxed);
    }

    /// Ends the upload. Its place is free.
    pub(super) fn end(&self, how: UploadEnd) {
        let stage = match how {
            UploadEnd::Complete => COMPLETE,
            UploadEnd::TooLarge => TOO_LARGE,
            UploadEnd::Stalled => STALLED,
            UploadEnd::Broken(why) => {
                if let Some(why) = why {
                    let _ = self.malformed.set(why.into());
                }
                BROKEN
            }
            UploadEnd::Refused(why) => {
                let _ = self.refused.set(why.into());
                REFUSED
            }
        };
        self.stage.store(stage, Ordering::Release);
        self.free_place();
    }

    /// Gives the place back that the upload holds, if it holds one.
    pub(super) fn free_place(&self) {
        let place = self.place.lock().take();
        drop(place);
    }

    /// Is true when all of the body was read.
    pub(crate) fn is_complete(&self) -> bool {
        self.stage.load(Ordering::Acquire) == COMPLETE
    }

    /// Holds a place for a request whose body is coming, until the body has come or is given up.
    pub(crate) fn hold_place(&self, place: OwnedSemaphorePermit) {
        let kept = self.place.lock().replace(place);
        drop(kept);
        if self.is_complete() {
            self.free_place();
        }
    }

    /// Returns the caller's fault with its body, if that is why the request failed.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        match self.stage.load(Ordering::Acquire) {
            TOO_LARGE => Some(Refusal::BodyTooLarge {
                asked_bytes: None,
                allowed_bytes: self.bytes_max,
            }),
            STALLED | BROKEN => Some(self.malformed.get().map_or(Refusal::BodyStalled, |why| (**why).clone())),
            REFUSED => self.refused.get().map(|why| (**why).clone()),
            _ => None,
        }
    }

    /// Samples so far, where the route says how its bodies carry some.
    pub(crate) fn samples(&self) -> u64 {
        self.samples.load(Ordering::Relaxed)
    }

    /// Passes an interim answer of the upstream down at once, where the client can be told.
    pub(crate) fn pass_interim(&self, status: StatusCode, fields: &HeaderMap) {
        self.connection.interim.push(status, fields);
    }

    /// Frames passed so far. The number grows while the request is on its way up.
    pub(crate) fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    /// Bytes passed so far.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Is true while the client is waited for, and not the upstream; the body's own bounds end that.
    pub(crate) fn awaits_client(&self) -> bool {
        self.stage.load(Ordering::Acquire) == OPEN && self.awaits_client.load(Ordering::Relaxed)
    }
}
