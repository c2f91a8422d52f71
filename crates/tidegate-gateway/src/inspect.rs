//! A body looked at while it streams, chunk by chunk before each is passed on: its bytes as they came and as they are
//! decoded, and the samples it carries.

mod check;
mod coding;

use std::{io, sync::Arc};

use http::HeaderMap;
use tidegate_core::{
    payload::{
        Bounded, PayloadKind,
        excess::{Excess, Of},
        upload::{Upload, UploadFormat},
    },
    refusal::Refusal,
    time::Now,
};
use tidegate_gate::no_capacity;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use check::{Check, Track};
use coding::{Coding, Decoder};

use crate::body::request::Inspector;

/// Most coded bodies that are decoded at one time: each takes a window of up to 16 MiB. One more is 503.
pub(crate) const DECODERS_MAX: usize = 32;

/// One body under inspection.
pub(crate) struct Inspection {
    decoder: Decoder<Check>,
    /// The strictest limit on bytes that refuses.
    bytes: Option<Bounded>,
    came_bytes: u64,
    _place: Option<OwnedSemaphorePermit>,
}

/// The rules that a request's payload is held against: its limits with the quotas in force, and how its body carries samples.
pub(crate) struct InspectionRules {
    pub(crate) limits: Vec<Bounded>,
    pub(crate) format: Option<&'static UploadFormat>,
}

// === impl InspectionRules ===

impl InspectionRules {
    /// An inspection of the body that comes behind a head; `None` where nothing looks at it.
    pub(crate) fn body(
        &self,
        headers: &HeaderMap,
        body_bytes_max: u64,
        decoders: &Arc<Semaphore>,
        now: Now,
    ) -> Result<Option<Inspection>, Refusal> {
        let reads =
            |bounded: &Bounded| bounded.limit.kind.reads_samples() || bounded.limit.kind == PayloadKind::BodyBytes;
        let is_limited = self.limits.iter().any(reads);
        if !is_limited && self.format.is_none() {
            return Ok(None);
        }
        let coding = match Coding::of(headers) {
            Ok(coding) => coding,
            Err(coding) if is_limited => return Err(Refusal::UnknownCoding(coding.into())),
            Err(_) => return Ok(None),
        };
        let place = match coding {
            Coding::Identity => None,
            _ => Some(decoders.clone().try_acquire_owned().map_err(|_| no_capacity())?),
        };
        let bytes = self.bytes();
        let check = Check {
            tracks: self.tracks(now),
            bytes: bytes.clone(),
            bytes_max: bytes
                .as_ref()
                .map_or(body_bytes_max, |bounded| u64::from(bounded.quota)),
            came_bytes: 0,
            decoded_bytes: 0,
            is_coded: coding != Coding::Identity,
            refusal: None,
        };
        let decoder = Decoder::new(coding, check).map_err(|fault| Refusal::Internal(fault.to_string().into()))?;
        Ok(Some(Inspection {
            decoder,
            bytes,
            came_bytes: 0,
            _place: place,
        }))
    }

    /// The strictest limit on bytes.
    pub(crate) fn bytes(&self) -> Option<Bounded> {
        let of_bytes = self
            .limits
            .iter()
            .filter(|bounded| bounded.limit.kind == PayloadKind::BodyBytes);
        let enforced = of_bytes.filter(|bounded| !bounded.limit.shadow);
        enforced.min_by_key(|bounded| bounded.quota).cloned()
    }

    /// Returns the readers of the samples: one for the limits that refuse, and one for those that only would.
    fn tracks(&self, now: Now) -> Vec<Track> {
        let Some(format) = self.format else {
            return Vec::new();
        };
        let track = |shadow: bool| {
            let upload = self.upload(shadow);
            let reader = (format.reader)(now.wall_ms);
            Track { reader, upload, shadow }
        };
        let has_shadow = self
            .limits
            .iter()
            .any(|bounded| bounded.limit.shadow && bounded.limit.kind.reads_samples());
        match has_shadow {
            true => vec![track(false), track(true)],
            false => vec![track(false)],
        }
    }

    /// An upload under the limits that refuse, or under those in the shadow.
    pub(crate) fn upload(&self, shadow: bool) -> Upload {
        let limits = self.limits.iter().filter(|bounded| bounded.limit.shadow == shadow);
        Upload::new(
            limits
                .filter(|bounded| bounded.limit.kind.reads_samples())
                .cloned()
                .collect(),
        )
    }
}

// === impl Inspection ===

impl Inspector for Inspection {
    /// Looks at the next bytes. They are passed on only if this is well.
    fn push(&mut self, bytes: &[u8]) -> Result<(), Refusal> {
        self.came_bytes += bytes.len() as u64;
        if let Some(bounded) = &self.bytes
            && self.came_bytes > u64::from(bounded.quota)
        {
            let of = Of::BodyBytes { decoded: false };
            let excess = Excess::new(bounded, None, u64::from(bounded.quota), of);
            return Err(Refusal::TooMuch(excess.into()));
        }
        self.decoder.sink().came_bytes = self.came_bytes;
        let pushed = self.decoder.push(bytes);
        self.judge(pushed)
    }

    /// The body is over: what can be said only now.
    fn end(&mut self) -> Result<(), Refusal> {
        // Some libraries say gzip also of a request without a body.
        if self.came_bytes == 0 {
            return Ok(());
        }
        let ended = self.decoder.end();
        self.judge(ended)?;
        self.decoder.sink().end()
    }

    /// Samples so far.
    fn samples(&mut self) -> u64 {
        self.decoder.sink().samples()
    }
}

impl Inspection {
    fn judge(&mut self, decoded: io::Result<()>) -> Result<(), Refusal> {
        match (self.decoder.sink().refusal.take(), decoded) {
            (Some(refusal), _) => Err(refusal),
            (None, Err(error)) => Err(Refusal::Unreadable(
                format!("it cannot be decoded by its `Content-Encoding`: {error}").into(),
            )),
            (None, Ok(())) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
