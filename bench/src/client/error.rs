//! Every way a client can fail, with what a reader of the message needs to mend it.

use crate::frame::FrameError;

/// Quoted words of a server are cut here.
const QUOTE_MAX_BYTES: usize = 200;

/// Why a client is of no use.
#[derive(Debug)]
pub enum ClientError {
    /// The URL is none that a client here understands.
    Url(String),
    /// The socket failed.
    Io(std::io::Error),
    /// Not within its time.
    Timeout,
    /// The server closed; with the WebSocket close code if there was one.
    Closed(Option<u16>),
    /// An HTTP status that is no success, and the body's beginning.
    Http(u16, String),
    /// CONNECT was refused, in the server's words.
    Refused(String),
    /// Something else came than what the protocol has here.
    Unexpected(String),
    /// A frame that cannot be read.
    Frame(FrameError),
    /// The server reads slower than the client sends.
    Backlog,
}

impl ClientError {
    /// `got` came where `wanted` was due.
    pub fn unexpected(wanted: &str, got: &[u8]) -> Self {
        Self::Unexpected(format!("{wanted} was due, this came: {}", quote(got)))
    }

    /// CONNECT was refused with `payload`.
    pub fn refused(payload: &[u8]) -> Self {
        Self::Refused(quote(payload))
    }

    /// An HTTP answer that is no success.
    pub fn http(status: u16, body: &[u8]) -> Self {
        Self::Http(status, quote(body))
    }
}

fn quote(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(QUOTE_MAX_BYTES)]).into_owned()
}

impl std::fmt::Display for ClientError {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Url(url) => write!(out, "{url}: not http://HOST:PORT"),
            Self::Io(error) => write!(out, "{error}"),
            Self::Timeout => write!(out, "timed out"),
            Self::Closed(Some(code)) => write!(out, "the server closed with code {code}"),
            Self::Closed(None) => write!(out, "the server closed the connection"),
            Self::Http(status, body) => write!(out, "HTTP status {status}: {body}"),
            Self::Refused(words) => write!(out, "CONNECT was refused: {words}"),
            Self::Unexpected(words) => write!(out, "{words}"),
            Self::Frame(error) => write!(out, "{error}"),
            Self::Backlog => write!(out, "the server does not read what is sent"),
        }
    }
}

impl std::error::Error for ClientError {}

impl From<std::io::Error> for ClientError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<FrameError> for ClientError {
    fn from(error: FrameError) -> Self {
        Self::Frame(error)
    }
}
