//! From polling to WebSocket: the second transport beside a session that polls.
//!
//! It is probed, then it is the connection's, or it is closed and polling goes on. What the
//! connection makes of each packet is said by [`Connection`].

use std::sync::Arc;

use polylogue_protocol::conn::Probe;
use polylogue_protocol::frame;

use super::accept::Accepted;
use super::close::Close;
use super::connection::Connection;
use super::outbox::Outbox;
use super::websocket::{self, Came, WebSocketReader};

/// What became of a second transport.
enum Outcome {
    /// It is the connection's now. What came behind the upgrade packet is still to be heard, and
    /// the last is whether more can come.
    Taken(Came),
    /// It is to be closed.
    GivenUp(Close),
}

/// Runs a WebSocket that was opened beside a session.
pub(super) async fn run(connection: Arc<Connection>, socket: Accepted) {
    let engine = &connection.engine;
    let (mut reader, aside) = socket.split(engine.settings.max_payload_bytes, &engine.backlog);
    let Ok(number) = connection.probe_opened() else {
        return websocket::part(reader, aside, Close::Unwanted).await;
    };
    match probe(&connection, number, &mut reader, &aside).await {
        Outcome::Taken(came) => match aside.into_writer() {
            Some(writer) => {
                connection.upgrade(writer);
                match websocket::hear(&connection, came).await {
                    // A task of its own: this one carries the space that probing takes.
                    Ok(()) => drop(tokio::spawn(websocket::run(connection, reader))),
                    Err(reason) => websocket::end(connection, reader, reason).await,
                }
            }
            None => connection.close(Close::Transport),
        },
        Outcome::GivenUp(reason) => {
            connection.probe_closed(number);
            websocket::part(reader, aside, reason).await;
        }
    }
}

/// Listens to the second transport until it says `5`, or is not wanted any more.
async fn probe(
    connection: &Arc<Connection>,
    number: u32,
    reader: &mut WebSocketReader,
    aside: &Outbox,
) -> Outcome {
    loop {
        let over = std::future::poll_fn(|cx| connection.poll_probe_over(number, cx));
        let (messages, read) = tokio::select! {
            biased;
            () = over => return Outcome::GivenUp(Close::Unwanted),
            came = reader.read(aside) => came,
        };
        let mut rest = messages.into_iter();
        while let Some(message) = rest.next() {
            let Ok(packet) = websocket::packet(&message) else {
                return Outcome::GivenUp(Close::Unwanted);
            };
            match connection.probe_heard(number, packet) {
                Probe::Answer if aside.push(&[frame::text("3probe")]).is_ok() => {}
                Probe::Upgraded => return Outcome::Taken((rest.collect(), read)),
                Probe::Answer | Probe::Fail => return Outcome::GivenUp(Close::Unwanted),
            }
        }
        if let Err(reason) = read {
            return Outcome::GivenUp(reason);
        }
    }
}
