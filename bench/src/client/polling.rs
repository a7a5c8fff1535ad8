//! The long-polling transport: one connection always holds a GET; packets to send gather while
//! a POST is under way and go out together in the next. The POST's connection is let go when
//! nothing was sent for a while: an idle client is one pending poll.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;

use super::http::Connection;
use super::{ClientError, PENDING_MAX_BYTES, Target};
use crate::packet::{self, Packet};

/// Packets that may wait for a POST.
const QUEUE_MAX_PACKETS: usize = 1024;
/// The POST's connection is let go after this: sooner than any server would close it.
const LINGER: Duration = Duration::from_secs(1);
/// Between the packets of a payload.
const SEPARATOR: u8 = 0x1e;

/// Opens a session.
pub(super) async fn open(target: &Target, query: &str) -> Result<(Source, Queue), ClientError> {
    let handshake_path = target.handshake_path("polling", query);
    let mut connection = Connection::default();
    let payload = success(&mut connection, target, &handshake_path, None).await?;
    let sid = sid_of(&payload)?;
    let path = format!("{handshake_path}&sid={sid}");
    let (sender, receiver) = mpsc::channel(QUEUE_MAX_PACKETS);
    tokio::spawn(post_all(target.clone(), path.clone(), receiver));
    let queue = Queue(sender);
    let first = Some(payload);
    let source = Source { connection, target: target.clone(), path, queue: queue.clone(), first };
    Ok((source, queue))
}

/// The session id in a handshake's payload.
fn sid_of(payload: &[u8]) -> Result<String, ClientError> {
    let first = payload.split(|&byte| byte == SEPARATOR).next().unwrap_or_default();
    let open = match packet::classify(first) {
        Packet::Open(json) => serde_json::from_slice::<serde_json::Value>(json).ok(),
        _ => None,
    };
    let sid = open.and_then(|open| Some(open.get("sid")?.as_str()?.to_owned()));
    sid.ok_or_else(|| ClientError::unexpected("an Engine.IO handshake", payload))
}

async fn success(
    connection: &mut Connection,
    target: &Target,
    path: &str,
    body: Option<&[u8]>,
) -> Result<Vec<u8>, ClientError> {
    let response = connection.request(target, path, body).await?;
    match response.status {
        200 => Ok(response.body),
        status => Err(ClientError::http(status, &response.body)),
    }
}

/// The writing half: packets for the next POST.
#[derive(Clone, Debug)]
pub(super) struct Queue(mpsc::Sender<Vec<u8>>);

impl Queue {
    /// Queues one packet.
    pub(super) fn send(&self, packet: &[u8]) -> Result<(), ClientError> {
        self.0.try_send(packet.to_vec()).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => ClientError::Backlog,
            mpsc::error::TrySendError::Closed(_) => ClientError::Closed(None),
        })
    }
}

/// Posts what is queued until all senders are gone or the server refuses; the reading half
/// sees the end of the session by itself.
async fn post_all(target: Target, path: String, mut queue: mpsc::Receiver<Vec<u8>>) {
    let mut connection = Connection::default();
    loop {
        let next = match timeout(LINGER, queue.recv()).await {
            Ok(next) => next,
            Err(_) => {
                connection.release();
                queue.recv().await
            }
        };
        let Some(mut payload) = next else { return };
        while payload.len() < PENDING_MAX_BYTES / 2 {
            let Ok(packet) = queue.try_recv() else { break };
            payload.push(SEPARATOR);
            payload.extend_from_slice(&packet);
        }
        if success(&mut connection, &target, &path, Some(&payload)).await.is_err() {
            return;
        }
    }
}

/// The reading half.
#[derive(Debug)]
pub(super) struct Source {
    connection: Connection,
    target: Target,
    path: String,
    queue: Queue,
    /// The handshake's payload, not yet shown.
    first: Option<Vec<u8>>,
}

impl Source {
    pub(super) async fn next_batch(
        &mut self,
        mut visit: impl FnMut(&[u8]),
    ) -> Result<(), ClientError> {
        let payload = match self.first.take() {
            Some(payload) => payload,
            None => success(&mut self.connection, &self.target, &self.path, None).await?,
        };
        for packet in payload.split(|&byte| byte == SEPARATOR) {
            match packet::classify(packet) {
                Packet::Ping => self.queue.send(packet::PONG)?,
                Packet::Close => return Err(ClientError::Closed(None)),
                Packet::Noop => {}
                _ => visit(packet),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_session_id_is_read_from_the_first_packet() {
        assert_eq!(sid_of(b"0{\"sid\":\"abc\"}\x1e2").expect("a sid"), "abc");
        for payload in [&b""[..], b"2", b"0{}", b"0{\"sid\":1}", b"0no"] {
            assert!(sid_of(payload).is_err());
        }
    }
}
