//! The long-polling transport: GETs take what waits, POSTs bring what the client says.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, StatusCode};
use polylogue_protocol::conn::Transport;
use polylogue_protocol::eio::{jsonp, payload};

use super::close::Close;
use super::connection::{Connection, Opening};
use super::engine::Engine;
use super::outbox::Outbox;
use super::reply::{self, Reply};
use crate::limits;

const TEXT: &str = "text/plain; charset=UTF-8";
const SCRIPT: &str = "text/javascript; charset=UTF-8";

/// A handshake by long-polling: the answer is the open packet.
pub(super) fn open(engine: &Arc<Engine>, opening: Opening, jsonp: Option<&str>) -> Reply {
    let connection = engine.open(opening, Transport::Polling, Outbox::polling());
    let handshake = engine.handshake(&connection.sid, &["websocket"]);
    let mut out = BytesMut::new();
    payload::encode(polylogue_protocol::frame::walk(&handshake), &mut out);
    payload_reply(out.freeze(), jsonp)
}

/// A request of an open session.
pub(super) async fn request(
    connection: Arc<Connection>,
    request: Request<Incoming>,
    jsonp: Option<&str>,
) -> Reply {
    match *request.method() {
        Method::GET => poll(&connection, jsonp).await,
        Method::POST => post(connection, request, jsonp.is_some()).await,
        _ => reply::empty(StatusCode::BAD_REQUEST),
    }
}

async fn poll(connection: &Arc<Connection>, jsonp: Option<&str>) -> Reply {
    if !connection.outbox.begin_poll() {
        connection.close(Close::Overlap);
        return reply::empty(StatusCode::BAD_REQUEST);
    }
    let mut guard = Guard { connection, is_done: false };
    let payload = std::future::poll_fn(|cx| connection.outbox.poll_payload(cx)).await;
    guard.is_done = true;
    connection.outbox.end_poll();
    payload_reply(payload, jsonp)
}

fn payload_reply(payload: Bytes, jsonp: Option<&str>) -> Reply {
    let mut reply = match jsonp {
        Some(number) => {
            let mut script = BytesMut::new();
            jsonp::encode(number, &String::from_utf8_lossy(&payload), &mut script);
            reply::with(StatusCode::OK, SCRIPT, script.freeze())
        }
        None => reply::with(StatusCode::OK, TEXT, payload),
    };
    let no_store = HeaderValue::from_static("no-store");
    reply.headers_mut().insert(header::CACHE_CONTROL, no_store);
    reply
}

async fn post(connection: Arc<Connection>, request: Request<Incoming>, is_jsonp: bool) -> Reply {
    if !connection.begin_post() {
        connection.close(Close::Overlap);
        return reply::empty(StatusCode::BAD_REQUEST);
    }
    let mut guard = Guard { connection: &connection, is_done: false };
    let reply = if is_octet_stream(request.headers()) {
        connection.close(Close::Parse);
        reply::empty(StatusCode::BAD_REQUEST)
    } else {
        take(&connection, request.into_body(), is_jsonp).await
    };
    guard.is_done = true;
    connection.end_post();
    reply
}

/// Reads the body and has it heard.
async fn take(connection: &Arc<Connection>, body: Incoming, is_jsonp: bool) -> Reply {
    let bytes_max = connection.engine.settings.max_payload_bytes;
    let body = Limited::new(body, bytes_max).collect();
    let body = tokio::time::timeout(Duration::from_millis(limits::BODY_MS), body).await;
    let body = match body {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            tracing::warn!(bytes_max, "a request's body is larger than --max-payload");
            return reply::empty(StatusCode::PAYLOAD_TOO_LARGE);
        }
        Ok(Err(_)) | Err(_) => {
            connection.close(Close::Aborted);
            return reply::empty(StatusCode::BAD_REQUEST);
        }
    };
    // On a task of its own: what was begun is finished, even if the client hangs up meanwhile.
    let hearing = tokio::spawn(hear(Arc::clone(connection), body, is_jsonp));
    match hearing.await {
        Ok(Ok(())) => reply::with(StatusCode::OK, "text/html", Bytes::from_static(b"ok")),
        Ok(Err(Close::Parse)) | Err(_) => reply::empty(StatusCode::BAD_REQUEST),
        Ok(Err(_)) => reply::with(StatusCode::OK, "text/html", Bytes::from_static(b"ok")),
    }
}

/// Has every packet of a body heard. A connection that must end has ended when it returns.
async fn hear(connection: Arc<Connection>, body: Bytes, is_jsonp: bool) -> Result<(), Close> {
    let heard = match std::str::from_utf8(&body) {
        Ok(text) if is_jsonp => match jsonp::decode(text) {
            Some(payload) => hear_packets(&connection, &payload).await,
            None => Err(Close::Parse),
        },
        Ok(text) => hear_packets(&connection, text).await,
        Err(_) => Err(Close::Parse),
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
        if heard.is_err() || connection.is_closed() {
            break;
        }
    }
    connection.check_in(upper);
    heard
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
            self.connection.close(Close::Aborted);
        }
    }
}
