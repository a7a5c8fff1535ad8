//! HTTP for files: entity tags, what may be done with a file, and how tightly a page is held.

use std::hash::{DefaultHasher, Hasher as _};

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Response, StatusCode};

use super::{File, HTML};

/// A page runs the scripts that it was served with, speaks to this server or, by WebSocket, to one
/// that its user names, and is framed by nobody.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     connect-src 'self' ws: wss:; img-src 'self' data:; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'";

/// Answers GET and HEAD (RFC 9110, sections 9.3 and 13.1.2); hyper leaves out a HEAD's body.
pub(super) fn answer(file: &File, method: &Method, headers: &HeaderMap) -> Response<Full<Bytes>> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        let mut reply = empty(StatusCode::METHOD_NOT_ALLOWED);
        reply.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return reply;
    }
    let is_known = headers.get_all(header::IF_NONE_MATCH).iter().any(|tags| names(tags, &file.tag));
    let mut reply = match is_known {
        true => empty(StatusCode::NOT_MODIFIED),
        false => Response::new(Full::new(file.body.clone())),
    };
    let mut put = |name: HeaderName, value: &str| {
        let value = HeaderValue::from_str(value).expect("what a file says of itself is ASCII");
        reply.headers_mut().insert(name, value);
    };
    put(header::ETAG, &file.tag);
    put(header::CACHE_CONTROL, file.cache);
    put(header::CONTENT_TYPE, file.kind);
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::REFERRER_POLICY, "no-referrer");
    if file.kind == HTML {
        put(header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY);
    }
    reply
}

/// An entity tag for a body.
pub(super) fn tag(body: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    hasher.write(body);
    format!("\"{:016x}\"", hasher.finish())
}

/// Whether `If-None-Match` names the tag, weakly compared.
fn names(tags: &HeaderValue, tag: &str) -> bool {
    let Ok(tags) = tags.to_str() else { return false };
    tags.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag)
}

fn empty(status: StatusCode) -> Response<Full<Bytes>> {
    let mut reply = Response::new(Full::default());
    *reply.status_mut() = status;
    reply
}
