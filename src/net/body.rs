//! Bodies of requests: read within bounds, or passed over so that the answer arrives.
//!
//! Whoever is answered while still sending may never read the answer: the stream must end with
//! bytes unread, and the kernel then tears it down. Spoken to by the transports and the router.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use hyper::header::{self, HeaderValue};

use super::intake::{Full, Part};
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
    /// So much is half read on all connections that this one's can wait no more.
    Crowded,
}

/// Reads a body of at most `bytes_max` bytes. What is larger, or too much, is passed over first,
/// within bounds.
///
/// # Errors
/// Why there is none: the answer to that is to be given through [`last`].
pub(super) async fn read(body: Incoming, bytes_max: usize) -> Result<Bytes, Unread> {
    read_within(body, bytes_max, Duration::from_millis(limits::BODY_MS)).await
}

async fn read_within(
    mut body: impl Body<Data = Bytes> + Unpin,
    bytes_max: usize,
    patience: Duration,
) -> Result<Bytes, Unread> {
    let read = tokio::time::timeout(patience, gather(&mut body, bytes_max)).await;
    let read = read.unwrap_or(Err(Unread::Late));
    if matches!(read, Err(Unread::TooLarge | Unread::Crowded)) {
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

async fn gather(
    body: &mut (impl Body<Data = Bytes> + Unpin),
    bytes_max: usize,
) -> Result<Bytes, Unread> {
    let (mut gathered, mut kept) = (BytesMut::new(), Part::default());
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
        kept.hold(gathered.len()).map_err(|Full| Unread::Crowded)?;
    }
    Ok(gathered.freeze())
}

/// Lets the rest of a body go by. `true`: all of it has come.
async fn pass_over(body: &mut (impl Body<Data = Bytes> + Unpin)) -> bool {
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

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use hyper::body::Frame;

    use super::{Body, Bytes, Duration, Unread, read_within};

    /// A body of which so many parts come, and then its end or nothing more.
    struct Parts {
        count: usize,
        ends: bool,
    }

    impl Body for Parts {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            match (self.count, self.ends) {
                (0, true) => Poll::Ready(None),
                (0, false) => Poll::Pending,
                _ => {
                    self.count -= 1;
                    Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"part")))))
                }
            }
        }
    }

    #[tokio::test]
    async fn a_body_has_so_much_time_to_arrive() {
        let read = async |ends| {
            read_within(Parts { count: 3, ends }, 100, Duration::from_millis(20)).await
        };
        assert_eq!(read(true).await, Ok(Bytes::from_static(b"partpartpart")));
        assert_eq!(read(false).await, Err(Unread::Late));
    }
}
