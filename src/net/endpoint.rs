//! Requests to an Engine.IO endpoint: checked in the stock server's order, then handed to a
//! transport.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use hyper::body::{Body, Incoming};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, StatusCode};
use polylogue_protocol::conn::Transport;
use polylogue_protocol::eio::{self, Asks, HandshakeError, Query};

use super::accept::{self, Accepted};
use super::asked::{Asked, Headers};
use super::close::Close;
use super::connection::Connection;
use super::cors::Cors;
use super::engine::Engine;
use super::gate::Later;
use super::opening::Opening;
use super::reply::{self, Answer, Reply};
use super::{Caller, Gate, polling, random, upgrade, websocket};
use crate::hub::clock;

/// Where some clients put their token.
const TOKEN: HeaderName = HeaderName::from_static("token");

/// Answers one request.
pub(super) fn answer(
    engine: &Arc<Engine>,
    request: Request<Incoming>,
    caller: &Caller,
    gate: &Gate,
) -> Answer {
    let headers = Headers::Table(request.headers());
    if request.method() != Method::OPTIONS && accept::is_upgrade(headers) {
        return reply::now(answer_upgrade(engine, (&request).into(), caller, gate));
    }
    let is_old_browser = is_old_browser(headers);
    let mark = engine.settings.cors.mark(headers);
    let answer = if request.method() == Method::OPTIONS {
        let mut reply = reply::empty(StatusCode::NO_CONTENT);
        Cors::mark_preflight(request.headers(), reply.headers_mut());
        reply::now(reply)
    } else {
        plain(engine, request, caller, gate)
    };
    Box::pin(async move {
        let mut reply = answer.await;
        mark.put(reply.headers_mut());
        if is_old_browser {
            guard_old_browser(reply.headers_mut());
        }
        reply
    })
}

/// Answers a request that asks for a WebSocket.
pub(super) fn answer_upgrade(
    engine: &Arc<Engine>,
    asked: Asked<'_>,
    caller: &Caller,
    gate: &Gate,
) -> Reply {
    let headers = asked.headers;
    let mut reply = switch(engine, asked, caller, gate);
    if reply.status() == StatusCode::SWITCHING_PROTOCOLS {
        engine.settings.cors.mark(headers).put(reply.headers_mut());
    }
    if is_old_browser(headers) {
        guard_old_browser(reply.headers_mut());
    }
    reply
}

fn switch(engine: &Arc<Engine>, asked: Asked<'_>, caller: &Caller, gate: &Gate) -> Reply {
    let query = Query::parse(asked.query);
    let is_allowed = engine.settings.cors.admits(asked.headers);
    let (engine, backlog) = (Arc::clone(engine), Arc::clone(&engine.backlog));
    match verify(&engine, asked, &query, true, is_allowed) {
        (Ok(Asks::Handshake(Transport::WebSocket)), _) => {
            if let Err(later) = gate.connection(caller.peer, clock::up_ms()) {
                return too_many(later);
            }
            let opening = opening(&query, asked, caller);
            accept::accept(asked, caller, move |socket| open(&engine, opening, socket))
        }
        (Ok(Asks::Upgrade), Some(connection)) => {
            let run = |socket| drop(tokio::spawn(upgrade::run(connection, socket)));
            accept::accept(asked, caller, run)
        }
        (Ok(Asks::Misnamed), _) => accept::accept(asked, caller, move |socket| {
            let (reader, outbox) = socket.split(0, &backlog);
            drop(tokio::spawn(websocket::part(reader, outbox, Close::Unwanted)));
        }),
        (Ok(Asks::Upgrade), None) => refuse_upgrade(HandshakeError::UNKNOWN_SID),
        (Ok(Asks::Handshake(Transport::Polling) | Asks::Poll), _) => {
            refuse_upgrade(HandshakeError::BAD_REQUEST)
        }
        (Err(error), _) => refuse_upgrade(error),
    }
}

/// Answers a request that asks for no other protocol.
fn plain(engine: &Arc<Engine>, request: Request<Incoming>, caller: &Caller, gate: &Gate) -> Answer {
    // What follows is another request only where this one is read to its end.
    let says_all = request.body().is_end_stream();
    if says_all {
        caller.exit.allow_resting();
    }
    let text = request.uri().query().unwrap_or_default().to_owned();
    let query = Query::parse(&text);
    match verify(engine, (&request).into(), &query, false, true) {
        (Ok(Asks::Handshake(Transport::Polling)), _) => {
            reply::now(match gate.connection(caller.peer, clock::up_ms()) {
                Ok(()) => polling::open(engine, opening(&query, (&request).into(), caller)),
                Err(later) => too_many(later),
            })
        }
        (Ok(Asks::Poll), Some(connection)) => {
            if request.method() == Method::GET && says_all {
                caller.exit.allow_waiting();
            }
            polling::request(connection, request, &caller.exit)
        }
        (Ok(Asks::Poll), None) => reply::now(refuse(HandshakeError::UNKNOWN_SID)),
        (Ok(_), _) => reply::now(refuse(HandshakeError::BAD_REQUEST)),
        (Err(error), _) => reply::now(refuse(error)),
    }
}

/// What a request asks for, and the session that it names.
fn verify(
    engine: &Engine,
    asked: Asked<'_>,
    query: &Query<'_>,
    is_upgrade: bool,
    is_allowed: bool,
) -> (Result<Asks, HandshakeError>, Option<Arc<Connection>>) {
    let marks = eio::Request {
        method: asked.method,
        is_upgrade,
        origin: asked.headers.get(&header::ORIGIN),
        is_allowed,
    };
    let mut found = None;
    let asks = eio::verify(query, &marks, |sid| {
        found = engine.find(sid);
        found.as_ref().inspect(|connection| connection.due(clock::up_ms()));
        found = found.take().filter(|connection| !connection.is_closed());
        found.as_ref().map(|connection| connection.transport())
    });
    (asks, found)
}

fn too_many(later: Later) -> Reply {
    later.mark(reply::json(503, r#"{"error":"Too Many Connections"}"#.into()))
}

fn refuse(error: HandshakeError) -> Reply {
    reply::json(error.status, error.json())
}

fn refuse_upgrade(error: HandshakeError) -> Reply {
    let words = Bytes::from_static(error.message.as_bytes());
    reply::with(StatusCode::BAD_REQUEST, "text/html", words)
}

/// Where a request comes from, and what of it is kept with the connection.
fn opening(query: &Query<'_>, asked: Asked<'_>, caller: &Caller) -> (IpAddr, Opening) {
    let token = asked.headers.text(&TOKEN).or_else(|| asked.headers.bearer());
    (caller.peer, Opening::new(asked.query, query.j.as_deref(), token))
}

/// A connection that begins as a WebSocket.
fn open(engine: &Arc<Engine>, opening: (IpAddr, Opening), socket: Accepted) {
    let (reader, outbox, mut words) =
        socket.part(engine.settings.max_payload_bytes, &engine.backlog);
    let sid = random::sid();
    words.extend_from_slice(&engine.handshake(&sid, &[]));
    // Before anybody else can reach the connection: nothing may go in front of the answer.
    let pushed = outbox.push(&[words.into()]);
    let connection = engine.open(sid, opening, Transport::WebSocket, outbox);
    if let Err(overrun) = pushed {
        connection.close(overrun.into());
    }
    tokio::spawn(websocket::run(connection, reader));
}

fn is_old_browser(request: Headers<'_>) -> bool {
    let agent = request.text(&header::USER_AGENT);
    agent.is_some_and(|agent| agent.contains(";MSIE") || agent.contains("Trident/"))
}

/// Internet Explorer's filter mistakes payloads for attacks.
fn guard_old_browser(response: &mut HeaderMap) {
    response.insert("X-XSS-Protection", HeaderValue::from_static("0"));
}
