//! The WebSocket transport: an HTTP/1.1 upgrade, then frames. All connections of a thread read
//! into one scratch buffer, so a connection owns memory only while a frame is incomplete.
//! Speaks to `frame` for the bytes' meaning; the accept key is not verified.

use std::cell::RefCell;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::http::{self, Head};
use super::{ClientError, PENDING_MAX_BYTES, Target};
use crate::frame::{self, Assembler, Frame, Opcode};
use crate::packet;

/// One read takes this much: hundreds of frames when the server batches.
const SCRATCH_BYTES: usize = 64 * 1024;

thread_local! {
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; SCRATCH_BYTES].into());
}

/// Opens a connection and upgrades it.
pub(super) async fn open(target: &Target, query: &str) -> Result<(Source, Half), ClientError> {
    let mut stream = TcpStream::connect(target.address).await?;
    stream.set_nodelay(true)?;
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
        target.handshake_path("websocket", query),
        target.host,
    );
    stream.write_all(request.as_bytes()).await?;
    let mut buffer = Vec::new();
    let head = Head::read(&mut stream, &mut buffer).await?;
    if head.status != 101 {
        let body = http::read_body(&mut stream, &mut buffer, &head).await?;
        return Err(ClientError::http(head.status, &body));
    }
    let (read, write) = stream.into_split();
    let half = Half(Arc::new(Shared { write, pending: Mutex::default() }));
    let source =
        Source { read, assembler: Assembler::default(), half: half.clone(), early: buffer };
    Ok((source, half))
}

/// The writing half.
#[derive(Clone, Debug)]
pub(super) struct Half(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    write: OwnedWriteHalf,
    pending: Mutex<Vec<u8>>,
}

impl Half {
    /// Sends one packet as a text frame.
    pub(super) fn send(&self, packet: &[u8]) -> Result<(), ClientError> {
        self.send_frame(Opcode::Text, packet)
    }

    fn send_frame(&self, opcode: Opcode, payload: &[u8]) -> Result<(), ClientError> {
        let mut pending = self.pending();
        let waiting = !pending.is_empty();
        if pending.len() > PENDING_MAX_BYTES {
            return Err(ClientError::Backlog);
        }
        frame::seal(opcode, payload, &mut pending);
        if waiting {
            // The flush that waits for the socket takes this along.
            return Ok(());
        }
        self.write_some(&mut pending)?;
        if !pending.is_empty() {
            tokio::spawn(flush(self.clone()));
        }
        Ok(())
    }

    fn write_some(&self, pending: &mut Vec<u8>) -> Result<(), ClientError> {
        match self.0.write.try_write(pending) {
            Ok(written) if written == pending.len() => pending.clear(),
            Ok(written) => drop(pending.drain(..written)),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    fn pending(&self) -> MutexGuard<'_, Vec<u8>> {
        self.0.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes what waits; one at a time per connection, because only the send that found nothing
/// waiting starts one.
async fn flush(half: Half) {
    while half.0.write.writable().await.is_ok() {
        let mut pending = half.pending();
        // A failed write shows in the reading half as well.
        if half.write_some(&mut pending).is_err() || pending.is_empty() {
            return;
        }
    }
}

/// The reading half.
#[derive(Debug)]
pub(super) struct Source {
    read: OwnedReadHalf,
    assembler: Assembler,
    half: Half,
    /// What came in one read with the answer to the upgrade.
    early: Vec<u8>,
}

impl Source {
    pub(super) async fn next_batch(
        &mut self,
        mut visit: impl FnMut(&[u8]),
    ) -> Result<(), ClientError> {
        if !self.early.is_empty() {
            let early = std::mem::take(&mut self.early);
            return take(&mut self.assembler, &self.half, &early, &mut visit);
        }
        std::future::poll_fn(|context| self.poll_batch(context, &mut visit)).await
    }

    fn poll_batch(
        &mut self,
        context: &mut Context<'_>,
        visit: &mut impl FnMut(&[u8]),
    ) -> Poll<Result<(), ClientError>> {
        SCRATCH.with_borrow_mut(|scratch| {
            let mut buffer = ReadBuf::new(scratch);
            ready!(Pin::new(&mut self.read).poll_read(context, &mut buffer))?;
            if buffer.filled().is_empty() {
                return Poll::Ready(Err(ClientError::Closed(None)));
            }
            Poll::Ready(take(&mut self.assembler, &self.half, buffer.filled(), visit))
        })
    }
}

/// Cuts `bytes` into frames, answers what asks for an answer and shows the rest.
fn take(
    assembler: &mut Assembler,
    half: &Half,
    bytes: &[u8],
    visit: &mut impl FnMut(&[u8]),
) -> Result<(), ClientError> {
    let mut outcome = Ok(());
    assembler.feed(bytes, |Frame { opcode, payload }| {
        let answered = match opcode {
            Opcode::Text if payload == packet::PING => half.send(packet::PONG),
            Opcode::Ping => half.send_frame(Opcode::Pong, payload),
            Opcode::Close => {
                let code = payload.first_chunk().map(|code| u16::from_be_bytes(*code));
                Err(ClientError::Closed(code))
            }
            Opcode::Text | Opcode::Binary => {
                visit(payload);
                Ok(())
            }
            Opcode::Pong => Ok(()),
        };
        if outcome.is_ok() {
            outcome = answered;
        }
    })?;
    outcome
}
