//! The WebSocket transport, reading half: bytes come in, messages come out.
//!
//! What the [`super::parser`] is fed with is read into a scratch buffer that all connections of a
//! thread share, so that an idle one holds no buffer. The pongs that it wants written are pushed
//! to the outbox like everything else.

use std::cell::RefCell;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use polylogue_protocol::eio::Packet;
use tokio::io::{AsyncRead, ReadBuf};
use tokio_tungstenite::tungstenite::protocol::Message;

use super::Open;
use super::close::Close;
use super::connection::Connection;
use super::outbox::Outbox;
use super::parser::Parser;
use super::wire::WireReader;
use crate::limits;

thread_local! {
    static SCRATCH: RefCell<Box<[u8]>> =
        RefCell::new(vec![0; limits::READ_BYTES_MAX].into_boxed_slice());
}

/// See the module's head.
pub(super) struct WebSocketReader {
    reader: WireReader,
    parser: Parser,
    /// Bytes that were read before there was a WebSocket.
    ahead: Box<[u8]>,
    _open: Open,
}

/// The messages that came, and why there will be no more, if so.
pub(super) type Came = (Vec<Message>, Result<(), Close>);

/// What one look at the socket brought.
enum Look {
    /// Bytes came; the messages they complete are in the list.
    Fed,
    /// It is over: what the parser or the kernel says.
    Over(Close),
}

impl WebSocketReader {
    pub(super) fn new(
        reader: WireReader,
        message_bytes_max: usize,
        ahead: &[u8],
        open: Open,
    ) -> WebSocketReader {
        let (parser, ahead) = (Parser::new(message_bytes_max), ahead.into());
        WebSocketReader { reader, parser, ahead, _open: open }
    }

    /// Waits for messages, writing what waits in the outbox meanwhile.
    pub(super) fn read(&mut self, outbox: &Outbox) -> impl Future<Output = Came> {
        std::future::poll_fn(|cx| {
            // Nothing is kept here while nothing comes: whoever waits carries no list.
            let mut messages = Vec::new();
            if outbox.poll_write(cx).is_ready() {
                return Poll::Ready((messages, Err(Close::Transport)));
            }
            while messages.is_empty() {
                match self.poll_look(cx, outbox, &mut messages) {
                    Poll::Ready(Look::Fed) => {}
                    Poll::Ready(Look::Over(reason)) => return Poll::Ready((messages, Err(reason))),
                    Poll::Pending => return Poll::Pending,
                }
            }
            Poll::Ready((messages, Ok(())))
        })
    }

    fn poll_look(
        &mut self,
        cx: &mut Context<'_>,
        outbox: &Outbox,
        messages: &mut Vec<Message>,
    ) -> Poll<Look> {
        if !self.ahead.is_empty() {
            let ahead = std::mem::take(&mut self.ahead);
            return Poll::Ready(self.feed(&ahead, outbox, messages));
        }
        SCRATCH.with_borrow_mut(|scratch| {
            let mut into = ReadBuf::new(scratch);
            match Pin::new(&mut self.reader).poll_read(cx, &mut into) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(Ok(())) if !into.filled().is_empty() => {
                    Poll::Ready(self.feed(into.filled(), outbox, messages))
                }
                Poll::Ready(_) => Poll::Ready(Look::Over(Close::Transport)),
            }
        })
    }

    fn feed(&mut self, bytes: &[u8], outbox: &Outbox, messages: &mut Vec<Message>) -> Look {
        let (pongs, read) = self.parser.feed(bytes, messages);
        if let Some(pongs) = pongs {
            // Control frames are small: they are dropped only where nothing is read any more.
            let _ = outbox.push(&[pongs]);
        }
        read.map_or_else(Look::Over, |()| Look::Fed)
    }

    /// Reads on, deaf, until the client has ended its half too: closing a socket with unread
    /// bytes in it would throw away the goodbye that is still on its way.
    async fn linger(mut self, outbox: &Outbox) {
        let until_end = std::future::poll_fn(|cx| {
            let _ = outbox.poll_write(cx);
            SCRATCH.with_borrow_mut(|scratch| {
                loop {
                    let mut into = ReadBuf::new(scratch);
                    match Pin::new(&mut self.reader).poll_read(cx, &mut into) {
                        Poll::Pending => return Poll::Pending,
                        Poll::Ready(Ok(())) if !into.filled().is_empty() => {}
                        Poll::Ready(_) => return Poll::Ready(()),
                    }
                }
            })
        });
        let _ = tokio::time::timeout(Duration::from_millis(limits::LINGER_MS), until_end).await;
        outbox.abandon();
    }
}

/// A message as an Engine.IO packet.
pub(super) fn packet(message: &Message) -> Result<Packet<'_>, Close> {
    match message {
        Message::Text(text) => Packet::decode(text).map_err(|_| Close::Parse),
        Message::Binary(bytes) => Ok(Packet::Binary(bytes.as_ref().into())),
        _ => Err(Close::WebSocket),
    }
}

/// Runs a connection that lives on a WebSocket, until it ends.
///
/// A block and not an `async fn`, which would carry the space of its arguments twice: this is
/// the task of every idle connection.
#[allow(clippy::manual_async_fn, reason = "see above")]
pub(super) fn run(
    connection: Arc<Connection>,
    mut reader: WebSocketReader,
) -> impl Future<Output = ()> {
    async move {
        let reason = loop {
            let came = reader.read(&connection.outbox).await;
            // Boxed while it is at work: what was heard is let go with its space.
            if let Err(reason) = Box::pin(hear(&connection, came)).await {
                break reason;
            }
        };
        Box::pin(end(connection, reader, reason)).await;
    }
}

/// Ends a connection that lives on a WebSocket.
pub(super) async fn end(connection: Arc<Connection>, reader: WebSocketReader, reason: Close) {
    connection.close(reason);
    reader.linger(&connection.outbox).await;
}

/// Parts with a WebSocket that is no connection's.
pub(super) async fn part(reader: WebSocketReader, outbox: Outbox, reason: Close) {
    outbox.close(reason);
    reader.linger(&outbox).await;
}

/// Has a connection hear what came.
///
/// # Errors
/// Why there will be no more.
pub(super) async fn hear(connection: &Arc<Connection>, came: Came) -> Result<(), Close> {
    let (messages, read) = came;
    if messages.is_empty() {
        return read;
    }
    let mut upper = connection.check_out().await?;
    let mut heard = Ok(());
    for message in messages {
        heard = match packet(&message) {
            Ok(packet) => connection.hear(&mut upper, packet).await,
            Err(reason) => Err(reason),
        };
        if heard.is_err() || connection.is_closed() {
            break;
        }
    }
    connection.check_in(upper);
    heard?;
    rest(connection).await?;
    read
}

/// Reads nothing while the connection is over its event rate; what waits for it is written.
async fn rest(connection: &Connection) -> Result<(), Close> {
    while let rest_ms @ 1.. = connection.rest_ms()? {
        let over = std::future::poll_fn(|cx| connection.outbox.poll_write(cx));
        tokio::select! {
            () = over => return Err(Close::Transport),
            () = tokio::time::sleep(Duration::from_millis(rest_ms)) => {}
        }
    }
    Ok(())
}
