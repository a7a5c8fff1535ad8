//! HTTP responses, in the few shapes that are needed.

use std::pin::Pin;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{self, HeaderValue};
use hyper::{Response, StatusCode};

use crate::dialects::kit::rest;

/// A response with its whole body.
pub(super) type Reply = Response<Full<Bytes>>;

/// A response that is still to come. Each kind of request has a future of its own size, so that a
/// poll that waits holds no more than it needs.
pub(super) type Answer = Pin<Box<dyn Future<Output = Reply> + Send>>;

/// A response with a body.
pub(super) fn with(status: StatusCode, kind: &'static str, body: Bytes) -> Reply {
    let mut reply = Response::new(Full::new(body));
    *reply.status_mut() = status;
    reply.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    reply
}

/// A response without one.
pub(super) fn empty(status: StatusCode) -> Reply {
    let mut reply = Response::new(Full::default());
    *reply.status_mut() = status;
    reply
}

/// A response with JSON that is written already.
pub(super) fn json(status: u16, body: String) -> Reply {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    with(status, "application/json", body.into())
}

/// What a route answered.
pub(super) fn rest(response: rest::Response) -> Reply {
    let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut reply = with(status, response.content_type, response.body);
    let retry_after = response.retry_after_s.map(|seconds| (header::RETRY_AFTER, seconds.into()));
    reply.headers_mut().extend(retry_after);
    reply
}

/// A response that is there already.
pub(super) fn now(reply: Reply) -> Answer {
    Box::pin(std::future::ready(reply))
}
