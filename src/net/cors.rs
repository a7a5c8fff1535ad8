//! Who may reach the server from a page of another origin (Fetch Standard, "CORS protocol").

use hyper::header::{self, HeaderMap, HeaderValue};

use crate::config::Origins;

/// What `--cors-origins` lets through.
#[derive(Clone, Debug)]
pub struct Cors(pub Origins);

impl Cors {
    /// Adds what a browser needs to see in a response.
    pub(super) fn mark(&self, request: &HeaderMap, response: &mut HeaderMap) {
        match &self.0 {
            Origins::Any => {
                response.insert(
                    header::ACCESS_CONTROL_ALLOW_ORIGIN,
                    HeaderValue::from_static("*"),
                );
            }
            Origins::List(_) => {
                response.append(header::VARY, HeaderValue::from_static("Origin"));
                if let Some(origin) = request.get(header::ORIGIN)
                    && origin.to_str().is_ok_and(|origin| self.0.allows(origin))
                {
                    response.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
                }
            }
        }
    }

    /// Adds the answer to a preflight.
    pub(super) fn mark_preflight(request: &HeaderMap, response: &mut HeaderMap) {
        response.insert(
            header::ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE"),
        );
        response.append(
            header::VARY,
            HeaderValue::from_static("Access-Control-Request-Headers"),
        );
        if let Some(wanted) = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
            response.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
        }
    }

    /// Whether a page of the request's origin may open a WebSocket, which browsers do not guard:
    /// one of the list's may, and so may one that this server has served itself.
    pub(super) fn admits(&self, request: &HeaderMap) -> bool {
        let Some(origin) = request.get(header::ORIGIN) else { return true };
        let Ok(origin) = origin.to_str() else { return false };
        let host = request.get(header::HOST).and_then(|host| host.to_str().ok());
        let origin_host = origin.split_once("://").map(|(_, host)| host);
        self.0.allows(origin) || (host.is_some() && host == origin_host)
    }
}
