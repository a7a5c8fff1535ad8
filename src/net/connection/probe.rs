//! A connection's second transport, seen from the connection: which one is being tried, and
//! whether it still is.
//!
//! Speaks to `upgrade`, which holds the second transport. Each try has a number, so that a late
//! word of one that was given up is not taken for the next one's.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use polylogue_protocol::conn::{Probe, ProbeRefused};
use polylogue_protocol::eio::Packet;

use super::Connection;
use crate::hub::clock;

/// The try that is under way, or was the last one.
#[derive(Default)]
pub(super) struct Probing {
    number: u32,
    /// Whoever holds the second transport.
    waker: Option<Waker>,
}

/// Has whoever holds the second transport look whether it is still wanted.
pub(super) fn wake(probing: &mut Option<Box<Probing>>) {
    if let Some(waker) = probing.as_mut().and_then(|probing| probing.waker.take()) {
        waker.wake();
    }
}

/// The number of the try that is under way, or was the last one; 0: there was none.
fn number(probing: &Option<Box<Probing>>) -> u32 {
    probing.as_ref().map_or(0, |probing| probing.number)
}

impl Connection {
    /// A second transport has opened; returns the number of its try.
    ///
    /// # Errors
    /// It is one too many.
    pub(in crate::net) fn probe_opened(self: &Arc<Self>) -> Result<u32, ProbeRefused> {
        let number = {
            let state = &mut *self.lock();
            state.conn.probe_opened(clock::up_ms(), &self.engine.settings.timing)?;
            wake(&mut state.probing);
            let probing = state.probing.get_or_insert_default();
            probing.number = probing.number.wrapping_add(1);
            probing.number
        };
        self.engine.arm(self);
        Ok(number)
    }

    /// A packet of the second transport.
    pub(in crate::net) fn probe_heard(self: &Arc<Self>, number: u32, packet: Packet<'_>) -> Probe {
        let timing = &self.engine.settings.timing;
        let probe = {
            let state = &mut *self.lock();
            match self::number(&state.probing) == number {
                true => state.conn.probe_heard(packet, clock::up_ms(), timing),
                false => Probe::Fail,
            }
        };
        self.engine.arm(self);
        probe
    }

    /// The second transport is gone.
    pub(in crate::net) fn probe_closed(&self, number: u32) {
        let state = &mut *self.lock();
        if self::number(&state.probing) == number {
            state.conn.probe_closed(clock::up_ms());
        }
    }

    /// Ready once the second transport is not wanted any more: it took too long, or the
    /// connection has ended.
    pub(in crate::net) fn poll_probe_over(&self, number: u32, cx: &mut Context<'_>) -> Poll<()> {
        let state = &mut *self.lock();
        match &mut state.probing {
            Some(probing) if state.conn.is_upgrading() && probing.number == number => {
                probing.waker = Some(cx.waker().clone());
                Poll::Pending
            }
            _ => Poll::Ready(()),
        }
    }
}
