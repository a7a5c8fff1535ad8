//! A Socket.IO client, reduced to what load needs: one namespace, one transport, no reconnect.
//! [`Client`] is comfortable, for tests and set-up; its halves, [`Reader`] and [`Sender`], are
//! the hot path: packets are visited where they lie, sending is one write.
//! Heartbeats are answered by the reader, so a client that is to live must be read.

pub mod error;
mod http;
mod polling;
pub mod target;
mod websocket;

use std::collections::VecDeque;
use std::time::Duration;

pub use error::ClientError;
pub use target::{Target, Transport};

use crate::packet::{self, Packet};

/// How long opening may take, from the TCP connection to CONNECT's answer.
pub const OPEN_TIMEOUT: Duration = Duration::from_secs(30);

/// What may wait in a sender for a server that does not read.
pub const PENDING_MAX_BYTES: usize = 1024 * 1024;

/// What each client brings to the handshake and to CONNECT.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// Behind the handshake's own query, URL-encoded, without `&`.
    pub query: String,
    /// CONNECT's payload, a JSON object.
    pub auth: Option<String>,
}

/// The writing half; clones write to the same connection.
#[derive(Clone, Debug)]
pub struct Sender(Sink);

#[derive(Clone, Debug)]
enum Sink {
    /// One masked text frame a packet.
    WebSocket(websocket::Half),
    /// All that waits goes into the next POST.
    Polling(polling::Queue),
}

impl Sender {
    /// Sends one Engine.IO packet, at once if the socket takes it.
    ///
    /// # Errors
    /// The connection is closed, or [`PENDING_MAX_BYTES`] wait already.
    pub fn send(&self, packet: &[u8]) -> Result<(), ClientError> {
        match &self.0 {
            Sink::WebSocket(half) => half.send(packet),
            Sink::Polling(queue) => queue.send(packet),
        }
    }
}

#[derive(Debug)]
enum Source {
    WebSocket(websocket::Source),
    Polling(Box<polling::Source>),
}

/// The reading half.
#[derive(Debug)]
pub struct Reader {
    source: Source,
    unread: VecDeque<Vec<u8>>,
}

impl Reader {
    /// Waits for one read's worth of Engine.IO packets and calls `visit` for each, in order.
    /// Pings are answered and not shown. `visit` may send; the packets live only as long as
    /// the call.
    ///
    /// # Errors
    /// The connection is closed or does not speak the protocol; it is of no use afterwards.
    ///
    /// Giving up the wait is safe over WebSocket; over polling it aborts the poll, and the session
    /// with it.
    pub async fn next_batch(&mut self, mut visit: impl FnMut(&[u8])) -> Result<(), ClientError> {
        if !self.unread.is_empty() {
            self.unread.drain(..).for_each(|packet| visit(&packet));
            return Ok(());
        }
        match &mut self.source {
            Source::WebSocket(source) => source.next_batch(visit).await,
            Source::Polling(source) => source.next_batch(visit).await,
        }
    }

    async fn next_packet(&mut self) -> Result<Vec<u8>, ClientError> {
        loop {
            if let Some(packet) = self.unread.pop_front() {
                return Ok(packet);
            }
            let mut batch = Vec::new();
            self.next_batch(|packet| batch.push(packet.to_vec())).await?;
            self.unread.extend(batch);
        }
    }
}

/// An open client: CONNECT was answered.
#[derive(Debug)]
pub struct Client {
    reader: Reader,
    sender: Sender,
    namespace: String,
    connected: String,
    last_ack_id: u64,
}

impl Client {
    /// Opens a connection and joins the target's namespace, within [`OPEN_TIMEOUT`].
    ///
    /// # Errors
    /// See [`ClientError`]; a refused CONNECT comes with the server's words.
    pub async fn open(target: &Target, credentials: &Credentials) -> Result<Self, ClientError> {
        let opening = Self::open_unhurried(target, credentials);
        tokio::time::timeout(OPEN_TIMEOUT, opening).await.map_err(|_| ClientError::Timeout)?
    }

    async fn open_unhurried(
        target: &Target,
        credentials: &Credentials,
    ) -> Result<Self, ClientError> {
        let (source, sender) = match target.transport {
            Transport::WebSocket => {
                let (source, half) = websocket::open(target, &credentials.query).await?;
                (Source::WebSocket(source), Sender(Sink::WebSocket(half)))
            }
            Transport::Polling => {
                let (source, queue) = polling::open(target, &credentials.query).await?;
                (Source::Polling(Box::new(source)), Sender(Sink::Polling(queue)))
            }
        };
        let mut reader = Reader { source, unread: VecDeque::new() };
        let opened = reader.next_packet().await?;
        if !matches!(packet::classify(&opened), Packet::Open(_)) {
            return Err(ClientError::unexpected("an Engine.IO handshake", &opened));
        }
        let connect = packet::connect(&target.namespace, credentials.auth.as_deref());
        sender.send(connect.as_bytes())?;
        let answer = reader.next_packet().await?;
        let connected = match packet::classify(&answer) {
            Packet::Connect(payload) => String::from_utf8_lossy(payload).into_owned(),
            Packet::ConnectError(payload) => return Err(ClientError::refused(payload)),
            _ => return Err(ClientError::unexpected("CONNECT's answer", &answer)),
        };
        let namespace = target.namespace.clone();
        Ok(Self { reader, sender, namespace, connected, last_ack_id: 0 })
    }

    /// CONNECT's payload: `{"sid":...}` as JSON text.
    pub fn connected(&self) -> &str {
        &self.connected
    }

    /// Emits `event` with one argument, JSON text; empty for none.
    ///
    /// # Errors
    /// As [`Sender::send`].
    pub fn emit(&self, event: &str, payload: &str) -> Result<(), ClientError> {
        self.sender.send(packet::event(&self.namespace, None, event, payload).as_bytes())
    }

    /// The same with an ack wanted; gives the id by which the ack will come.
    ///
    /// # Errors
    /// As [`Sender::send`].
    pub fn emit_with_ack(&mut self, event: &str, payload: &str) -> Result<u64, ClientError> {
        self.last_ack_id += 1;
        let id = self.last_ack_id;
        let packet = packet::event(&self.namespace, Some(id), event, payload);
        self.sender.send(packet.as_bytes())?;
        Ok(id)
    }

    /// The next packet of any kind but a ping, as text of one Engine.IO packet
    /// (see [`packet::classify`]).
    ///
    /// # Errors
    /// As [`Reader::next_batch`].
    pub async fn next_packet(&mut self) -> Result<Vec<u8>, ClientError> {
        self.reader.next_packet().await
    }

    /// Skips packets up to the next event of that name and gives its arguments as JSON text,
    /// an array.
    ///
    /// # Errors
    /// As [`Reader::next_batch`]; waits for as long as it takes.
    pub async fn next_event(&mut self, wanted: &str) -> Result<String, ClientError> {
        loop {
            let packet = self.reader.next_packet().await?;
            if let Packet::Event { name, rest } = packet::classify(&packet)
                && name == wanted.as_bytes()
            {
                let args = String::from_utf8_lossy(rest);
                return Ok(format!("[{}", args.trim_start_matches(',')));
            }
        }
    }

    /// Skips packets up to the ack with that id and gives its arguments as JSON text, an array.
    ///
    /// # Errors
    /// As [`Reader::next_batch`]; waits for as long as it takes.
    pub async fn next_ack(&mut self, wanted: u64) -> Result<String, ClientError> {
        loop {
            let packet = self.reader.next_packet().await?;
            if let Packet::Ack { id, args } = packet::classify(&packet)
                && id == wanted
            {
                return Ok(String::from_utf8_lossy(args).into_owned());
            }
        }
    }

    /// The halves, for whoever drives them; packets that came meanwhile are read first.
    pub fn into_halves(self) -> (Reader, Sender) {
        (self.reader, self.sender)
    }
}
