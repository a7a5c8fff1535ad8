//! Bodies of requests: read within bounds, or passed over so that the answer arrives.
//!
//! Whoever is answered while still sending may never read the answer: the stream must end with
//! bytes unread, and the kernel then tears it down. Spoken to by the transports and the router.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper::header::{self, HeaderValue};

use super::reply::Reply;
use crate::limits;

/// Why there is no body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    /// It is larger than it may be.
    TooLarge,
    /// The stream ended first.
    CutOff,
    /// It did not arrive within [`limits::BODY_MS`].
    Late,
}

/// Reads a body of at most `bytes_max` bytes. What is larger is passed over first, within bounds.
///
/// # Errors
/// Why there is none: the answer to that is to be given through [`last`].
pub(super) async fn read(mut body: Incoming, bytes_max: usize) -> Result<Bytes, Unread> {
    let patience = Duration::from_millis(limits::BODY_MS);
    let read = tokio::time::timeout(patience, gather(&mut body, bytes_max)).await;
    let read = read.unwrap_or(Err(Unread::Late));
    if read == Err(Unread::TooLarge) {
        pass_over(&mut body).await;
    }
    read
}

/// A reply to somebody whose request's body nobody wants to read.
pub(super) async fn unread(mut body: Incoming, reply: Reply) -> Reply {
    match pass_over(&mut body).await {
        true => reply,
        false => last(reply),
    }
}

/// The last reply on its stream, and told so: what is sent after it would be lost.
pub(super) fn last(mut reply: Reply) -> Reply {
    reply.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    reply
}

async fn gather(body: &mut Incoming, bytes_max: usize) -> Result<Bytes, Unread> {
    let mut gathered = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(part) = frame.map_err(|_| Unread::CutOff)?.into_data() else { continue };
        if gathered.len() + part.len() > bytes_max {
            return Err(Unread::TooLarge);
        }
        // The usual case: all of it came at once, and is not copied.
        if gathered.is_empty() && body.is_end_stream() {
            return Ok(part);
        }
        gathered.extend_from_slice(&part);
    }
    Ok(gathered.freeze())
}

/// Lets the rest of a body go by. `true`: all of it has come.
async fn pass_over(body: &mut Incoming) -> bool {
    let passing = async {
        let mut bytes = 0;
        while bytes <= limits::PASSED_OVER_BYTES_MAX {
            match body.frame().await {
                None => return true,
                Some(Err(_)) => return false,
                Some(Ok(frame)) => bytes += frame.data_ref().map_or(0, Bytes::len),
            }
        }
        false
    };
    let patience = Duration::from_millis(limits::PASSED_OVER_MS);
    tokio::time::timeout(patience, passing).await.unwrap_or(false)
}
