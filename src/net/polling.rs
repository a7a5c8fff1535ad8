//! The long-polling transport: GETs take what waits, POSTs bring what the client says.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, StatusCode};
use polylogue_protocol::conn::Transport;
use polylogue_protocol::eio::{HandshakeError, jsonp, payload};

use super::body::{self, Unread};
use super::close::Close;
use super::connection::Connection;
use super::engine::Engine;
use super::exit::Exit;
use super::opening::Opening;
use super::outbox::Outbox;
use super::random;
use super::reply::{self, Answer, Reply};

/// A handshake by long-polling: the answer is the open packet.
pub(super) fn open(engine: &Arc<Engine>, opening: (IpAddr, Opening)) -> Reply {
    let outbox = Outbox::polling(&engine.backlog);
    let connection = engine.open(random::sid(), opening, Transport::Polling, outbox);
    let handshake = engine.handshake(&connection.sid, &["websocket"]);
    let mut out = Vec::new();
    payload::encode(polylogue_protocol::frame::walk(&handshake), &mut out);
    payload_reply(out.into(), &connection)
}

/// A request of an open session.
pub(super) fn request(
    connection: Arc<Connection>,
    request: Request<Incoming>,
    exit: &Arc<Exit>,
) -> Answer {
    const BAD: HandshakeError = HandshakeError::BAD_REQUEST;
    match *request.method() {
        Method::GET => Box::pin(async move { poll(&connection).await }),
        Method::POST => Box::pin(post(connection, request, Arc::clone(exit))),
        _ => reply::now(reply::json(BAD.status, BAD.json())),
    }
}

async fn poll(connection: &Arc<Connection>) -> Reply {
    if !connection.outbox.begin_poll() {
        connection.close(Close::Overlap);
        return reply::empty(StatusCode::BAD_REQUEST);
    }
    let mut guard = Guard { connection, is_done: false };
    let payload = std::future::poll_fn(|cx| connection.outbox.poll_payload(cx)).await;
    guard.is_done = true;
    connection.outbox.end_poll();
    // It has left the outbox, and the process only once the client takes it.
    payload_reply(connection.engine.backlog.keep(payload), connection)
}

/// A payload, as a call where the session was opened by a script tag.
fn payload_reply(payload: Bytes, connection: &Connection) -> Reply {
    let body = match connection.opened_by.jsonp() {
        Some(number) => {
            let mut script = Vec::new();
            jsonp::encode(number, &String::from_utf8_lossy(&payload), &mut script);
            script.into()
        }
        None => payload,
    };
    ok("text/plain; charset=UTF-8", body)
}

fn ok(kind: &'static str, body: Bytes) -> Reply {
    let mut reply = reply::with(StatusCode::OK, kind, body);
    let no_store = HeaderValue::from_static("no-store");
    reply.headers_mut().insert(header::CACHE_CONTROL, no_store);
    reply
}

async fn post(connection: Arc<Connection>, request: Request<Incoming>, exit: Arc<Exit>) -> Reply {
    if !connection.begin_post() {
        connection.close(Close::Overlap);
        return reply::empty(StatusCode::BAD_REQUEST);
    }
    let mut guard = Guard { connection: &connection, is_done: false };
    let reply = if is_octet_stream(request.headers()) {
        connection.close(Close::Parse);
        reply::empty(StatusCode::BAD_REQUEST)
    } else {
        take(&connection, request.into_body(), &exit).await
    };
    guard.is_done = true;
    connection.end_post();
    reply
}

/// Reads the body and has it heard.
async fn take(connection: &Arc<Connection>, body: Incoming, exit: &Exit) -> Reply {
    let bytes_max = connection.engine.settings.max_payload_bytes;
    let body = match body::read(body, bytes_max).await {
        Ok(body) => {
            exit.allow_resting();
            body
        }
        Err(Unread::TooLarge) => {
            tracing::warn!(bytes_max, "a request's body is larger than --max-payload");
            return body::last(reply::empty(StatusCode::PAYLOAD_TOO_LARGE));
        }
        Err(Unread::Crowded) => return body::last(reply::empty(StatusCode::SERVICE_UNAVAILABLE)),
        Err(Unread::CutOff | Unread::Late) => {
            connection.abort();
            return body::last(reply::empty(StatusCode::BAD_REQUEST));
        }
    };
    // On a task of its own: what was begun is finished, even if the client hangs up meanwhile.
    let hearing = tokio::spawn(hear(Arc::clone(connection), body));
    match hearing.await {
        Ok(Err(Close::Parse)) | Err(_) => reply::empty(StatusCode::BAD_REQUEST),
        Ok(Ok(()) | Err(_)) => ok("text/html", Bytes::from_static(b"ok")),
    }
}

/// Has every packet of a body heard. A connection that must end has ended when it returns.
async fn hear(connection: Arc<Connection>, body: Bytes) -> Result<(), Close> {
    let text = String::from_utf8_lossy(&body);
    let heard = match connection.opened_by.jsonp() {
        Some(_) => match jsonp::decode(&text) {
            Some(payload) => hear_packets(&connection, &payload).await,
            None => Ok(()),
        },
        None => hear_packets(&connection, &text).await,
    };
    if let Err(reason) = heard {
        connection.close(reason);
    }
    heard
}

async fn hear_packets(connection: &Arc<Connection>, text: &str) -> Result<(), Close> {
    let mut upper = connection.check_out().await?;
    let mut heard = Ok(());
    for packet in payload::decode(text) {
        heard = match packet {
            Ok(packet) => connection.hear(&mut upper, packet).await,
            Err(_) => Err(Close::Parse),
        };
        if heard.is_ok() {
            heard = rest(connection).await;
        }
        if heard.is_err() || connection.is_closed() {
            break;
        }
    }
    connection.check_in(upper);
    heard
}

/// Waits while the connection is over its event rate.
async fn rest(connection: &Connection) -> Result<(), Close> {
    while let rest_ms @ 1.. = connection.rest_ms()? {
        if connection.is_closed() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(rest_ms)).await;
    }
    Ok(())
}

fn is_octet_stream(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "application/octet-stream")
}

/// Ends the session when its request is given up halfway: hyper drops what answers it.
struct Guard<'a> {
    connection: &'a Arc<Connection>,
    is_done: bool,
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            self.connection.abort();
        }
    }
}
