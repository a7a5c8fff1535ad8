//! From polling to WebSocket: a second transport is opened beside the first, probed, and taken.
//!
//! ```text
//! client   WebSocket opened   2probe          5
//! server                      3probe, 6 ...   what is queued goes by WebSocket now
//! ```
//! Until the `5`, packets still go by polling: nothing is lost or reordered. Whatever goes wrong
//! before it ends the second transport alone.

use super::{Conn, Timing, Transport};
use crate::eio::Packet;

/// How often a pending poll is answered while the client waits to go over, in milliseconds.
pub const NOOP_INTERVAL_MS: u64 = 100;

const PROBE: &str = "probe";

/// A second transport, being tried.
#[derive(Debug, Clone)]
pub(super) struct Upgrade {
    deadline_ms: u64,
    /// When the next noop is due; never before the probe was heard.
    noop_due_ms: u64,
}

/// What time asks of an upgrade.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pace {
    Nothing,
    Noop,
    Late,
}

/// What a packet on the second transport leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// Send `3probe` by the second transport.
    Answer,
    /// The second transport is the connection's now. End the first without ending the connection,
    /// and send what is queued by the second.
    Upgraded,
    /// Close the second transport; polling goes on.
    Fail,
}

/// Why a second transport is closed as soon as it is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeRefused {
    /// The connection is over.
    Closed,
    /// Another one is being tried.
    Upgrading,
    /// The connection is a WebSocket already.
    NotPolling,
}

impl Upgrade {
    pub(super) fn due(&mut self, now_ms: u64) -> Pace {
        if now_ms >= self.deadline_ms {
            return Pace::Late;
        }
        if now_ms >= self.noop_due_ms {
            self.noop_due_ms = now_ms.saturating_add(NOOP_INTERVAL_MS);
            return Pace::Noop;
        }
        Pace::Nothing
    }

    pub(super) fn next_due_ms(&self) -> u64 {
        self.deadline_ms.min(self.noop_due_ms)
    }
}

impl Conn {
    /// A WebSocket with this connection's id was opened.
    ///
    /// # Errors
    /// [`ProbeRefused`]: it is to be closed again; the connection does not mind.
    pub fn probe_opened(&mut self, now_ms: u64, timing: &Timing) -> Result<(), ProbeRefused> {
        if self.is_closed {
            return Err(ProbeRefused::Closed);
        }
        if self.transport != Transport::Polling {
            return Err(ProbeRefused::NotPolling);
        }
        if self.upgrade.is_some() {
            return Err(ProbeRefused::Upgrading);
        }
        let deadline_ms = now_ms.saturating_add(timing.upgrade_timeout_ms);
        self.upgrade = Some(Box::new(Upgrade { deadline_ms, noop_due_ms: u64::MAX }));
        Ok(())
    }

    /// A packet that arrived by the second transport. An upgrade without a probe is accepted, as
    /// by the stock server.
    pub fn probe_heard(&mut self, packet: Packet<'_>, now_ms: u64, _timing: &Timing) -> Probe {
        let Some(upgrade) = self.upgrade.as_mut() else {
            return Probe::Fail;
        };
        match packet {
            Packet::Ping(PROBE) => {
                upgrade.noop_due_ms = now_ms.saturating_add(NOOP_INTERVAL_MS);
                Probe::Answer
            }
            Packet::Upgrade => {
                self.upgrade = None;
                self.transport = Transport::WebSocket;
                Probe::Upgraded
            }
            _ => {
                self.upgrade = None;
                Probe::Fail
            }
        }
    }

    /// The second transport is gone, or said what nobody can read. Polling goes on.
    pub fn probe_closed(&mut self, _now_ms: u64) {
        self.upgrade = None;
    }
}
