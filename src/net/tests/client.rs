//! A client without manners: it writes bytes and reads what comes.

use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};

use super::PATIENCE;

const OPENING: &str = "Host: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";

/// What a narrow client's kernel takes, about.
const NARROW_BYTES: u32 = 4 * 1024;

pub(super) struct Client {
    pub(super) stream: TcpStream,
    read: Vec<u8>,
}

impl Client {
    pub(super) async fn connect(address: SocketAddr) -> Client {
        let stream = TcpStream::connect(address).await.expect("it listens");
        Client { stream, read: Vec::new() }
    }

    /// The same with hardly any space for what it does not read.
    pub(super) async fn narrow(address: SocketAddr) -> Client {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.set_recv_buffer_size(NARROW_BYTES).expect("a small buffer");
        let stream = socket.connect(address).await.expect("it listens");
        Client { stream, read: Vec::new() }
    }

    /// Asks for a WebSocket and waits until it is open.
    pub(super) async fn websocket(address: SocketAddr, sid: &str) -> Client {
        let mut client = Client::connect(address).await;
        client.write(&opening("/engine.io/", sid)).await;
        client.until(b"\r\n\r\n").await;
        client
    }

    /// Opens a session that polls; returns its id.
    pub(super) async fn session(address: SocketAddr) -> String {
        let answer = get(address, "").await;
        let (_, rest) = answer.split_once("\"sid\":\"").expect("a handshake");
        rest[..20].to_owned()
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.expect("it takes bytes");
    }

    /// Reads until those bytes have come; what came before and with them is returned.
    pub(super) async fn until(&mut self, wanted: &[u8]) -> Vec<u8> {
        loop {
            let found = self.read.windows(wanted.len()).position(|part| part == wanted);
            if let Some(place) = found {
                let rest = self.read.split_off(place + wanted.len());
                return std::mem::replace(&mut self.read, rest);
            }
            assert!(self.more().await, "the end came before {}", wanted.escape_ascii());
        }
    }

    /// Reads until the server has ended the stream.
    pub(super) async fn until_end(mut self) -> Vec<u8> {
        while self.more().await {}
        self.read
    }

    async fn more(&mut self) -> bool {
        let read = tokio::time::timeout(PATIENCE, self.stream.read_buf(&mut self.read)).await;
        read.expect("bytes or an end in time").is_ok_and(|count| count > 0)
    }
}

/// The request for a WebSocket at that path, of that session where one is named.
pub(super) fn opening(path: &str, sid: &str) -> Vec<u8> {
    format!("GET {path}?EIO=4&transport=websocket&sid={sid} HTTP/1.1\r\n{OPENING}").into_bytes()
}

/// The request that polls.
pub(super) fn poll(sid: &str) -> Vec<u8> {
    let query = format!("EIO=4&transport=polling&sid={sid}");
    format!("GET /engine.io/?{query} HTTP/1.1\r\nHost: a\r\n\r\n").into_bytes()
}

/// The start of a POST: its body is to be so long.
pub(super) fn post(sid: &str, length: usize) -> Vec<u8> {
    let query = format!("EIO=4&transport=polling&sid={sid}");
    format!("POST /engine.io/?{query} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n")
        .into_bytes()
}

/// Polls once on a stream of its own; the whole answer.
pub(super) async fn get(address: SocketAddr, sid: &str) -> String {
    let mut client = Client::connect(address).await;
    let request = String::from_utf8(poll(sid)).expect("ASCII");
    let request = request.replace("Host: a", "Host: a\r\nConnection: close");
    client.write(request.as_bytes()).await;
    String::from_utf8(client.until_end().await).expect("text")
}
