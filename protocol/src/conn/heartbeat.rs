//! The server's ping, the client's pong, and the time between them.
//!
//! Any other packet is a sign of life as well: where a pong is late and something else was heard
//! since the ping, the wait starts over from there, once. A client that talks but never answers is
//! lost within twice the timeout.

use super::Timing;

/// Which half of the beat a connection is in.
#[derive(Debug, Clone)]
pub(super) enum Heartbeat {
    /// The next ping is due then.
    Resting { ping_due_ms: u64 },
    /// A ping is out.
    Waiting {
        /// When it is given up.
        deadline_ms: u64,
        /// When anything was last heard since; 0 once that was taken into account.
        heard_ms: u64,
        /// Whether the wait may still start over.
        is_first: bool,
    },
}

/// What a beat asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beat {
    Nothing,
    Ping,
    Lost,
}

impl Heartbeat {
    pub(super) fn new(now_ms: u64, timing: &Timing) -> Heartbeat {
        Heartbeat::Resting { ping_due_ms: now_ms.saturating_add(timing.ping_interval_ms) }
    }

    /// Anything was heard.
    pub(super) fn heard(&mut self, now_ms: u64) {
        if let Heartbeat::Waiting { heard_ms, .. } = self {
            *heard_ms = now_ms;
        }
    }

    /// The pong was heard. One that nobody asked for changes nothing.
    pub(super) fn pong(&mut self, now_ms: u64, timing: &Timing) {
        if matches!(self, Heartbeat::Waiting { .. }) {
            *self = Heartbeat::new(now_ms, timing);
        }
    }

    pub(super) fn due(&mut self, now_ms: u64, timing: &Timing) -> Beat {
        match *self {
            Heartbeat::Resting { ping_due_ms } if now_ms >= ping_due_ms => {
                let deadline_ms = now_ms.saturating_add(timing.ping_timeout_ms);
                *self = Heartbeat::Waiting { deadline_ms, heard_ms: 0, is_first: true };
                Beat::Ping
            }
            Heartbeat::Waiting { deadline_ms, heard_ms, is_first } if now_ms >= deadline_ms => {
                let deadline_ms = heard_ms.saturating_add(timing.ping_timeout_ms);
                if !is_first || now_ms >= deadline_ms {
                    return Beat::Lost;
                }
                *self = Heartbeat::Waiting { deadline_ms, heard_ms: 0, is_first: false };
                Beat::Nothing
            }
            _ => Beat::Nothing,
        }
    }

    pub(super) fn next_due_ms(&self) -> u64 {
        match *self {
            Heartbeat::Resting { ping_due_ms } => ping_due_ms,
            Heartbeat::Waiting { deadline_ms, .. } => deadline_ms,
        }
    }
}
