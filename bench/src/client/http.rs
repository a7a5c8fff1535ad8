//! As much of an HTTP/1.1 client as long-polling and an upgrade need: one request after the
//! other on a kept connection, bodies by `Content-Length` or in chunks, every size bounded.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{ClientError, Target};

const HEAD_MAX_BYTES: usize = 16 * 1024;
const BODY_MAX_BYTES: usize = 16 * 1024 * 1024;

/// An answer.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// A kept connection; opened by the first request, opened again after the server closed it.
#[derive(Debug, Default)]
pub(super) struct Connection {
    stream: Option<TcpStream>,
}

impl Connection {
    /// One exchange. `body` makes it a POST.
    pub(super) async fn request(
        &mut self,
        target: &Target,
        path: &str,
        body: Option<&[u8]>,
    ) -> Result<Response, ClientError> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(target.address).await?;
                stream.set_nodelay(true)?;
                stream
            }
        };
        stream.write_all(&spell(target, path, body)).await?;
        let mut buffer = Vec::new();
        let head = Head::read(&mut stream, &mut buffer).await?;
        let body = read_body(&mut stream, &mut buffer, &head).await?;
        if !head.closes {
            self.stream = Some(stream);
        }
        Ok(Response { status: head.status, body })
    }

    /// Lets the connection go; the next request opens another.
    pub(super) fn release(&mut self) {
        self.stream = None;
    }
}

fn spell(target: &Target, path: &str, body: Option<&[u8]>) -> Vec<u8> {
    let host = &target.host;
    match body {
        None => format!("GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes(),
        Some(body) => {
            let mut bytes = format!(
                "POST {path} HTTP/1.1\r\nHost: {host}\r\n\
                 Content-Type: text/plain;charset=UTF-8\r\nContent-Length: {}\r\n\r\n",
                body.len()
            )
            .into_bytes();
            bytes.extend_from_slice(body);
            bytes
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Length {
    Known(usize),
    Chunked,
}

/// What of an answer's head matters.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) status: u16,
    length: Length,
    closes: bool,
}

impl Head {
    /// Reads up to the empty line; what came behind it stays in `buffer`.
    pub(super) async fn read(
        stream: &mut TcpStream,
        buffer: &mut Vec<u8>,
    ) -> Result<Self, ClientError> {
        loop {
            if let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                let head = Self::parse(&buffer[..end]);
                let head = head.ok_or_else(|| ClientError::unexpected("HTTP/1.1", buffer))?;
                buffer.drain(..end + 4);
                return Ok(head);
            }
            if buffer.len() > HEAD_MAX_BYTES {
                return Err(ClientError::unexpected("the end of a head", buffer));
            }
            read_more(stream, buffer).await?;
        }
    }

    fn parse(head: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(head).ok()?;
        let mut lines = text.split("\r\n");
        let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
        let mut head = Self { status, length: Length::Known(0), closes: false };
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            if name.eq_ignore_ascii_case("content-length") {
                head.length = Length::Known(value.parse().ok()?);
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                head.length = Length::Chunked;
            } else if name.eq_ignore_ascii_case("connection") {
                head.closes = value.eq_ignore_ascii_case("close");
            }
        }
        Some(head)
    }
}

/// Reads the body that belongs to `head`; `buffer` holds what was read already.
pub(super) async fn read_body(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
    head: &Head,
) -> Result<Vec<u8>, ClientError> {
    match head.length {
        Length::Known(length) => read_exactly(stream, buffer, length).await,
        Length::Chunked => {
            let mut body = Vec::new();
            loop {
                let size = read_line(stream, buffer).await?;
                let size = std::str::from_utf8(&size).ok();
                let size = size.and_then(|text| usize::from_str_radix(text.trim(), 16).ok());
                let size = size.ok_or_else(|| ClientError::unexpected("a chunk's size", buffer))?;
                body.extend(read_exactly(stream, buffer, size).await?);
                read_line(stream, buffer).await?;
                if size == 0 {
                    return Ok(body);
                }
                if body.len() > BODY_MAX_BYTES {
                    return Err(ClientError::unexpected("the end of a body", b"too much of it"));
                }
            }
        }
    }
}

async fn read_exactly(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
    length: usize,
) -> Result<Vec<u8>, ClientError> {
    if length > BODY_MAX_BYTES {
        return Err(ClientError::unexpected("a body of some size", b"too large a one"));
    }
    while buffer.len() < length {
        read_more(stream, buffer).await?;
    }
    let rest = buffer.split_off(length);
    Ok(std::mem::replace(buffer, rest))
}

async fn read_line(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<Vec<u8>, ClientError> {
    loop {
        if let Some(end) = buffer.windows(2).position(|window| window == b"\r\n") {
            let line = buffer[..end].to_vec();
            buffer.drain(..end + 2);
            return Ok(line);
        }
        if buffer.len() > HEAD_MAX_BYTES {
            return Err(ClientError::unexpected("the end of a line", buffer));
        }
        read_more(stream, buffer).await?;
    }
}

async fn read_more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<(), ClientError> {
    match stream.read_buf(buffer).await? {
        0 => Err(ClientError::Closed(None)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    #[test]
    fn heads_are_read_in_any_case() {
        let head = Head::parse(b"HTTP/1.1 200 OK\r\ncontent-LENGTH: 12\r\nconnection: Close");
        let expected = Head { status: 200, length: Length::Known(12), closes: true };
        assert_eq!(head, Some(expected));
        assert_eq!(Head::parse(b"HTTP/1.0 200 OK"), None);
        assert_eq!(Head::parse(b"HTTP/1.1 2"), None);
    }

    #[tokio::test]
    async fn bodies_come_by_length_and_in_chunks_in_any_pieces() {
        let answers = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
            5\r\nhello\r\nb\r\n long world\r\n0\r\n\r\n\
            HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc";
        for size in [1, 7, answers.len()] {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            let address = listener.local_addr().expect("bound");
            let server = tokio::spawn(async move {
                let (mut stream, _) = listener.accept().await.expect("a client");
                stream.set_nodelay(true).expect("a socket");
                for piece in answers.chunks(size) {
                    stream.write_all(piece).await.expect("a reader");
                    tokio::task::yield_now().await;
                }
            });
            let mut stream = TcpStream::connect(address).await.expect("a listener");
            let mut buffer = Vec::new();
            for expected in ["hello long world", "abc"] {
                let head = Head::read(&mut stream, &mut buffer).await.expect("a head");
                let body = read_body(&mut stream, &mut buffer, &head).await.expect("a body");
                assert_eq!(body, expected.as_bytes(), "pieces of {size}");
            }
            server.await.expect("no panic");
        }
    }
}
