//! One whole head, read strictly (RFC 9112 2 to 6): what has two readings has none here.
//!
//! Only what hyper hides or would answer by itself is judged: lines, names, values and the body's framing. What a field
//! says is judged by [`tidegate_core::facts::Facts`], which reads the head that hyper made of it.

use bytes::BytesMut;
use http::Uri;
use tidegate_core::{
    facts::Ambiguous,
    refusal::{HeadBound, Refusal},
};

/// The bounds of a head.
#[derive(Clone, Copy, Debug)]
pub struct HeadBounds {
    /// Most bytes from the first line to the empty one.
    pub bytes_max: usize,
    /// Most header fields.
    pub fields_max: usize,
}

/// The framing of the body behind a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framing {
    /// A number of bytes; none where the head says nothing.
    Length(u64),
    /// The body comes in chunks.
    Chunked,
}

/// Longest target that a head may have, in bytes: what the `http` crate holds.
const TARGET_BYTES_MAX: usize = 65_534;

/// Most bytes of a method and of a path that a refusal remembers of a head that was not read.
const STAND_IN_METHOD_BYTES_MAX: usize = 16;
const STAND_IN_PATH_BYTES_MAX: usize = 256;

/// Reads a head, up to and with its empty line.
pub(crate) fn read(head: &[u8], fields_max: usize) -> Result<Framing, Refusal> {
    let mut lines = Lines(head);
    let request = loop {
        match lines.next() {
            // RFC 9112 2.2: an empty line before a request is passed over.
            Some(Ok(b"")) => {}
            Some(Ok(line)) => break line,
            Some(Err(why)) => return Err(why.into()),
            None => return Err(Ambiguous::RequestLine.into()),
        }
    };
    let is_http_11 = request_line(request).map_err(|why| why_of(request, why))?;
    let mut fields = Fields::default();
    let mut count = 0;
    for line in lines {
        let line = line?;
        if line.is_empty() {
            break;
        }
        count += 1;
        if count > fields_max {
            return Err(why_of(line, Refusal::HeadTooLarge(HeadBound::Fields(fields_max))));
        }
        fields.read(line).map_err(|why| why_of(line, why.into()))?;
    }
    fields.framing(is_http_11).map_err(Refusal::Ambiguous)
}

/// Returns the reason why a line is refused. A CR within one is nowhere allowed, so no line with one is ever taken; that it is what is wrong
/// is looked for only then.
fn why_of(line: &[u8], why: Refusal) -> Refusal {
    match line.contains(&b'\r') {
        true => Ambiguous::LineEnd.into(),
        false => why,
    }
}

/// Finds the bound that a head is past.
pub(crate) fn too_large(bytes: &[u8], bytes_max: usize) -> Refusal {
    let begun = bytes.iter().position(|byte| !matches!(byte, b'\r' | b'\n'));
    let first_line = bytes[begun.unwrap_or(bytes.len())..]
        .iter()
        .position(|byte| *byte == b'\n');
    Refusal::HeadTooLarge(match first_line {
        Some(line_bytes) if line_bytes < bytes_max => HeadBound::Bytes(bytes_max),
        _ => HeadBound::Target(bytes_max),
    })
}

/// A head for hyper in place of a refused one. Method and path are the refused one's as far as they are plain, so that
/// the refusal speaks the dialect of its page and is remembered as what it was; nothing else of it goes on.
pub(crate) fn stand_in(head: &[u8]) -> BytesMut {
    let begun = head.iter().position(|byte| !matches!(byte, b'\r' | b'\n'));
    let mut words = head[begun.unwrap_or(0)..].split(u8::is_ascii_whitespace);
    let method = words
        .next()
        .filter(|method| method.len() <= STAND_IN_METHOD_BYTES_MAX)
        .filter(|method| !method.is_empty() && method.iter().all(u8::is_ascii_uppercase))
        .unwrap_or(b"GET");
    let target = words.next().filter(|target| target.starts_with(b"/")).unwrap_or(b"/");
    let plain = target
        .iter()
        .take(STAND_IN_PATH_BYTES_MAX)
        .take_while(|byte| byte.is_ascii_alphanumeric() || b"-._~/".contains(byte));
    let mut bytes = BytesMut::from(method);
    bytes.extend_from_slice(b" ");
    bytes.extend(plain);
    bytes.extend_from_slice(b" HTTP/1.1\r\nhost: refused\r\n\r\n");
    bytes
}

/// The bytes of a method or a field's name, by their value: each byte of each head is asked for.
const TOKEN_BYTES: [bool; 256] = table(b"!#$%&'*+-.^_`|~0123456789");

/// The bytes of a target beside letters, by their value: visible ASCII without what RFC 3986 lets nobody write.
const TARGET_BYTES: [bool; 256] = table(b"!$%&'()*+,-./0123456789:;=?@[\\]^_{|}~");

/// Letters and these.
const fn table(others: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    let mut letter = 0;
    while letter < 26 {
        table[(b'a' + letter) as usize] = true;
        table[(b'A' + letter) as usize] = true;
        letter += 1;
    }
    let mut at = 0;
    while at < others.len() {
        table[others[at] as usize] = true;
        at += 1;
    }
    table
}

/// A byte of a method or a field's name (RFC 9110 5.6.2).
pub(crate) fn is_token_byte(byte: u8) -> bool {
    TOKEN_BYTES[usize::from(byte)]
}

/// A byte of a field's value (RFC 9110 5.5).
pub(crate) fn is_value_byte(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

/// Reads the request's first line; is true when the version is 1.1 rather than 1.0.
fn request_line(line: &[u8]) -> Result<bool, Refusal> {
    let mut words = line.split(|byte| *byte == b' ');
    let (Some(method), Some(target), Some(version), None) = (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(Ambiguous::RequestLine.into());
    };
    if method.is_empty() || !method.iter().all(|byte| is_token_byte(*byte)) {
        return Err(Ambiguous::RequestLine.into());
    }
    if target.len() > TARGET_BYTES_MAX {
        return Err(Refusal::HeadTooLarge(HeadBound::Target(TARGET_BYTES_MAX)));
    }
    if !is_target(target) {
        return Err(Ambiguous::Target.into());
    }
    match version {
        b"HTTP/1.1" => Ok(true),
        b"HTTP/1.0" => Ok(false),
        _ => Err(Ambiguous::RequestLine.into()),
    }
}

/// A path, or an address of one; of visible ASCII, without what RFC 3986 lets nobody write and the `http` crate does
/// not take, and without a fragment, which never belongs to a request.
fn is_target(target: &[u8]) -> bool {
    if !target.iter().all(|byte| TARGET_BYTES[usize::from(*byte)]) {
        return false;
    }
    target.starts_with(b"/")
        || Uri::try_from(target).is_ok_and(|uri| {
            // An authority without a path is `/`; one with a query alone would go on as a target without a slash.
            let is_http = matches!(uri.scheme_str(), Some("http" | "https"));
            is_http && uri.path_and_query().is_some_and(|path| path.as_str().starts_with('/'))
        })
}

/// The lines of a head without their ends, each of which is CR LF.
struct Lines<'h>(&'h [u8]);

impl<'h> Iterator for Lines<'h> {
    type Item = Result<&'h [u8], Ambiguous>;

    fn next(&mut self) -> Option<Self::Item> {
        let end = memchr::memchr(b'\n', self.0)?;
        let (line, rest) = self.0.split_at(end + 1);
        self.0 = rest;
        Some(line.strip_suffix(b"\r\n").ok_or(Ambiguous::LineEnd))
    }
}

/// The body's framing, as the fields say.
#[derive(Debug, Default)]
struct Fields {
    length: Option<u64>,
    coded: bool,
}

impl Fields {
    fn read(&mut self, line: &[u8]) -> Result<(), Ambiguous> {
        // The first byte that is none of a name must be the colon behind it.
        let colon = line.iter().position(|byte| !is_token_byte(*byte));
        let colon = colon.filter(|at| line[*at] == b':').ok_or(Ambiguous::FieldLine)?;
        let (name, value) = (&line[..colon], &line[colon + 1..]);
        // All of them are looked at, many at once, where to stop at the first bad one would be one by one.
        let is_value = value.iter().fold(true, |all, byte| all & is_value_byte(*byte));
        if name.is_empty() || !is_value {
            return Err(Ambiguous::FieldLine);
        }
        if name.eq_ignore_ascii_case(b"content-length") {
            let length = number(value.trim_ascii()).filter(|_| self.length.is_none());
            self.length = Some(length.ok_or(Ambiguous::Length)?);
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            if self.coded || !value.trim_ascii().eq_ignore_ascii_case(b"chunked") {
                return Err(Ambiguous::Coding);
            }
            self.coded = true;
        }
        Ok(())
    }

    fn framing(&self, is_http_11: bool) -> Result<Framing, Ambiguous> {
        match (self.length, self.coded) {
            (Some(_), true) => Err(Ambiguous::LengthAndCoding),
            // RFC 9112 6.1: the framing of such a message is faulty.
            (None, true) if !is_http_11 => Err(Ambiguous::Coding),
            (None, true) => Ok(Framing::Chunked),
            (length, false) => Ok(Framing::Length(length.unwrap_or(0))),
        }
    }
}

/// Digits and nothing else, of a number that also fits where it is signed.
fn number(text: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(text).ok()?;
    let is_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = is_digits.then(|| digits.parse::<i64>().ok())??;
    u64::try_from(number).ok()
}

#[cfg(test)]
mod tests;
