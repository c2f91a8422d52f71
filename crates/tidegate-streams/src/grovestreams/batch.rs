//! A batch of samples as it is put together: ids are checked, streams named once, everything bounded.

use super::limits::{ID_CHARS_MAX, SAMPLES_PER_PUT_MAX, STREAMS_PER_PUT_MAX, TEXT_BYTES_MAX, TIME_MAX_MS};
use crate::query::clip;
use crate::store::{Datum, Sample, SampleBatch, StreamKey, ValueText};
use std::collections::HashMap;
use std::sync::Arc;

/// Collects samples. Nothing of it is stored until all of it is valid.
pub(super) struct Batch {
    batch: SampleBatch,
    by_name: HashMap<(Arc<str>, Arc<str>), u32>,
}

impl Batch {
    pub(super) fn new(tenant: Arc<str>, now_ms: i64) -> Batch {
        Batch {
            batch: SampleBatch {
                tenant,
                streams: Vec::new(),
                samples: Vec::new(),
                now_ms,
            },
            by_name: HashMap::new(),
        }
    }

    /// The place of a stream in this batch. The error says which id is wrong and how.
    pub(super) fn stream(&mut self, comp_id: &str, comp_name: Option<&str>, stream_id: &str) -> Result<u32, String> {
        check_id("compId", comp_id)?;
        check_id("streamId", stream_id)?;
        if let Some(name) = comp_name {
            check_id("compName", name)?;
        }
        let name: (Arc<str>, Arc<str>) = (comp_id.into(), stream_id.into());
        if let Some(place) = self.by_name.get(&name) {
            return Ok(*place);
        }
        let place = self.batch.streams.len();
        if place == STREAMS_PER_PUT_MAX {
            return Err(format!("a PUT names at most {STREAMS_PER_PUT_MAX} streams"));
        }
        self.batch.streams.push(StreamKey {
            comp_id: name.0.clone(),
            comp_name: comp_name.map(Arc::from),
            stream_id: name.1.clone(),
        });
        // At most STREAMS_PER_PUT_MAX, so it fits.
        let place = place as u32;
        self.by_name.insert(name, place);
        Ok(place)
    }

    /// Adds a sample. What null means is the stream's to know.
    pub(super) fn add(
        &mut self,
        stream: u32,
        element: usize,
        time_ms: Option<i64>,
        datum: Option<Datum>,
    ) -> Result<(), String> {
        let time_ms = time_ms.unwrap_or(self.batch.now_ms);
        if !(0..=TIME_MAX_MS).contains(&time_ms) {
            return Err(format!("time: found {time_ms}, expected milliseconds since 1970"));
        }
        if self.batch.samples.len() == SAMPLES_PER_PUT_MAX {
            return Err(format!("a PUT carries at most {SAMPLES_PER_PUT_MAX} samples"));
        }
        if let Some(Datum::Text(text) | Datum::Untyped(ValueText(text))) = &datum
            && text.len() > TEXT_BYTES_MAX
        {
            let found = text.len();
            return Err(format!(
                "data: found a string of {found} bytes, at most {TEXT_BYTES_MAX} are stored"
            ));
        }
        self.batch.samples.push(Sample {
            stream,
            // The samples' bound holds for elements too.
            element: u32::try_from(element).unwrap_or(u32::MAX),
            time_ms,
            datum,
        });
        Ok(())
    }

    pub(super) fn into_samples(self) -> SampleBatch {
        self.batch
    }
}

pub(super) fn check_id(member: &str, id: &str) -> Result<(), String> {
    // Counting characters is needed only where bytes do not settle it.
    if id.is_empty() {
        return Err(format!("{member} is empty"));
    }
    if id.len() > ID_CHARS_MAX && id.chars().count() > ID_CHARS_MAX {
        let found = id.chars().count();
        let id = clip(id);
        return Err(format!(
            "{member}: found {found} characters ({id}), expected at most {ID_CHARS_MAX}"
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
