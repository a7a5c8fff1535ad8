//! REST: which route a request is for, and what to say where there is none.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;

use hyper::body::{Body as _, Incoming};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::{Method, Request, StatusCode};

use super::asked::Headers;
use super::backlog::Backlog;
use super::body::{self, Unread};
use super::cors::Cors;
use super::gate::Gate;
use super::reply::{self, Reply};
use crate::dialects::Dialect;
use crate::dialects::kit::rest::{self, Route};
use crate::dialects::mount::Mounts;
use crate::hub::clock;
use crate::limits;

/// What is said to an address that asks too often.
const TOO_MANY: &str = "Too many requests, try again later";
/// What is said while clients do not take what they have asked for.
const CROWDED: &str = "Too many answers are waiting to be read, try again later";

/// Every route of every dialect that is mounted.
pub struct Router {
    paths: matchit::Router<Path>,
    /// The only dialect, where there is just one.
    sole: Option<Arc<dyn Dialect>>,
    cors: Cors,
    /// Responses that clients have not taken yet.
    replies: Arc<Backlog>,
}

/// Who asks, and what bounds them.
struct Desk<'a> {
    client: IpAddr,
    gate: &'a Gate,
    replies: &'a Arc<Backlog>,
}

/// A path's routes, each with its owner.
#[derive(Default)]
struct Path {
    routes: Vec<(Route, Arc<dyn Dialect>)>,
}

impl Router {
    /// The routes of what is mounted.
    ///
    /// # Errors
    /// A sentence that names two dialects that want the same route.
    pub fn new(mounts: &Mounts, cors: Cors) -> Result<Router, String> {
        let mut by_path: HashMap<&'static str, Path> = HashMap::new();
        for (route, owner) in mounts.routes() {
            let path = by_path.entry(route.path).or_default();
            if let Some((other, others)) = path.routes.iter().find(|(r, _)| clash(r, &route)) {
                return Err(format!(
                    "the dialects {} and {} both want {} {}: mount one of them with --dialect, \
                     and the other in a server of its own",
                    others.charter().name,
                    owner.charter().name,
                    other.method,
                    route.path,
                ));
            }
            path.routes.push((route, owner));
        }
        let mut paths = matchit::Router::new();
        for (path, routes) in by_path {
            paths.insert(path, routes).map_err(|error| format!("the route {path}: {error}"))?;
        }
        let replies = Arc::new(Backlog::new(limits::REPLIES_BYTES_MAX, clock::up_ms));
        Ok(Router { paths, sole: mounts.sole().cloned(), cors, replies })
    }

    /// Who may read its answers.
    pub(super) fn cors(&self) -> &Cors {
        &self.cors
    }

    /// An error of a request that is for nothing that is here: in the dialect's words where there
    /// is just one, whose clients read no other.
    pub(super) fn nowhere(&self, status: u16, words: &str) -> Reply {
        match &self.sole {
            Some(dialect) => reply::rest(dialect.failure(status, words)),
            None => reply::json(status, format!(r#"{{"error":"{words}"}}"#)),
        }
    }

    /// What clients have asked for and not taken yet, in bytes.
    pub(super) fn waiting_bytes(&self) -> usize {
        self.replies.bytes()
    }

    /// Answers a request.
    ///
    /// # Errors
    /// The request: no dialect has that path.
    pub(super) async fn answer(
        &self,
        request: Request<Incoming>,
        client: IpAddr,
        gate: &Gate,
    ) -> Result<Reply, Request<Incoming>> {
        let path = request.uri().path().to_owned();
        let found = self.paths.at(&path).or_else(|_| self.paths.at(other_spelling(&path)));
        let Ok(found) = found else { return Err(request) };
        let mark = self.cors.mark(Headers::Table(request.headers()));
        let mut reply = if request.method() == Method::OPTIONS {
            let mut reply = reply::empty(StatusCode::NO_CONTENT);
            Cors::mark_preflight(request.headers(), reply.headers_mut());
            body::unread(request.into_body(), reply).await
        } else {
            let params = found.params.iter().map(|(_, value)| decoded(value)).collect();
            let desk = Desk { client, gate, replies: &self.replies };
            found.value.answer(request, params, desk).await
        };
        if reply.status() == StatusCode::TOO_MANY_REQUESTS {
            gate.count_refused_request();
        }
        mark.put(reply.headers_mut());
        Ok(reply)
    }
}

impl Path {
    async fn answer(
        &self,
        request: Request<Incoming>,
        params: Vec<String>,
        desk: Desk<'_>,
    ) -> Reply {
        let bearer = Headers::Table(request.headers()).bearer().map(str::to_owned);
        let method = match *request.method() {
            Method::HEAD => &Method::GET,
            ref method => method,
        };
        let suits = |route: &Route| route.bearer.is_none_or(|wants| wants == bearer.is_some());
        let by_method = || self.routes.iter().filter(|(route, _)| route.method == *method);
        // A request that lacks the token its only route wants is that route's to refuse.
        let found = by_method().find(|(route, _)| suits(route)).or_else(|| by_method().next());
        let owner = found.or_else(|| self.routes.iter().find(|(route, _)| suits(route)));
        let Some((_, owner)) = owner.or(self.routes.first()) else {
            return body::unread(request.into_body(), reply::empty(StatusCode::NOT_FOUND)).await;
        };
        let has_password = found.is_some_and(|(route, _)| route.has_password);
        if let Err(later) = desk.gate.request(desk.client, has_password, clock::up_ms()) {
            let reply = later.mark(reply::rest(owner.failure(429, TOO_MANY)));
            return body::unread(request.into_body(), reply).await;
        }
        let Some((route, owner)) = found else {
            return body::unread(request.into_body(), self.not_allowed(owner)).await;
        };
        // What says its kind and has nothing in it is no wrong kind of anything.
        if !request.body().is_end_stream() && !is_json(request.headers()) {
            let reply = reply::rest(owner.failure(415, "the body must be application/json"));
            return body::unread(request.into_body(), reply).await;
        }
        let key = request.headers().get("idempotency-key");
        let idempotency_key = key.and_then(|key| key.to_str().ok()).map(str::to_owned);
        let query = request.uri().query().unwrap_or_default().to_owned();
        let body = match body::read(request.into_body(), limits::REST_BODY_BYTES_MAX).await {
            Ok(body) => body,
            Err(unread) => {
                let (status, words) = wrong_body(unread);
                return body::last(reply::rest(owner.failure(status, words)));
            }
        };
        let request = rest::Request { params, query, bearer, idempotency_key, body };
        let mut response = (route.run)(request).await;
        if !desk.replies.has_room(response.body.len()) {
            return reply::rest(owner.failure(503, CROWDED));
        }
        response.body = desk.replies.keep(response.body);
        reply::rest(response)
    }

    fn not_allowed(&self, owner: &Arc<dyn Dialect>) -> Reply {
        let mut reply = reply::rest(owner.failure(405, "Method Not Allowed"));
        let mut methods: Vec<&str> =
            self.routes.iter().map(|(route, _)| route.method.as_str()).collect();
        methods.sort_unstable();
        methods.dedup();
        if let Ok(methods) = HeaderValue::from_str(&methods.join(", ")) {
            reply.headers_mut().insert(header::ALLOW, methods);
        }
        reply
    }
}

fn wrong_body(unread: Unread) -> (u16, &'static str) {
    match unread {
        Unread::TooLarge => (413, "Payload Too Large"),
        Unread::CutOff => (400, "the body was cut off"),
        Unread::Late => (408, "Request Timeout"),
        Unread::Crowded => (503, CROWDED),
    }
}

/// Whether the body is JSON, or does not say what it is.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else { return true };
    let kind = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json") || kind.ends_with("+json")
}

fn clash(one: &Route, other: &Route) -> bool {
    one.method == other.method
        && (one.bearer == other.bearer || one.bearer.is_none() || other.bearer.is_none())
}

/// The path without a trailing slash where it has one.
fn other_spelling(path: &str) -> &str {
    match path.strip_suffix('/') {
        Some("") | None => path,
        Some(shorter) => shorter,
    }
}

fn decoded(segment: &str) -> String {
    // In a path a `+` is a `+`.
    polylogue_protocol::eio::query::percent_decode(&segment.replace('+', "%2B")).into_owned()
}
