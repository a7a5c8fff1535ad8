//! Requests to an Engine.IO endpoint: checked in the stock server's order, then handed to a
//! transport.

use std::sync::Arc;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, StatusCode};
use polylogue_protocol::conn::Transport;
use polylogue_protocol::eio::{self, Asks, HandshakeError, Query};

use super::accept::{self, Accepted};
use super::close::Close;
use super::connection::Opening;
use super::cors::Cors;
use super::engine::Engine;
use super::reply::{self, Answer, Reply};
use super::{Caller, Gate, polling, upgrade, websocket};
use crate::hub::clock;

/// Answers one request.
pub(super) fn answer(
    engine: &Arc<Engine>,
    request: Request<Incoming>,
    caller: &Caller,
    gate: &Gate,
) -> Answer {
    let headers = request.headers();
    let is_upgrade = accept::is_upgrade(headers);
    let is_old_browser = is_old_browser(headers);
    let mark = engine.settings.cors.mark(headers);
    let answer = if request.method() == Method::OPTIONS {
        let mut reply = reply::empty(StatusCode::NO_CONTENT);
        Cors::mark_preflight(headers, reply.headers_mut());
        reply::now(reply)
    } else {
        checked(engine, request, caller, gate)
    };
    Box::pin(async move {
        let mut reply = answer.await;
        if !is_upgrade || reply.status() == StatusCode::SWITCHING_PROTOCOLS {
            mark.put(reply.headers_mut());
        }
        if is_old_browser {
            guard_old_browser(reply.headers_mut());
        }
        reply
    })
}

fn checked(
    engine: &Arc<Engine>,
    request: Request<Incoming>,
    caller: &Caller,
    gate: &Gate,
) -> Answer {
    let text = request.uri().query().unwrap_or_default().to_owned();
    let query = Query::parse(&text);
    let is_upgrade = accept::is_upgrade(request.headers());
    let marks = eio::Request {
        method: request.method().as_str(),
        is_upgrade,
        origin: request.headers().get(header::ORIGIN).map(HeaderValue::as_bytes),
        is_allowed: !is_upgrade || engine.settings.cors.admits(request.headers()),
    };
    let mut found = None;
    let asks = eio::verify(&query, &marks, |sid| {
        found = engine.find(sid);
        found.as_ref().inspect(|connection| connection.due(clock::up_ms()));
        found = found.take().filter(|connection| !connection.is_closed());
        found.as_ref().map(|connection| connection.transport())
    });
    if let Ok(Asks::Handshake(_)) = asks
        && let Err(later) = gate.connection(caller.peer, clock::up_ms())
    {
        let refused = reply::json(503, r#"{"error":"Too Many Connections"}"#.into());
        return reply::now(later.mark(refused));
    }
    let backlog = Arc::clone(&engine.backlog);
    match (asks, found) {
        (Ok(Asks::Handshake(Transport::Polling)), _) => {
            reply::now(polling::open(engine, opening(&query, &request, caller)))
        }
        (Ok(Asks::Handshake(Transport::WebSocket)), _) => {
            let opening = opening(&query, &request, caller);
            let engine = Arc::clone(engine);
            let run = move |socket| open(&engine, opening, socket);
            reply::now(accept::accept(&request, caller, run))
        }
        (Ok(Asks::Poll), Some(connection)) => {
            // A poll says all in its head.
            if request.method() == Method::GET {
                caller.exit.allow_waiting();
            }
            polling::request(connection, request)
        }
        (Ok(Asks::Upgrade), Some(connection)) => {
            let run = |socket| drop(tokio::spawn(upgrade::run(connection, socket)));
            reply::now(accept::accept(&request, caller, run))
        }
        (Ok(Asks::Misnamed), _) => reply::now(accept::accept(&request, caller, move |socket| {
            let (reader, outbox) = socket.split(0, &backlog);
            drop(tokio::spawn(websocket::part(reader, outbox, Close::Unwanted)));
        })),
        (Ok(_), None) => reply::now(refuse(HandshakeError::UNKNOWN_SID, is_upgrade)),
        (Err(error), _) => reply::now(refuse(error, is_upgrade)),
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
fn opening(query: &Query<'_>, request: &Request<Incoming>, caller: &Caller) -> Opening {
    let headers = request.headers();
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    Opening {
        query: request.uri().query().unwrap_or_default().into(),
        jsonp: query.j.as_deref().map(Into::into),
        token: text("token").or_else(|| super::bearer(headers)).map(Into::into),
        peer: caller.peer,
    }
}

/// A connection that begins as a WebSocket.
fn open(engine: &Arc<Engine>, opening: Opening, socket: Accepted) {
    let (reader, outbox) = socket.split(engine.settings.max_payload_bytes, &engine.backlog);
    let connection = engine.open(opening, Transport::WebSocket, outbox);
    connection.send(&[engine.handshake(&connection.sid, &[])]);
    tokio::spawn(websocket::run(connection, reader));
}

fn is_old_browser(request: &HeaderMap) -> bool {
    let agent = request.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
    agent.is_some_and(|agent| agent.contains(";MSIE") || agent.contains("Trident/"))
}

/// Internet Explorer's filter mistakes payloads for attacks.
fn guard_old_browser(response: &mut HeaderMap) {
    response.insert("X-XSS-Protection", HeaderValue::from_static("0"));
}
