//! A WebSocket with nothing above it that says back whatever it hears, for tests of the protocol
//! itself: the reader, the outbox and the close are those of every other WebSocket.

use std::sync::Arc;

use polylogue_protocol::frame;
use tokio_tungstenite::tungstenite::protocol::Message;

use super::Caller;
use super::accept::{self, Accepted};
use super::asked::Asked;
use super::backlog::Backlog;
use super::close::Close;
use super::outbox::Outbox;
use super::reply::Reply;
use super::websocket::{self, WebSocketReader};
use crate::hub::clock;
use crate::limits;

/// Where echoes are to be had.
#[derive(Clone, Copy, Debug)]
pub struct Echo {
    /// The path.
    pub path: &'static str,
    /// The largest message, in bytes.
    pub max_payload_bytes: usize,
}

/// Answers a request for an echo.
pub(super) fn answer(echo: &Echo, asked: Asked<'_>, caller: &Caller) -> Reply {
    let max_payload_bytes = echo.max_payload_bytes;
    accept::accept(asked, caller, move |socket| {
        drop(tokio::spawn(run(socket, max_payload_bytes)));
    })
}

async fn run(socket: Accepted, max_payload_bytes: usize) {
    let backlog = Arc::new(Backlog::new(limits::BACKLOG_BYTES_MAX, clock::up_ms));
    let (mut reader, outbox) = socket.split(max_payload_bytes, &backlog);
    let reason = converse(&mut reader, &outbox).await;
    websocket::part(reader, outbox, reason).await;
}

async fn converse(reader: &mut WebSocketReader, outbox: &Outbox) -> Close {
    loop {
        let (messages, read) = reader.read(outbox).await;
        for message in messages {
            let echo = match &message {
                Message::Text(text) => frame::text(text),
                Message::Binary(bytes) => frame::binary(bytes),
                _ => continue,
            };
            if let Err(overrun) = outbox.push(&[echo]) {
                return overrun.into();
            }
        }
        if let Err(reason) = read {
            return reason;
        }
    }
}
