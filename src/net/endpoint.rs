//! Requests to an Engine.IO endpoint: checked in the stock server's order, then handed to a
//! transport.

use std::sync::Arc;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use polylogue_protocol::conn::Transport;
use polylogue_protocol::eio::{self, Asks, HandshakeError, Packet, Query};
use polylogue_protocol::frame;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Message;

use super::connection::{Connection, Opening};
use super::cors::Cors;
use super::engine::Engine;
use super::outbox::Outbox;
use super::reply::{self, Reply};
use super::websocket::{self, WebSocketReader};
use super::wire::{Wire, WireWriter};
use super::{Caller, polling};
use polylogue_protocol::conn::Probe;

/// Answers one request.
pub(super) async fn answer(
    engine: &Arc<Engine>,
    request: Request<Incoming>,
    caller: &Caller,
) -> Reply {
    let headers = request.headers().clone();
    let mut reply = if request.method() == Method::OPTIONS {
        let mut reply = reply::empty(StatusCode::NO_CONTENT);
        Cors::mark_preflight(&headers, reply.headers_mut());
        reply
    } else {
        checked(engine, request, caller).await
    };
    engine.settings.cors.mark(&headers, reply.headers_mut());
    guard_old_browsers(&headers, reply.headers_mut());
    reply
}

async fn checked(engine: &Arc<Engine>, request: Request<Incoming>, caller: &Caller) -> Reply {
    let text = request.uri().query().unwrap_or_default().to_owned();
    let query = Query::parse(&text);
    let is_upgrade = is_websocket(request.headers());
    let marks = eio::Request {
        method: request.method().as_str(),
        is_upgrade,
        origin: request.headers().get(header::ORIGIN).map(HeaderValue::as_bytes),
        is_allowed: !is_upgrade || engine.settings.cors.admits(request.headers()),
    };
    let mut found = None;
    let asks = eio::verify(&query, &marks, |sid| {
        found = engine.find(sid);
        found.as_ref().map(|connection| connection.transport())
    });
    let jsonp = query.j.as_deref();
    match (asks, found) {
        (Ok(Asks::Handshake(Transport::Polling)), _) => {
            polling::open(engine, opening(&request, caller), jsonp)
        }
        (Ok(Asks::Handshake(Transport::WebSocket)), _) => {
            let opening = opening(&request, caller);
            let engine = Arc::clone(engine);
            accept(request, move |wire| open(&engine, opening, wire))
        }
        (Ok(Asks::Poll), Some(connection)) => polling::request(connection, request, jsonp).await,
        (Ok(Asks::Upgrade), Some(connection)) => {
            accept(request, move |wire| drop(tokio::spawn(upgrade(connection, wire))))
        }
        (Ok(_), None) => refuse(HandshakeError::UNKNOWN_SID, is_upgrade),
        (Err(error), _) => refuse(error, is_upgrade),
    }
}

fn refuse(error: HandshakeError, is_upgrade: bool) -> Reply {
    if is_upgrade {
        let words = Bytes::from_static(error.message.as_bytes());
        return reply::with(StatusCode::BAD_REQUEST, "text/html", words);
    }
    reply::json(error.status, error.json())
}

/// What of the request is kept with the connection.
fn opening(request: &Request<Incoming>, caller: &Caller) -> Opening {
    let headers = request.headers();
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    Opening {
        query: request.uri().query().unwrap_or_default().into(),
        token: text("token").or_else(|| super::bearer(headers)).map(Into::into),
        peer: caller.peer,
    }
}

fn is_websocket(headers: &HeaderMap) -> bool {
    let has = |name, word: &str| {
        let value = headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
        value.is_some_and(|value| {
            value.split(',').any(|part| part.trim().eq_ignore_ascii_case(word))
        })
    };
    has(header::CONNECTION, "upgrade") && has(header::UPGRADE, "websocket")
}

/// Answers 101 and hands the stream over once it is the WebSocket's.
fn accept(mut request: Request<Incoming>, run: impl FnOnce(Wire) + Send + 'static) -> Reply {
    let headers = request.headers();
    let is_13 = headers.get(header::SEC_WEBSOCKET_VERSION).is_some_and(|value| value == "13");
    let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|key| key.len() == 24);
    let Some(key) = key.filter(|_| is_13 && request.method() == Method::GET) else {
        return refuse(HandshakeError::BAD_REQUEST, true);
    };
    let accepted = HeaderValue::from_str(&derive_accept_key(key.as_bytes()));
    let accepted = accepted.expect("base64 is a header's value");
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let Ok(upgraded) = upgraded.await else { return };
        if let Ok(parts) = upgraded.downcast::<TokioIo<Wire>>()
            && parts.read_buf.is_empty()
        {
            run(parts.io.into_inner());
        }
    });
    let mut reply = reply::empty(StatusCode::SWITCHING_PROTOCOLS);
    let headers = reply.headers_mut();
    headers.insert(header::CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accepted);
    reply
}

/// A connection that begins as a WebSocket.
fn open(engine: &Arc<Engine>, opening: Opening, wire: Wire) {
    let (reader, writer) = wire.split();
    let connection = engine.open(opening, Transport::WebSocket, Outbox::websocket(writer));
    connection.send(&[engine.handshake(&connection.sid, &[])]);
    let reader = WebSocketReader::new(reader, engine.settings.max_payload_bytes);
    tokio::spawn(websocket::run(connection, reader));
}

/// A WebSocket beside a session that polls: probed, then taken over or given up.
async fn upgrade(connection: Arc<Connection>, wire: Wire) {
    let (reader, writer) = wire.split();
    if connection.probe_opened().is_err() {
        return;
    }
    let patience = connection.engine.settings.timing.upgrade_timeout_ms;
    let patience = std::time::Duration::from_millis(patience);
    let reader = WebSocketReader::new(reader, connection.engine.settings.max_payload_bytes);
    let aside = Outbox::websocket(writer);
    let probed = tokio::time::timeout(patience, probe(&connection, reader, &aside)).await;
    match probed {
        Ok(Some((reader, rest))) => {
            if let Some(writer) = aside.into_writer() {
                connection.upgrade(writer);
                websocket::run_on(connection, reader, rest).await;
            }
        }
        Ok(None) | Err(_) => connection.probe_closed(),
    }
}

/// Listens to the second transport until it says `5`; what came behind is returned with it.
async fn probe(
    connection: &Arc<Connection>,
    mut reader: WebSocketReader,
    aside: &Outbox,
) -> Option<(WebSocketReader, Vec<Message>)> {
    let mut messages = Vec::new();
    loop {
        let read = reader.read(aside, &mut messages).await;
        let mut rest = messages.drain(..);
        while let Some(message) = rest.next() {
            match connection.probe_heard(websocket::packet(&message).ok()?) {
                Probe::Answer => aside.push(&[frame::text("3probe")]).ok()?,
                Probe::Upgraded => return Some((reader, rest.collect())),
                Probe::Fail => return None,
            }
        }
        drop(rest);
        read.ok()?;
    }
}

/// Internet Explorer's filter mistakes payloads for attacks.
fn guard_old_browsers(request: &HeaderMap, response: &mut HeaderMap) {
    let agent = request.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    if agent.is_some_and(|agent| agent.contains(";MSIE") || agent.contains("Trident/")) {
        response.insert("X-XSS-Protection", HeaderValue::from_static("0"));
    }
}
