//! The excess of one request: a refusal that no wait cures, with what would pass.

use std::sync::Arc;

use super::Bounded;

/// One limit that one request is past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excess {
    /// The limit's name.
    pub limit: Arc<str>,
    /// The origin of its quota.
    pub from: String,
    /// Advice on avoiding it, in the operator's words.
    pub hint: Option<Arc<str>>,
    /// The amount found; `None` where it was not read to its end, or is not known.
    pub asked: Option<u64>,
    /// The amount allowed.
    pub allowed: u64,
    /// The thing of which there is too much.
    pub of: Of,
}

/// The thing of which there is too much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Of {
    /// Points of a read.
    Points {
        /// Only the strings among them are too many.
        strings: bool,
        /// The widest range that passes; `None` where the range is not why.
        widest: Option<Widest>,
    },
    /// Bytes of a body.
    BodyBytes {
        /// They are those of the body as it is decoded.
        decoded: bool,
    },
    /// Bytes of a decoded body for each byte of it as it came.
    Ratio,
    /// Samples of an upload.
    Samples,
    /// Streams of an upload.
    Streams,
    /// Characters of a string.
    StringChars(Option<StreamLabel>, SampleIndex),
    /// Samples of one stream in the seconds that its samples span.
    Subsecond {
        /// The stream.
        stream: Option<StreamLabel>,
        /// The most samples a second it may have on average.
        per_second: u32,
        /// The number of seconds that its samples touch.
        seconds: u64,
    },
}

/// A range that passes, for whoever asks again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Widest {
    /// The length of the range.
    pub range_ms: i64,
    /// The end of a range that begins where the refused one did.
    pub end_ms: i64,
}

/// A stream as the upload names it, each part cut to what is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamLabel {
    /// Its component's id or uid.
    pub component: Box<str>,
    /// Its own id or uid.
    pub stream: Box<str>,
}

/// A sample's place among all of an upload, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SampleIndex(pub u64);

// === impl Excess ===

impl Excess {
    /// Makes the excess of a request over a limit.
    pub fn new(bounded: &Bounded, asked: Option<u64>, allowed: u64, of: Of) -> Excess {
        Excess {
            limit: bounded.limit.name.clone(),
            from: bounded.origin.to_string(),
            hint: bounded.limit.hint.clone(),
            asked,
            allowed,
            of,
        }
    }

    /// Is true when a body is too large, which is 413; anything else asks for too much, 422.
    pub fn is_too_large(&self) -> bool {
        matches!(self.of, Of::BodyBytes { .. } | Of::Ratio)
    }

    /// Is true when it was found in a body, so that some of it may not have come yet.
    pub fn is_of_body(&self) -> bool {
        !matches!(self.of, Of::Points { .. })
    }

    /// Returns the sentence with the amount found, the amount allowed, and the way out.
    pub fn sentence(&self) -> String {
        let (limit, allowed) = (&self.limit, self.allowed);
        let asked = self.asked.map_or_else(|| "more".to_owned(), |asked| asked.to_string());
        let text = match &self.of {
            Of::Points { strings, widest } => points(limit, &asked, allowed, *strings, *widest),
            Of::BodyBytes { decoded: false } => {
                format!("The limit `{limit}` allows a body of {allowed} bytes. Split it into several requests.")
            }
            Of::BodyBytes { decoded: true } => format!(
                "The limit `{limit}` allows a body of {allowed} bytes, also decoded. Split it into several requests."
            ),
            Of::Ratio => format!(
                "The body grows to more than {allowed} times its bytes when it is decoded. Send it less compressed, or split it."
            ),
            Of::Samples => format!(
                "The limit `{limit}` allows {allowed} samples in one request, and this one carries {asked}. Split it into several."
            ),
            Of::Streams => format!(
                "The limit `{limit}` allows {allowed} streams in one request, and this one carries {asked}. Split it into several."
            ),
            Of::StringChars(stream, SampleIndex(index)) => format!(
                "The limit `{limit}` allows a string of {allowed} characters, and sample {index} (counted from 0){} has {asked}. Split it over several samples or streams.",
                of_stream(stream.as_ref())
            ),
            Of::Subsecond {
                stream,
                per_second,
                seconds,
            } => format!(
                "The limit `{limit}` allows {per_second} samples a second on average: {allowed} in the {seconds} s that those{} touch, and it has {asked}. Send fewer, or spread them over more seconds of one batch.",
                of_stream(stream.as_ref())
            ),
        };
        match &self.hint {
            Some(hint) => format!("{text} {hint}"),
            None => text,
        }
    }
}

fn points(limit: &str, asked: &str, allowed: u64, strings: bool, widest: Option<Widest>) -> String {
    let what = if strings { "points of strings" } else { "points" };
    let head = format!("The limit `{limit}` allows {allowed} {what} in one read, and this one asks for {asked}.");
    match widest {
        Some(Widest { range_ms: 0, .. }) => format!("{head} Name fewer streams."),
        Some(Widest { range_ms, end_ms }) => {
            format!(
                "{head} From the same start a range of {range_ms} ms passes, which ends at {end_ms}; read on from there."
            )
        }
        None => format!("{head} Give the range that is to be read."),
    }
}

fn of_stream(stream: Option<&StreamLabel>) -> String {
    match stream {
        Some(StreamLabel { component, stream }) if !stream.is_empty() => {
            format!(" of the stream `{stream}` of `{component}`")
        }
        _ => String::new(),
    }
}
