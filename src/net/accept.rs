//! The opening handshake of a WebSocket (RFC 6455, section 4.2), whatever is spoken on it then.
//!
//! Refusals are worded as the stock server's.

use std::sync::Arc;

use bytes::Bytes;
use hyper::StatusCode;
use hyper::header::{self, HeaderName, HeaderValue};
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use super::asked::{Asked, Headers};
use super::backlog::Backlog;
use super::outbox::Outbox;
use super::reply::{self, Reply};
use super::websocket::WebSocketReader;
use super::wire::Wire;
use super::{Caller, Open};

/// A key is 16 bytes in base64: so many characters, then `==`.
const KEY_CHARS: usize = 22;
/// What the head of an answer needs, mostly, with the first packet behind it.
const HEAD_BYTES: usize = 512;

/// A stream that has become a WebSocket.
pub(super) struct Accepted {
    pub(super) wire: Wire,
    /// The answer to its request, where that is not written yet: it goes out with the first frame.
    pub(super) answer: Vec<u8>,
    /// What the client sent behind its request without waiting for the answer.
    pub(super) ahead: Bytes,
    pub(super) open: Open,
}

impl Accepted {
    /// The half that is read, and the half that is written, which begins with the answer.
    pub(super) fn split(
        mut self,
        message_bytes_max: usize,
        backlog: &Arc<Backlog>,
    ) -> (WebSocketReader, Outbox) {
        let answer = std::mem::take(&mut self.answer);
        let (reader, outbox, _) = self.part(message_bytes_max, backlog);
        if !answer.is_empty() {
            outbox.begin(answer.into());
        }
        (reader, outbox)
    }

    /// The same for whoever says something at once: the answer, still to be written, goes in front
    /// of that, and both are one write.
    pub(super) fn part(
        self,
        message_bytes_max: usize,
        backlog: &Arc<Backlog>,
    ) -> (WebSocketReader, Outbox, Vec<u8>) {
        let (reader, writer) = self.wire.split();
        let reader = WebSocketReader::new(reader, message_bytes_max, &self.ahead, self.open);
        (reader, Outbox::websocket(writer, backlog), self.answer)
    }
}

/// Whether a request asks for another protocol, be it WebSocket or not.
pub(super) fn is_upgrade(headers: Headers<'_>) -> bool {
    let mut words = headers.text(&header::CONNECTION).unwrap_or_default().split(',');
    headers.has(&header::UPGRADE) && words.any(|word| word.trim().eq_ignore_ascii_case("upgrade"))
}

/// Answers 101 and hands the stream over once it is the WebSocket's, or refuses.
pub(super) fn accept(
    asked: Asked<'_>,
    caller: &Caller,
    run: impl FnOnce(Accepted) + Send + 'static,
) -> Reply {
    let accepted = match accept_key(asked) {
        Ok(accepted) => accepted,
        Err(refusal) => return refuse(refusal),
    };
    let subprotocol = subprotocol(asked.headers);
    caller.exit.switch(run);
    let mut reply = reply::empty(StatusCode::SWITCHING_PROTOCOLS);
    let headers = reply.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accepted);
    headers.extend(subprotocol.map(|name| (header::SEC_WEBSOCKET_PROTOCOL, name)));
    reply
}

/// The head of an answer as it stands on the wire, for one that hyper does not write.
pub(super) fn head(reply: &Reply) -> Vec<u8> {
    let mut head = Vec::with_capacity(HEAD_BYTES);
    head.extend_from_slice(b"HTTP/1.1 101 Switching Protocols\r\n");
    for (name, value) in reply.headers() {
        let line = [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"];
        line.iter().for_each(|part| head.extend_from_slice(part));
    }
    head.extend_from_slice(b"\r\n");
    head
}

/// Why a request is refused: the status and its words.
type Refusal = (StatusCode, &'static str);

const METHOD: Refusal = (StatusCode::METHOD_NOT_ALLOWED, "Invalid HTTP method");
const PROTOCOL: Refusal = (StatusCode::BAD_REQUEST, "Invalid Upgrade header");
const KEY: Refusal = (StatusCode::BAD_REQUEST, "Missing or invalid Sec-WebSocket-Key header");
const VERSION: Refusal =
    (StatusCode::BAD_REQUEST, "Missing or invalid Sec-WebSocket-Version header");

/// The answer to the client's key.
fn accept_key(asked: Asked<'_>) -> Result<HeaderValue, Refusal> {
    let text = |name: HeaderName| asked.headers.text(&name);
    if asked.method != "GET" {
        return Err(METHOD);
    }
    if !text(header::UPGRADE).is_some_and(|name| name.eq_ignore_ascii_case("websocket")) {
        return Err(PROTOCOL);
    }
    let key = text(header::SEC_WEBSOCKET_KEY).filter(|key| is_key(key)).ok_or(KEY)?;
    if !matches!(text(header::SEC_WEBSOCKET_VERSION), Some("13" | "8")) {
        return Err(VERSION);
    }
    let accepted = HeaderValue::from_str(&derive_accept_key(key.as_bytes()));
    Ok(accepted.expect("base64 is a header's value"))
}

fn refuse(refusal: Refusal) -> Reply {
    let (status, words) = refusal;
    let mut reply = reply::with(status, "text/html", Bytes::from_static(words.as_bytes()));
    if refusal == VERSION {
        let versions = HeaderValue::from_static("13, 8");
        reply.headers_mut().insert(header::SEC_WEBSOCKET_VERSION, versions);
    }
    reply
}

fn is_key(key: &str) -> bool {
    let is_char = |char: u8| char.is_ascii_alphanumeric() || matches!(char, b'+' | b'/');
    key.strip_suffix("==").is_some_and(|key| key.len() == KEY_CHARS && key.bytes().all(is_char))
}

/// The first of the subprotocols that the client offers: any will do.
fn subprotocol(headers: Headers<'_>) -> Option<HeaderValue> {
    let offered = headers.text(&header::SEC_WEBSOCKET_PROTOCOL)?;
    let first = offered.split(',').next()?.trim();
    HeaderValue::from_str(first).ok().filter(|first| !first.is_empty())
}
