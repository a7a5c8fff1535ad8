//! Who may reach the server from a page of another origin (Fetch Standard, "CORS protocol").

use hyper::header::{self, HeaderMap, HeaderValue};

/// `--cors-origins`.
#[derive(Clone, Debug, Default)]
pub enum Cors {
    /// Every origin.
    #[default]
    Any,
    /// These, as browsers spell them: `https://example.com`.
    Only(Vec<String>),
}

impl Cors {
    /// Reads a list: origins between commas, or `*`.
    #[must_use]
    pub fn parse(list: &str) -> Cors {
        let origins: Vec<String> = list
            .split(',')
            .map(|origin| origin.trim().trim_end_matches('/').to_owned())
            .filter(|origin| !origin.is_empty())
            .collect();
        if origins.iter().any(|origin| origin == "*") { Cors::Any } else { Cors::Only(origins) }
    }

    /// Adds what a browser needs to see in a response.
    pub(super) fn mark(&self, request: &HeaderMap, response: &mut HeaderMap) {
        match self {
            Cors::Any => {
                response.insert(
                    header::ACCESS_CONTROL_ALLOW_ORIGIN,
                    HeaderValue::from_static("*"),
                );
            }
            Cors::Only(origins) => {
                response.append(header::VARY, HeaderValue::from_static("Origin"));
                if let Some(origin) = request.get(header::ORIGIN)
                    && origins.iter().any(|known| known.as_bytes() == origin.as_bytes())
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
        let (Cors::Only(origins), Some(origin)) = (self, request.get(header::ORIGIN)) else {
            return true;
        };
        let Ok(origin) = origin.to_str() else { return false };
        let host = request.get(header::HOST).and_then(|host| host.to_str().ok());
        let origin_host = origin.split_once("://").map(|(_, host)| host);
        origins.iter().any(|known| known == origin) || (host.is_some() && host == origin_host)
    }
}
