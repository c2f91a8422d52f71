//! The opening of a WebSocket (RFC 6455 4): whether a request is one, what an upstream is asked, and the 101.

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{
    HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, Version,
    header::{
        CONNECTION, CONTENT_LENGTH, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY,
        SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, TRANSFER_ENCODING, UPGRADE,
    },
    request::Parts,
};
use sha1::{Digest, Sha1};

/// The text that every server appends to the key (RFC 6455 1.3).
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Bytes that a key stands for.
const KEY_BYTES: usize = 16;

/// A request that may be upgraded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpgradeRequest {
    accept: HeaderValue,
    protocols: Vec<String>,
}

/// The reason why a request that asks for an upgrade gets none (fault 37).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum InvalidHandshake {
    /// It is no GET over HTTP/1.1.
    #[error("a WebSocket is opened with GET over HTTP/1.1")]
    Method,
    /// `Connection: upgrade` or `Upgrade: websocket` is missing.
    #[error("a WebSocket is opened with `Connection: upgrade` and `Upgrade: websocket`")]
    Unasked,
    /// Another version of the protocol.
    #[error("only version 13 of the WebSocket protocol is spoken here")]
    Version,
    /// The key is missing, there are two, or it is not of sixteen bytes.
    #[error("`Sec-WebSocket-Key` is not one key of sixteen bytes")]
    Key,
    /// It has a body.
    #[error("a WebSocket is opened without a body")]
    Body,
    /// More bytes came before the upgrade was granted.
    #[error("bytes were sent behind the request before the upgrade was granted")]
    Pipelined,
}

/// The bytes behind a request's head, as the connection knows them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Behind {
    /// A body, also an empty one in chunks.
    pub has_body: bool,
    /// More bytes than the request.
    pub has_more: bool,
}

/// The fault of an upstream's 101.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum BadAnswer {
    /// `Upgrade` or `Connection` do not say so.
    #[error("its 101 does not say to what it switches")]
    Unnamed,
    /// The key's answer is wrong: it is no WebSocket server, or answers somebody else.
    #[error("its 101 does not answer the key")]
    Accept,
    /// A protocol or an extension that nobody asked for.
    #[error("its 101 chooses what was not offered")]
    Unoffered,
}

/// Is true when a request means to open a WebSocket, well or badly: those are answered here and never passed on as a GET.
pub fn is_meant(headers: &HeaderMap) -> bool {
    lists(headers, UPGRADE, "websocket") || headers.contains_key(SEC_WEBSOCKET_KEY)
}

/// Checks a request that is meant to open a WebSocket. Nothing is taken or opened before this.
///
/// # Errors
/// Fails with the rule that it breaks.
pub fn check(head: &Parts, behind: Behind) -> Result<UpgradeRequest, InvalidHandshake> {
    if head.method != Method::GET || head.version != Version::HTTP_11 {
        return Err(InvalidHandshake::Method);
    }
    if !lists(&head.headers, UPGRADE, "websocket") || !lists(&head.headers, CONNECTION, "upgrade") {
        return Err(InvalidHandshake::Unasked);
    }
    if only(&head.headers, SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
        return Err(InvalidHandshake::Version);
    }
    let key = only(&head.headers, SEC_WEBSOCKET_KEY).ok_or(InvalidHandshake::Key)?;
    if STANDARD.decode(key).map_or(0, |bytes| bytes.len()) != KEY_BYTES {
        return Err(InvalidHandshake::Key);
    }
    let declares_body = head.headers.contains_key(TRANSFER_ENCODING)
        || head.headers.get(CONTENT_LENGTH).is_some_and(|length| length != "0");
    if behind.has_body || declares_body {
        return Err(InvalidHandshake::Body);
    }
    if behind.has_more {
        return Err(InvalidHandshake::Pipelined);
    }
    Ok(UpgradeRequest {
        accept: accept(key.as_bytes()),
        protocols: tokens(&head.headers, SEC_WEBSOCKET_PROTOCOL)
            .map(str::to_owned)
            .collect(),
    })
}

/// Makes a client's fields, from which those of one hop were stripped, the upgrade that an upstream is asked for.
pub fn ask(headers: &mut HeaderMap, extensions: bool) {
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
    headers.remove(CONTENT_LENGTH);
    if !extensions {
        headers.remove(SEC_WEBSOCKET_EXTENSIONS);
    }
}

impl UpgradeRequest {
    /// Checks an upstream's 101. It got the client's own key.
    ///
    /// # Errors
    /// Fails with what is wrong with it; then there is no tunnel.
    pub fn verify(&self, headers: &HeaderMap, extensions: bool) -> Result<(), BadAnswer> {
        if !lists(headers, UPGRADE, "websocket") || !lists(headers, CONNECTION, "upgrade") {
            return Err(BadAnswer::Unnamed);
        }
        if only(headers, SEC_WEBSOCKET_ACCEPT).is_none_or(|theirs| self.accept != theirs) {
            return Err(BadAnswer::Accept);
        }
        let offered = match headers.get_all(SEC_WEBSOCKET_PROTOCOL).iter().count() {
            0 => true,
            _ => only(headers, SEC_WEBSOCKET_PROTOCOL)
                .is_some_and(|theirs| self.protocols.iter().any(|ours| ours == theirs)),
        };
        if !offered || (headers.contains_key(SEC_WEBSOCKET_EXTENSIONS) && !extensions) {
            return Err(BadAnswer::Unoffered);
        }
        Ok(())
    }

    /// The protocols that the client offered, in its order.
    pub fn protocols(&self) -> impl Iterator<Item = &str> {
        self.protocols.iter().map(String::as_str)
    }

    /// The 101, with what an upstream said beside it; its fields of one hop are stripped already.
    pub fn grant<B: Default>(&self, theirs: HeaderMap, extensions: bool) -> Response<B> {
        let mut response = Response::new(B::default());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        let headers = response.headers_mut();
        *headers = theirs;
        for name in [CONTENT_LENGTH, TRANSFER_ENCODING] {
            headers.remove(name);
        }
        if !extensions {
            headers.remove(SEC_WEBSOCKET_EXTENSIONS);
        }
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        headers.insert(SEC_WEBSOCKET_ACCEPT, self.accept.clone());
        response
    }
}

impl InvalidHandshake {
    /// The status of the refusal: 426 where another version or an upgrade would have been right, else 400.
    pub fn status(self) -> StatusCode {
        match self {
            InvalidHandshake::Version => StatusCode::UPGRADE_REQUIRED,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// Puts the fields beside the status that it calls for.
    pub fn tell(self, headers: &mut HeaderMap) {
        if self == InvalidHandshake::Version {
            headers.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
            headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
        }
        if self.ends_connection() {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
    }

    /// After these nobody knows what the next bytes on the connection are.
    pub fn ends_connection(self) -> bool {
        matches!(self, InvalidHandshake::Body | InvalidHandshake::Pipelined)
    }
}

/// `Sec-WebSocket-Accept` for a key.
pub fn accept(key: &[u8]) -> HeaderValue {
    let digest = Sha1::new().chain_update(key).chain_update(GUID).finalize();
    // Base64 is ASCII.
    HeaderValue::try_from(STANDARD.encode(digest)).unwrap_or(HeaderValue::from_static(""))
}

/// The value of a field that stands there once.
fn only(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok().map(str::trim),
        _ => None,
    }
}

fn lists(headers: &HeaderMap, name: HeaderName, token: &str) -> bool {
    tokens(headers, name).any(|listed| listed.eq_ignore_ascii_case(token))
}

fn tokens(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let lines = headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    lines
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .filter(|token| !token.is_empty())
}

#[cfg(test)]
mod tests;
