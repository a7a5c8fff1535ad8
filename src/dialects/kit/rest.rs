//! REST as dialects see it: requests with their bodies read, responses with JSON in them.

use std::sync::Arc;

use bytes::Bytes;
pub use hyper::Method;
use polylogue_protocol::eio::query;
use serde::Serialize;
use serde::de::Deserialize;
use serde_json::value::RawValue;

use crate::dialects::BoxFuture;

/// A request whose body has been read.
#[derive(Debug)]
pub struct Request {
    /// The values of the path's parameters, in order.
    pub params: Vec<String>,
    /// The query, still encoded.
    pub query: String,
    /// The token of `Authorization: Bearer`.
    pub bearer: Option<String>,
    /// The header `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// The body.
    pub body: Bytes,
}

impl Request {
    /// The last value of a query parameter.
    #[must_use]
    pub fn query_value(&self, name: &str) -> Option<String> {
        let found = query::pairs(&self.query).filter(|(key, _)| key == name).last();
        found.map(|(_, value)| value.into_owned())
    }

    /// The idempotency key in the headers, where there is one.
    ///
    /// # Errors
    /// What is wrong with it.
    #[must_use]
    pub fn key(&self) -> Option<Result<Arc<str>, String>> {
        self.idempotency_key.as_deref().map(super::json::checked_key)
    }

    /// A path parameter; empty where the path has no such.
    #[must_use]
    pub fn param(&self, place: usize) -> &str {
        self.params.get(place).map_or("", String::as_str)
    }

    /// The body's fields, where it is a JSON object. An array is none, though serde would take it
    /// for one.
    ///
    /// # Errors
    /// What is wrong with it, in a sentence.
    pub fn object<'a, T: Deserialize<'a>>(&'a self) -> Result<T, String> {
        let body: &RawValue = self.json()?;
        if !body.get().starts_with('{') {
            return Err("the body must be a JSON object".into());
        }
        serde_json::from_str(body.get()).map_err(|error| error.to_string())
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// What is wrong with it, in serde's words.
    pub fn json<'a, T: Deserialize<'a>>(&'a self) -> Result<T, String> {
        serde_json::from_slice(&self.body).map_err(|error| error.to_string())
    }
}

/// A response.
#[derive(Clone, Debug)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: Bytes,
    /// Its content type.
    pub content_type: &'static str,
    /// When to ask again, in seconds, where it was too early.
    pub retry_after_s: Option<u64>,
}

impl Response {
    /// A response with JSON in it.
    #[must_use]
    pub fn json(status: u16, body: &impl Serialize) -> Response {
        let body = serde_json::to_vec(body).expect("words for a client are always JSON");
        let content_type = "application/json; charset=utf-8";
        Response { status, body: body.into(), content_type, retry_after_s: None }
    }
}

/// What a status of an error is called, as many frameworks name it in their envelope.
#[must_use]
pub fn reason(status: u16) -> &'static str {
    match status {
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => "Request Timeout",
        413 => "Payload Too Large",
        415 => "Unsupported Media Type",
        429 => "Too Many Requests",
        503 => "Service Unavailable",
        _ => "Error",
    }
}

/// A response, or the one that an error has.
pub type Answer = Result<Response, Response>;

/// What runs when a route is asked for.
pub type Run = Arc<dyn Fn(Request) -> BoxFuture<'static, Response> + Send + Sync>;

/// A route: its key is method, path, and whether the request carries a Bearer token.
#[derive(Clone)]
pub struct Route {
    /// The method.
    pub method: Method,
    /// The path; `{name}` stands for one segment.
    pub path: &'static str,
    /// Whether it is for requests with a Bearer token or without; `None`: for both.
    pub bearer: Option<bool>,
    /// Whether its requests bring passwords: these may come at a smaller rate than others.
    pub has_password: bool,
    /// What runs.
    pub run: Run,
}

impl Route {
    /// A route that runs an async function with a shared owner.
    pub fn new<D, F, Fut>(owner: &Arc<D>, method: Method, path: &'static str, run: F) -> Route
    where
        D: Send + Sync + ?Sized + 'static,
        F: Fn(Arc<D>, Request) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Answer> + Send + 'static,
    {
        let owner = Arc::clone(owner);
        let run: Run = Arc::new(move |request| {
            let answer = run(Arc::clone(&owner), request);
            Box::pin(async { answer.await.unwrap_or_else(|failure| failure) })
        });
        Route { method, path, bearer: None, has_password: false, run }
    }

    /// The same for requests with a password in them.
    #[must_use]
    pub fn with_password(mut self) -> Route {
        self.has_password = true;
        self
    }

    /// The same for requests with (`true`) or without a Bearer token alone, where another
    /// dialect is mounted that has the other half.
    #[must_use]
    pub fn for_bearer(mut self, with_token: bool) -> Route {
        self.bearer = Some(with_token);
        self
    }
}
