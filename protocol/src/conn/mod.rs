//! One Engine.IO connection as a state machine: what it hears, what is due, what that leads to.
//!
//! Follows the Engine.IO protocol, "Heartbeat" and "Upgrade", and the stock server where that is
//! silent. Packets and the clock come in as arguments, and what there is to do goes out as a value;
//! who calls owns the bytes and the timers. Its parts: `heartbeat`, `upgrade`.

mod heartbeat;
mod upgrade;

use std::{borrow::Cow, fmt};

use crate::eio::Packet;
pub use crate::eio::Transport;
use heartbeat::{Beat, Heartbeat};
pub use upgrade::{NOOP_INTERVAL_MS, Probe, ProbeRefused};
use upgrade::{Pace, Upgrade};

/// How patient a server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// How long after the handshake or a pong the next ping is due, in milliseconds.
    pub ping_interval_ms: u64,
    /// How long a pong may take, in milliseconds.
    pub ping_timeout_ms: u64,
    /// How long an upgrade may take, in milliseconds.
    pub upgrade_timeout_ms: u64,
}

impl Default for Timing {
    /// The stock server's.
    fn default() -> Timing {
        Timing { ping_interval_ms: 25_000, ping_timeout_ms: 20_000, upgrade_timeout_ms: 10_000 }
    }
}

/// A connection, from its handshake on.
#[derive(Debug, Clone)]
pub struct Conn {
    transport: Transport,
    is_closed: bool,
    heartbeat: Heartbeat,
    /// Boxed: no connection has one for long, and each would carry the space for it.
    upgrade: Option<Box<Upgrade>>,
}

/// What a packet on the connection's own transport leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard<'a> {
    /// A message: a Socket.IO packet.
    Text(&'a str),
    /// A binary message: an attachment.
    Binary(Cow<'a, [u8]>),
    /// Nothing.
    Nothing,
    /// The connection is closed now.
    Close(CloseReason),
}

/// What is to be done now that some time has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Nothing.
    Nothing,
    /// Send a ping; its timeout runs already.
    Ping,
    /// Answer a pending poll, if there is one, with a noop: the client waits for it to go over.
    Noop,
    /// Close the second transport; polling goes on.
    ProbeTimeout,
    /// The connection is closed now.
    Close(CloseReason),
}

/// Why the protocol itself ends a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CloseReason {
    /// No pong in time.
    PingTimeout,
    /// The client sent a close packet.
    ClientClose,
    /// A ping from the client, which in revision 4 is the server's to send.
    UnexpectedPing,
    /// Something could not be decoded. For the caller, who decodes.
    ParseError,
}

impl Conn {
    /// A connection whose handshake has just been sent by `transport`.
    pub fn new(transport: Transport, now_ms: u64, timing: &Timing) -> Conn {
        let heartbeat = Heartbeat::new(now_ms, timing);
        Conn { transport, is_closed: false, heartbeat, upgrade: None }
    }

    /// The transport that packets go by.
    pub fn transport(&self) -> Transport {
        self.transport
    }

    /// Whether it is over; then nothing is heard and nothing is due any more.
    pub fn is_closed(&self) -> bool {
        self.is_closed
    }

    /// Whether a second transport is being tried.
    pub fn is_upgrading(&self) -> bool {
        self.upgrade.is_some()
    }

    /// A packet that arrived by the connection's current transport.
    ///
    /// A pong schedules the next ping. Packets that are the server's to send, and an upgrade that
    /// is none, mean nothing, as in the stock server; but a ping closes.
    pub fn hear<'a>(&mut self, packet: Packet<'a>, now_ms: u64, timing: &Timing) -> Heard<'a> {
        if self.is_closed {
            return Heard::Nothing;
        }
        self.heartbeat.heard(now_ms);
        match packet {
            Packet::Message(text) => Heard::Text(text),
            Packet::Binary(bytes) => Heard::Binary(bytes),
            Packet::Pong(_) => {
                self.heartbeat.pong(now_ms, timing);
                Heard::Nothing
            }
            Packet::Ping(_) => Heard::Close(self.end(CloseReason::UnexpectedPing)),
            Packet::Close => Heard::Close(self.end(CloseReason::ClientClose)),
            Packet::Open(_) | Packet::Upgrade | Packet::Noop => Heard::Nothing,
        }
    }

    /// What is due. To be called when [`Conn::next_due_ms`] has passed, until it says
    /// [`Due::Nothing`].
    pub fn due(&mut self, now_ms: u64, timing: &Timing) -> Due {
        if self.is_closed {
            return Due::Nothing;
        }
        match self.heartbeat.due(now_ms, timing) {
            Beat::Ping => return Due::Ping,
            Beat::Lost => return Due::Close(self.end(CloseReason::PingTimeout)),
            Beat::Nothing => {}
        }
        match self.upgrade.as_mut().map(|upgrade| upgrade.due(now_ms)) {
            Some(Pace::Noop) => Due::Noop,
            Some(Pace::Late) => {
                self.upgrade = None;
                Due::ProbeTimeout
            }
            Some(Pace::Nothing) | None => Due::Nothing,
        }
    }

    /// When [`Conn::due`] will next have something to say; `u64::MAX` once it is closed.
    pub fn next_due_ms(&self) -> u64 {
        if self.is_closed {
            return u64::MAX;
        }
        let upgrade_due_ms =
            self.upgrade.as_ref().map_or(u64::MAX, |upgrade| upgrade.next_due_ms());
        self.heartbeat.next_due_ms().min(upgrade_due_ms)
    }

    /// Ends it, whatever the reason.
    pub fn close(&mut self) {
        self.is_closed = true;
        self.upgrade = None;
    }

    fn end(&mut self, reason: CloseReason) -> CloseReason {
        self.close();
        reason
    }
}

impl CloseReason {
    /// The reason in plain words.
    pub const fn as_str(self) -> &'static str {
        match self {
            CloseReason::PingTimeout => "ping timeout",
            CloseReason::ClientClose => "client close",
            CloseReason::UnexpectedPing => "unexpected ping",
            CloseReason::ParseError => "parse error",
        }
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
