//! The first request of a stream, or the next after a rest, read before there is a hyper
//! connection, which is a large thing: one that asks for a WebSocket is the last, and needs none.
//!
//! What is not plainly such a request is hyper's, which reads all of it again.

use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use bytes::{Bytes, BytesMut};
use hyper::StatusCode;
use hyper::header;
use tokio::io::{AsyncRead, ReadBuf};

use super::accept::{self, Accepted};
use super::asked::{Asked, Headers};
use super::exit::{Exit, Leave};
use super::stream::{Desk, Turn};
use super::wire::Wire;
use super::{Caller, listener};
use crate::limits;

/// What is read at once: heads are shorter, mostly.
const READ_BYTES: usize = 2 * 1024;
/// Headers of a request for a WebSocket; hyper reads one with more.
const HEADERS_MAX: usize = 64;

/// Reads a request, and answers it where it asks for a WebSocket and gets one.
pub(super) async fn hear(mut wire: Wire, read: Vec<u8>, mut desk: Desk) -> Turn {
    let bytes = match read.is_empty() {
        true => read_in_time(&mut wire, &mut desk).await,
        false => Some(read.into()),
    };
    let Some(bytes) = bytes else { return Turn::Over };
    let mut space = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let Some((asked, length)) = parse(&bytes, &mut space) else {
        return Turn::Exchange(wire, bytes, None);
    };
    let exit = Arc::new(Exit::default());
    let peer = desk.site.gate.client(desk.peer, asked.headers);
    let caller = Caller { peer, exit };
    let reply = listener::answer_upgrade(&desk.site, asked, &caller);
    match (reply, caller.exit.take()) {
        (Some(reply), Some(Leave::Switch(run))) => {
            // A copy: a slice would keep the head in memory.
            let ahead = Bytes::copy_from_slice(&bytes[length..]);
            run(Accepted { wire, answer: accept::head(&reply), ahead, open: desk.stop });
            Turn::Over
        }
        (reply, _) => Turn::Exchange(wire, bytes, reply.map(Box::new)),
    }
}

/// What has come once that is a whole head, or as much of it as decides that it is none. `None`:
/// the stream has ended, or is to end.
async fn read_in_time(wire: &mut Wire, desk: &mut Desk) -> Option<Bytes> {
    let patience = desk.patience.head;
    tokio::select! {
        biased;
        read = tokio::time::timeout(patience, read(wire)) => read.unwrap_or_else(|_| {
            desk.site.answers.count(StatusCode::REQUEST_TIMEOUT);
            None
        }),
        _ = desk.stop.wait_for(|is_stopping| *is_stopping) => None,
    }
}

async fn read(wire: &mut Wire) -> Option<Bytes> {
    let mut bytes = BytesMut::new();
    std::future::poll_fn(|cx| {
        loop {
            let mut space = [0; READ_BYTES];
            let mut into = ReadBuf::new(&mut space);
            match Pin::new(&mut *wire).poll_read(cx, &mut into) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(())) if !into.filled().is_empty() => {}
                Poll::Ready(_) => return Poll::Ready(None),
            }
            let had = bytes.len();
            bytes.extend_from_slice(into.filled());
            if has_end(&bytes, had)
                || bytes.len() >= limits::HEAD_BYTES_MAX
                || (had == 0 && is_wrong(&bytes))
            {
                return Poll::Ready(Some(std::mem::take(&mut bytes).freeze()));
            }
        }
    })
    .await
}

/// Whether a head ends in it, and not before `from`.
fn has_end(bytes: &[u8], from: usize) -> bool {
    if bytes.ends_with(b"\r\n\r\n") {
        return true;
    }
    let start = from.saturating_sub(b"\n\r".len());
    let mut lines = bytes[start..].split(|byte| *byte == b'\n').skip(1).peekable();
    while let Some(line) = lines.next() {
        // The last piece has no end yet.
        if lines.peek().is_some() && matches!(line, b"" | b"\r") {
            return true;
        }
    }
    false
}

/// Whether it is the start of no head at all.
fn is_wrong(bytes: &[u8]) -> bool {
    let mut space = [httparse::EMPTY_HEADER; HEADERS_MAX];
    httparse::Request::new(&mut space).parse(bytes).is_err()
}

/// A request for another protocol with no body, and how long its head is.
fn parse<'a>(bytes: &'a [u8], space: &'a mut [httparse::Header<'a>]) -> Option<(Asked<'a>, usize)> {
    let mut head = httparse::Request::new(space);
    let httparse::Status::Complete(length) = head.parse(bytes).ok()? else { return None };
    if (head.method, head.version) != (Some("GET"), Some(1)) {
        return None;
    }
    let headers = Headers::Lines(head.headers);
    let has_body = [header::CONTENT_LENGTH, header::TRANSFER_ENCODING, header::EXPECT]
        .iter()
        .any(|name| headers.has(name));
    if has_body || !accept::is_upgrade(headers) {
        return None;
    }
    let target = head.path?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    // What is spelled in any other way is hyper's.
    let is_special = |byte: u8| {
        matches!(byte, b'#' | b'<' | b'>' | b'`' | b'"' | b'{' | b'}' | b'\\' | b'^' | b'|')
    };
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !is_special(byte);
    let is_target = target.starts_with('/') && target.bytes().all(is_plain);
    is_target.then_some((Asked { method: "GET", path, query, headers }, length))
}

#[cfg(test)]
mod tests {
    use super::{HEADERS_MAX, has_end, is_wrong, parse};

    const GET: &str = "GET /a?b=c HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\
        Connection: keep-alive, Upgrade\r\n";

    fn parsed(head: &str) -> Option<(String, usize)> {
        let mut space = [httparse::EMPTY_HEADER; HEADERS_MAX];
        let (asked, length) = parse(head.as_bytes(), &mut space)?;
        Some((format!("{}?{}", asked.path, asked.query), length))
    }

    #[test]
    fn a_request_for_a_websocket_is_read_and_what_follows_is_not_its() {
        let head = format!("{GET}\r\n");
        assert_eq!(parsed(&format!("{head}\u{1}frame")), Some(("/a?b=c".into(), head.len())));
    }

    #[test]
    fn all_else_is_hypers() {
        for other in [
            GET.to_owned(),
            GET.replace("GET", "POST"),
            GET.replace("1.1", "1.0"),
            GET.replace("Upgrade: w", "Up: w"),
            GET.replace(", Upgrade", ""),
            format!("{GET}Content-Length: 1\r\n"),
            format!("{GET}Transfer-Encoding: chunked\r\n"),
            format!("{GET}{}", "X: y\r\n".repeat(100)),
            GET.replace("Host", "Ho st"),
            GET.replace("/a", "a"),
            GET.replace("/a", "http://a/a"),
            GET.replace("?b", "#b"),
        ] {
            let end = if other == GET { "" } else { "\r\n" };
            assert_eq!(parsed(&format!("{other}{end}")), None, "{other}");
        }
    }

    #[test]
    fn the_end_is_found_wherever_it_is_cut() {
        for head in [format!("{GET}\r\n"), format!("{}\n", GET.replace('\r', ""))] {
            for cut in 0..head.len() {
                assert!(!has_end(&head.as_bytes()[..cut], 0), "at {cut}");
                assert!(has_end(head.as_bytes(), cut), "at {cut}");
            }
            assert!((1..head.len()).all(|cut| !is_wrong(&head.as_bytes()[..cut])));
        }
        assert!(is_wrong(b"\x16\x03\x01\x02\x00"), "TLS");
    }
}
