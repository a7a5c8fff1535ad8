//! A client that costs next to nothing: bytes that were made before go out, frames that come in
//! are counted and not looked at.

use std::io::{ErrorKind, Read};
use std::net::SocketAddr;

use polylogue_bench::frame::{Opcode, parse, seal};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// A client that waits for what it hears.
pub(super) struct Peer {
    stream: TcpStream,
    unread: Vec<u8>,
}

/// A client that only takes away what lies there, so that nothing fills up.
pub(super) struct Bystander(std::net::TcpStream);

/// Packets as the frames that a client sends.
pub(super) fn sealed<P: AsRef<str>>(packets: impl IntoIterator<Item = P>) -> Vec<u8> {
    let mut frames = Vec::new();
    for packet in packets {
        seal(Opcode::Text, packet.as_ref().as_bytes(), &mut frames);
    }
    frames
}

impl Peer {
    /// Connects over WebSocket, sends `frames` and waits until something that holds the word
    /// `until` has come.
    pub(super) async fn open(server: SocketAddr, query: &str, frames: &[u8], until: &str) -> Peer {
        let mut stream = TcpStream::connect(server).await.expect("it listens");
        let head = format!(
            "GET /socket.io/?EIO=4&transport=websocket{query} HTTP/1.1\r\nHost: costs\r\n\
             Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("it reads");
        let mut peer = Peer { stream, unread: Vec::with_capacity(64 * 1024) };
        peer.until("\r\n\r\n").await;
        peer.stream.write_all(frames).await.expect("it reads");
        peer.until(until).await;
        peer
    }

    /// Sends frames.
    pub(super) async fn say(&mut self, frames: &[u8]) {
        self.stream.write_all(frames).await.expect("it reads");
    }

    /// Waits for that many frames.
    pub(super) async fn hear(&mut self, mut frames: u64) {
        loop {
            let mut rest = &self.unread[..];
            while let Ok(Some((_, taken))) = parse(rest) {
                rest = &rest[taken..];
                frames = frames.checked_sub(1).expect("no more than is waited for");
            }
            let left = rest.len();
            let read = self.unread.len() - left;
            self.unread.drain(..read);
            if frames == 0 {
                return;
            }
            self.read().await;
        }
    }

    /// Forgets all that has come.
    pub(super) fn forget(&mut self) {
        while self.stream.try_read_buf(&mut self.unread).is_ok_and(|read| read > 0) {}
        self.unread.clear();
    }

    /// Keeps the connection without waiting for anything that it hears.
    pub(super) fn stand_by(self) -> Bystander {
        Bystander(self.stream.into_std().expect("a stream"))
    }

    /// Waits for a word, and forgets all that came up to then.
    async fn until(&mut self, word: &str) {
        let has_come = |unread: &[u8]| unread.windows(word.len()).any(|at| at == word.as_bytes());
        while !has_come(&self.unread) {
            self.read().await;
        }
        self.unread.clear();
    }

    async fn read(&mut self) {
        let read = self.stream.read_buf(&mut self.unread).await.expect("it is open");
        assert!(read > 0, "it is open");
    }
}

impl Bystander {
    /// Takes away what lies there.
    pub(super) fn drain(&mut self, scratch: &mut [u8]) {
        loop {
            match self.0.read(scratch) {
                Ok(read) if read == scratch.len() => {}
                Ok(_) => return,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return,
                Err(error) => panic!("it is open: {error}"),
            }
        }
    }
}
