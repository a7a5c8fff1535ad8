//! Whether an Engine.IO request may go on, and what it asks for: the stock server's checks, in its
//! order.
//!
//! Speaks to whoever answers HTTP requests, which brings the request's marks and knows the
//! sessions.

use super::{Transport, query::Query};

/// The one revision of the protocol that is spoken.
pub const REVISION: &str = "4";

/// The marks of a request that the checks look at, besides its query.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The HTTP method, in capitals.
    pub method: &'a str,
    /// Whether it asks to become a WebSocket.
    pub is_upgrade: bool,
    /// The bytes of the header `Origin`, if any.
    pub origin: Option<&'a [u8]>,
    /// Whether who asks may open sessions, by its origin for instance.
    pub is_allowed: bool,
}

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asks {
    /// A new session by this transport.
    Handshake(Transport),
    /// To read from or write to a session that polls.
    Poll,
    /// To open a WebSocket beside a session's transport.
    Upgrade,
    /// To open a WebSocket while naming a transport that is none: it is opened and closed again.
    Misnamed,
}

/// Why a request is refused. Over HTTP the answer is [`HandshakeError::json`] with the `status`; to
/// a WebSocket's upgrade it is the `message` as `text/html`, and the status always 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HandshakeError {
    /// The protocol's number, 0 to 5.
    pub code: u8,
    /// The protocol's words.
    pub message: &'static str,
    /// The HTTP status: 400, or 403.
    pub status: u16,
}

impl HandshakeError {
    /// The transport is missing or not known.
    pub const UNKNOWN_TRANSPORT: Self = Self::new(0, "Transport unknown", 400);
    /// No session has that id.
    pub const UNKNOWN_SID: Self = Self::new(1, "Session ID unknown", 400);
    /// A handshake by another method than GET.
    pub const BAD_HANDSHAKE_METHOD: Self = Self::new(2, "Bad handshake method", 400);
    /// Anything else that makes no sense.
    pub const BAD_REQUEST: Self = Self::new(3, "Bad request", 400);
    /// Who asks may not.
    pub const FORBIDDEN: Self = Self::new(4, "Forbidden", 403);
    /// Another revision than [`REVISION`].
    pub const UNSUPPORTED_PROTOCOL_VERSION: Self =
        Self::new(5, "Unsupported protocol version", 400);

    /// The body of the answer: `{"code":0,"message":"Transport unknown"}`.
    pub fn json(&self) -> String {
        format!(r#"{{"code":{},"message":"{}"}}"#, self.code, self.message)
    }

    const fn new(code: u8, message: &'static str, status: u16) -> Self {
        HandshakeError { code, message, status }
    }
}

/// Checks a request; `transport_of` knows the current transport of each open session.
///
/// # Errors
/// The first check that fails decides: transport, characters of the origin, session; with a session
/// its transport and the revision; without one the method, an upgrade where one belongs,
/// permission, the revision. An upgrade needs permission in either case.
pub fn verify(
    query: &Query<'_>,
    request: &Request<'_>,
    transport_of: impl FnOnce(&str) -> Option<Transport>,
) -> Result<Asks, HandshakeError> {
    let transport = query
        .transport
        .as_deref()
        .and_then(Transport::parse)
        .ok_or(HandshakeError::UNKNOWN_TRANSPORT)?;
    if request.origin.is_some_and(|origin| origin.iter().any(|byte| !is_header_char(*byte))) {
        return Err(HandshakeError::BAD_REQUEST);
    }
    let asks = match query.sid.as_deref() {
        Some(sid) => {
            let current = transport_of(sid).ok_or(HandshakeError::UNKNOWN_SID)?;
            within_session(query, request, transport, current)
        }
        None => handshake(query, request, transport),
    };
    asks.map_err(|error| {
        let status = if request.is_upgrade { 400 } else { error.status };
        HandshakeError { status, ..error }
    })
}

fn within_session(
    query: &Query<'_>,
    request: &Request<'_>,
    transport: Transport,
    current: Transport,
) -> Result<Asks, HandshakeError> {
    let asks = match (request.is_upgrade, transport) {
        (true, Transport::WebSocket) => Asks::Upgrade,
        (true, Transport::Polling) => Asks::Misnamed,
        (false, Transport::Polling) if current == Transport::Polling => Asks::Poll,
        _ => return Err(HandshakeError::BAD_REQUEST),
    };
    if query.eio.as_deref() != Some(REVISION) {
        return Err(HandshakeError::BAD_REQUEST);
    }
    if request.is_upgrade && !request.is_allowed {
        return Err(HandshakeError::FORBIDDEN);
    }
    Ok(asks)
}

fn handshake(
    query: &Query<'_>,
    request: &Request<'_>,
    transport: Transport,
) -> Result<Asks, HandshakeError> {
    if request.method != "GET" {
        return Err(HandshakeError::BAD_HANDSHAKE_METHOD);
    }
    if transport == Transport::WebSocket && !request.is_upgrade {
        return Err(HandshakeError::BAD_REQUEST);
    }
    if !request.is_allowed {
        return Err(HandshakeError::FORBIDDEN);
    }
    if transport == Transport::Polling && request.is_upgrade {
        return Ok(Asks::Misnamed);
    }
    if query.eio.as_deref() != Some(REVISION) {
        return Err(HandshakeError::UNSUPPORTED_PROTOCOL_VERSION);
    }
    Ok(Asks::Handshake(transport))
}

/// A header's value is made of tabs, spaces, and what can be seen.
const fn is_header_char(byte: u8) -> bool {
    matches!(byte, b'\t' | 0x20..=0x7e | 0x80..)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GET: Request<'static> =
        Request { method: "GET", is_upgrade: false, origin: None, is_allowed: true };
    const UPGRADE: Request<'static> = Request { is_upgrade: true, ..GET };

    /// A server with one session that polls, `p`, and one over WebSocket, `w`.
    fn ask(query: &str, request: Request<'_>) -> Result<Asks, HandshakeError> {
        verify(&Query::parse(query), &request, |sid| match sid {
            "p" => Some(Transport::Polling),
            "w" => Some(Transport::WebSocket),
            _ => None,
        })
    }

    #[test]
    fn what_is_in_order_goes_on() {
        let polling = Ok(Asks::Handshake(Transport::Polling));
        let websocket = Ok(Asks::Handshake(Transport::WebSocket));
        assert_eq!(ask("EIO=4&transport=polling", GET), polling);
        assert_eq!(ask("EIO=4&transport=polling&sid=", GET), polling);
        assert_eq!(ask("EIO=3&EIO=4&transport=polling", GET), polling);
        assert_eq!(ask("EIO=4&transport=websocket", UPGRADE), websocket);
        assert_eq!(ask("EIO=4&transport=polling&sid=p", GET), Ok(Asks::Poll));
        let post = Request { method: "POST", ..GET };
        assert_eq!(ask("EIO=4&transport=polling&sid=p", post), Ok(Asks::Poll));
        assert_eq!(ask("EIO=4&transport=websocket&sid=p", UPGRADE), Ok(Asks::Upgrade));
        assert_eq!(ask("EIO=4&transport=websocket&sid=w", UPGRADE), Ok(Asks::Upgrade));
        for misnamed in ["EIO=4&transport=polling", "EIO=4&transport=polling&sid=w"] {
            assert_eq!(ask(misnamed, UPGRADE), Ok(Asks::Misnamed));
        }
    }

    #[test]
    fn the_first_check_that_fails_decides() {
        use HandshakeError as E;
        let put = Request { method: "PUT", ..GET };
        let stranger = Request { is_allowed: false, ..GET };
        let bad_origin = Request { origin: Some(b"http://a\x01"), method: "PUT", ..GET };
        for (query, request, error) in [
            ("", GET, E::UNKNOWN_TRANSPORT),
            ("EIO=4&transport=Polling&sid=x", bad_origin, E::UNKNOWN_TRANSPORT),
            ("EIO=4&transport=webtransport", GET, E::UNKNOWN_TRANSPORT),
            ("EIO=4&transport=polling&sid=x", bad_origin, E::BAD_REQUEST),
            ("EIO=3&transport=websocket&sid=x", GET, E::UNKNOWN_SID),
            ("EIO=4&transport=websocket&sid=p", GET, E::BAD_REQUEST),
            ("EIO=4&transport=polling&sid=w", GET, E::BAD_REQUEST),
            ("EIO=3&transport=polling&sid=p", GET, E::BAD_REQUEST),
            ("EIO=3&transport=polling", put, E::BAD_HANDSHAKE_METHOD),
            ("EIO=3&transport=websocket", stranger, E::BAD_REQUEST),
            ("EIO=3&transport=polling", stranger, E::FORBIDDEN),
            ("EIO=3&transport=polling", GET, E::UNSUPPORTED_PROTOCOL_VERSION),
            ("transport=polling", GET, E::UNSUPPORTED_PROTOCOL_VERSION),
            ("EIO=4&EIO=3&transport=polling", GET, E::UNSUPPORTED_PROTOCOL_VERSION),
        ] {
            assert_eq!(ask(query, request), Err(error), "{query}");
        }
    }

    #[test]
    fn permission_covers_upgrades_but_not_polls() {
        let stranger = Request { is_allowed: false, ..UPGRADE };
        let refused = ask("EIO=4&transport=websocket&sid=p", stranger).expect_err("refused");
        assert_eq!((refused.code, refused.status), (4, 400));
        let poll = Request { is_allowed: false, ..GET };
        assert_eq!(ask("EIO=4&transport=polling&sid=p", poll), Ok(Asks::Poll));
        let refused = ask("EIO=4&transport=polling", poll).expect_err("refused");
        assert_eq!((refused.code, refused.status), (4, 403));
    }

    #[test]
    fn the_body_is_the_protocols() {
        let json = HandshakeError::UNKNOWN_SID.json();
        assert_eq!(json, r#"{"code":1,"message":"Session ID unknown"}"#);
    }
}
