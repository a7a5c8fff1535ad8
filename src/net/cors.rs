//! Who may reach the server from a page of another origin (Fetch Standard, "CORS protocol").

use hyper::header::{self, HeaderMap, HeaderValue};

use super::asked::Headers;
use crate::config::Origins;

/// What `--cors-origins` lets through.
#[derive(Clone, Debug)]
pub struct Cors(pub Origins);

impl Cors {
    /// What a browser needs to see in the response to a request.
    pub(super) fn mark(&self, request: Headers<'_>) -> Mark {
        match &self.0 {
            Origins::Any => Mark::Any,
            Origins::List(_) => {
                let origin = request.text(&header::ORIGIN);
                let allowed = origin.filter(|origin| self.0.allows(origin));
                Mark::Listed(allowed.and_then(|origin| HeaderValue::from_str(origin).ok()))
            }
        }
    }

    /// Adds the answer to a preflight.
    pub(super) fn mark_preflight(request: &HeaderMap, response: &mut HeaderMap) {
        response.insert(
            header::ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE"),
        );
        response.append(header::VARY, HeaderValue::from_static("Access-Control-Request-Headers"));
        if let Some(wanted) = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
            response.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
        }
    }

    /// Whether a page of the request's origin may open a WebSocket, which browsers do not guard:
    /// one of the list's may, and so may one that this server has served itself.
    pub(super) fn admits(&self, request: Headers<'_>) -> bool {
        if !request.has(&header::ORIGIN) {
            return true;
        }
        let Some(origin) = request.text(&header::ORIGIN) else { return false };
        let host = request.text(&header::HOST);
        let origin_host = origin.split_once("://").map(|(_, host)| host);
        self.0.allows(origin) || (host.is_some() && host == origin_host)
    }
}

/// What a response says to a browser: whose pages may read it.
pub(super) enum Mark {
    /// Everybody's.
    Any,
    /// Those of that origin, if of any.
    Listed(Option<HeaderValue>),
}

impl Mark {
    /// Adds it to a response.
    pub(super) fn put(self, response: &mut HeaderMap) {
        let allowed = match self {
            Mark::Any => Some(HeaderValue::from_static("*")),
            Mark::Listed(origin) => {
                response.append(header::VARY, HeaderValue::from_static("Origin"));
                origin
            }
        };
        response.extend(allowed.map(|origin| (header::ACCESS_CONTROL_ALLOW_ORIGIN, origin)));
    }
}
