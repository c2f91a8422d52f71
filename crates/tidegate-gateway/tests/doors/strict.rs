//! HTTP/1 read to the letter of RFC 9112, by other means than the gate: what this does not read has two readings.
//! The fuzz target uses this file too.

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub method: String,
    pub target: String,
    /// Of version 1.0 rather than 1.1.
    pub is_http_10: bool,
    pub fields: Vec<(String, Vec<u8>)>,
    /// Decoded.
    pub body: Vec<u8>,
}

/// How the bytes end behind the requests that were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Where a request ends, but for empty lines.
    Clean,
    /// Within a head.
    InHead,
    /// Within a body.
    InBody,
    /// In what is no request.
    Bad,
}

/// Why reading stops.
enum Stop {
    Short,
    Bad,
}

type Read<T> = Result<T, Stop>;

/// Reads requests to the end of the bytes, or as far as they are any. The number says how many bytes the whole ones take.
pub fn requests(bytes: &[u8]) -> (Vec<Request>, Ending, usize) {
    let mut rest = bytes;
    let mut read = Vec::new();
    loop {
        let whole = bytes.len() - rest.len();
        while let Some(after) = rest.strip_prefix(b"\r\n") {
            rest = after;
        }
        if rest.is_empty() || rest == b"\r" {
            return (read, Ending::Clean, whole);
        }
        let mut request = match head(&mut rest) {
            Ok(request) => request,
            Err(Stop::Short) => return (read, Ending::InHead, whole),
            Err(Stop::Bad) => return (read, Ending::Bad, whole),
        };
        match body(&request, &mut rest) {
            Ok(body) => request.body = body,
            Err(Stop::Short) => return (read, Ending::InBody, whole),
            Err(Stop::Bad) => return (read, Ending::Bad, whole),
        }
        read.push(request);
    }
}

impl Request {
    /// All values of a field, by its name in small letters.
    pub fn values(&self, name: &str) -> Vec<&[u8]> {
        self.fields
            .iter()
            .filter(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_slice())
            .collect()
    }
}

fn head(rest: &mut &[u8]) -> Read<Request> {
    let method = token(rest)?;
    literal(rest, b" ")?;
    let target = run(rest, |byte| (0x21..0x7f).contains(&byte))?;
    literal(rest, b" ")?;
    literal(rest, b"HTTP/1.")?;
    let minor = run(rest, |byte| byte.is_ascii_digit())?;
    literal(rest, b"\r\n")?;
    let mut fields = Vec::new();
    while !peek(rest, b"\r\n")? {
        let name = token(rest)?;
        literal(rest, b":")?;
        let value = line(rest)?;
        fields.push((name, value));
    }
    literal(rest, b"\r\n")?;
    if !matches!(minor.as_slice(), b"0" | b"1") || !is_target(&target) {
        return Err(Stop::Bad);
    }
    let request = Request {
        method,
        target: String::from_utf8(target).map_err(|_| Stop::Bad)?,
        is_http_10: minor == b"0",
        fields,
        body: Vec::new(),
    };
    let is_coded = !request.values("transfer-encoding").is_empty();
    if is_coded && (minor == b"0" || !request.values("content-length").is_empty()) {
        return Err(Stop::Bad);
    }
    framing(&request).map(|_| request)
}

fn is_target(target: &[u8]) -> bool {
    let path_at = ["http://", "https://"]
        .iter()
        .find(|scheme| {
            target
                .get(..scheme.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(scheme.as_bytes()))
        })
        .map(|scheme| {
            scheme.len()
                + target[scheme.len()..]
                    .iter()
                    .take_while(|byte| !b"/?".contains(byte))
                    .count()
        });
    let path = &target[path_at.unwrap_or(0)..];
    let is_rooted = path.starts_with(b"/") || (path_at.is_some() && path.is_empty());
    is_rooted && !target.iter().any(|byte| b"#<>\"`".contains(byte))
}

/// `None` is chunks.
fn framing(request: &Request) -> Read<Option<u64>> {
    match (
        request.values("content-length").as_slice(),
        request.values("transfer-encoding").as_slice(),
    ) {
        ([], []) => Ok(Some(0)),
        ([length], []) => {
            let is_number = !length.is_empty() && length.iter().all(u8::is_ascii_digit);
            let number = String::from_utf8_lossy(length).parse::<u64>();
            number
                .ok()
                .filter(|number| is_number && *number <= i64::MAX as u64)
                .map(Some)
                .ok_or(Stop::Bad)
        }
        ([], [coding]) if coding.eq_ignore_ascii_case(b"chunked") => Ok(None),
        _ => Err(Stop::Bad),
    }
}

fn body(request: &Request, rest: &mut &[u8]) -> Read<Vec<u8>> {
    if let Some(length) = framing(request)? {
        return exactly(rest, length);
    }
    let mut body = Vec::new();
    loop {
        if rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count() > 15 {
            return Err(Stop::Bad);
        }
        let size = run(rest, |byte| byte.is_ascii_hexdigit())?;
        if size.is_empty() {
            return Err(Stop::Bad);
        }
        if peek(rest, b";")? {
            run(rest, |byte| is_text(byte) && byte.is_ascii())?;
            literal(rest, b"\r\n")?;
        } else {
            literal(rest, b"\r\n")?;
        }
        let size = u64::from_str_radix(&String::from_utf8_lossy(&size), 16).map_err(|_| Stop::Bad)?;
        if size == 0 {
            break;
        }
        body.extend(exactly(rest, size)?);
        literal(rest, b"\r\n")?;
    }
    while !peek(rest, b"\r\n")? {
        token(rest)?;
        literal(rest, b":")?;
        line(rest)?;
    }
    literal(rest, b"\r\n")?;
    Ok(body)
}

fn token(rest: &mut &[u8]) -> Read<String> {
    let token = run(rest, |byte| {
        byte.is_ascii_graphic() && !b"\"(),/:;<=>?@[\\]{}".contains(&byte)
    })?;
    if token.is_empty() {
        return Err(Stop::Bad);
    }
    String::from_utf8(token).map_err(|_| Stop::Bad)
}

/// The text to the line's end, trimmed.
fn line(rest: &mut &[u8]) -> Read<Vec<u8>> {
    let text = run(rest, is_text)?;
    literal(rest, b"\r\n")?;
    Ok(text.trim_ascii().to_vec())
}

fn is_text(byte: u8) -> bool {
    byte == b'\t' || (byte >= 0x20 && byte != 0x7f)
}

/// The bytes that fit, where it is known which is the first that does not.
fn run(rest: &mut &[u8], fits: impl Fn(u8) -> bool) -> Read<Vec<u8>> {
    let end = rest.iter().position(|byte| !fits(*byte)).ok_or(Stop::Short)?;
    let (text, after) = rest.split_at(end);
    *rest = after;
    Ok(text.to_vec())
}

fn exactly(rest: &mut &[u8], bytes: u64) -> Read<Vec<u8>> {
    let bytes = usize::try_from(bytes).map_err(|_| Stop::Short)?;
    let (taken, after) = rest.split_at_checked(bytes).ok_or(Stop::Short)?;
    *rest = after;
    Ok(taken.to_vec())
}

fn literal(rest: &mut &[u8], text: &[u8]) -> Read<()> {
    if !peek(rest, text)? {
        return Err(Stop::Bad);
    }
    *rest = &rest[text.len()..];
    Ok(())
}

fn peek(rest: &[u8], text: &[u8]) -> Read<bool> {
    if rest.len() < text.len() && text.starts_with(rest) {
        return Err(Stop::Short);
    }
    Ok(rest.starts_with(text))
}
