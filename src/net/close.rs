//! Every way a connection can end, and every reason in one place.

use bytes::Bytes;
use polylogue_protocol::conn::CloseReason;
use polylogue_protocol::frame::{self, Frames, Opcode};

use super::backlog::Overrun;

/// Why a connection ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Close {
    /// No pong came in time.
    PingTimeout,
    /// The client said goodbye.
    Client,
    /// The client's transport went away without a goodbye.
    Transport,
    /// The client closed its WebSocket, with that status.
    Goodbye(Option<u16>),
    /// What came could not be read as Engine.IO or Socket.IO.
    Parse,
    /// What came broke the rules of WebSocket.
    WebSocket,
    /// Text that came is not UTF-8.
    NotUtf8,
    /// A message was larger than `--max-payload`.
    TooLarge,
    /// No namespace was joined in time.
    NoConnect,
    /// The client read more slowly than its rooms spoke.
    Slow,
    /// The client took nothing of what waited for it for too long.
    Stuck,
    /// So much waited for all clients that this one's share was used up.
    Crowded,
    /// So much is half read on all connections that this one's message can wait no more.
    Intake,
    /// The client went on to speak faster than it may.
    Flood,
    /// Two requests wanted the same half of a polling session at once.
    Overlap,
    /// A request of a polling session was given up by the client.
    Aborted,
    /// A WebSocket that nobody needs: a second one, or one whose probe failed.
    Unwanted,
    /// The server stops.
    Shutdown,
}

impl Close {
    /// One for each reason that [`Close::as_str`] has words for.
    pub(super) const ALL: [Close; 17] = [
        Close::PingTimeout,
        Close::Client,
        Close::Transport,
        Close::Parse,
        Close::WebSocket,
        Close::NotUtf8,
        Close::TooLarge,
        Close::NoConnect,
        Close::Slow,
        Close::Stuck,
        Close::Crowded,
        Close::Intake,
        Close::Flood,
        Close::Overlap,
        Close::Aborted,
        Close::Unwanted,
        Close::Shutdown,
    ];

    /// Whether the client may come back to what it had: it was lost, and neither it nor the server
    /// meant to part. One that took too little has most likely gone without a word.
    #[must_use]
    pub fn is_recoverable(self) -> bool {
        match self {
            Close::PingTimeout
            | Close::Client
            | Close::Transport
            | Close::Goodbye(_)
            | Close::Aborted
            | Close::Slow
            | Close::Stuck
            | Close::Crowded
            | Close::Intake => true,
            Close::Parse
            | Close::WebSocket
            | Close::NotUtf8
            | Close::TooLarge
            | Close::NoConnect
            | Close::Flood
            | Close::Overlap
            | Close::Unwanted
            | Close::Shutdown => false,
        }
    }

    /// The reason in the words of the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Close::PingTimeout => "ping timeout",
            Close::Client => "client close",
            Close::Transport | Close::Goodbye(_) => "transport close",
            Close::Parse => "parse error",
            Close::WebSocket => "websocket error",
            Close::NotUtf8 => "text that is not UTF-8",
            Close::TooLarge => "payload too large",
            Close::NoConnect => "no namespace joined in time",
            Close::Slow => "slow receiver",
            Close::Stuck => "stuck receiver",
            Close::Crowded => "receivers' backlog full",
            Close::Intake => "too much is half read",
            Close::Flood => "too many events",
            Close::Overlap => "overlapping requests",
            Close::Aborted => "request aborted",
            Close::Unwanted => "websocket not wanted",
            Close::Shutdown => "server shutting down",
        }
    }

    /// Whether the client does not read what is sent to it: then nothing would reach it.
    pub(super) fn is_of_a_slow_receiver(self) -> bool {
        matches!(self, Close::Slow | Close::Stuck | Close::Crowded)
    }

    /// The WebSocket close frame; `None`: nobody is there to read it.
    #[must_use]
    pub fn frame(self) -> Option<Bytes> {
        Some(match self {
            Close::Transport => return None,
            Close::Goodbye(Some(code)) => frame::close(code, ""),
            Close::Goodbye(None) => {
                let mut frames = Frames::new();
                frames.frame(Opcode::Close, &[]);
                frames.seal()
            }
            Close::WebSocket => frame::close(1002, ""),
            Close::NotUtf8 => frame::close(1007, ""),
            Close::TooLarge => frame::close(1009, ""),
            Close::Slow | Close::Stuck | Close::Crowded | Close::Flood => {
                frame::close(1008, self.as_str())
            }
            // "Try again later."
            Close::Intake => frame::close(1013, self.as_str()),
            Close::Shutdown => frame::close(1001, self.as_str()),
            _ => frame::close(1000, ""),
        })
    }

    /// The last packet of a poll that waits when the connection ends: `6` where the client
    /// itself has ended it, `1` where the server did.
    #[must_use]
    pub fn polling(self) -> &'static str {
        match self {
            Close::Client => "6",
            _ => "1",
        }
    }
}

impl From<Overrun> for Close {
    fn from(overrun: Overrun) -> Close {
        match overrun {
            Overrun::Slow => Close::Slow,
            Overrun::Crowded => Close::Crowded,
        }
    }
}

impl From<CloseReason> for Close {
    fn from(reason: CloseReason) -> Close {
        match reason {
            CloseReason::PingTimeout => Close::PingTimeout,
            CloseReason::ClientClose => Close::Client,
            CloseReason::UnexpectedPing | CloseReason::ParseError => Close::Parse,
        }
    }
}
