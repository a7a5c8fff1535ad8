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

impl Probing {
    /// Has whoever holds the second transport look whether it is still wanted.
    pub(super) fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
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
            state.probing.wake();
            state.probing.number = state.probing.number.wrapping_add(1);
            state.probing.number
        };
        self.engine.arm(self);
        Ok(number)
    }

    /// A packet of the second transport.
    pub(in crate::net) fn probe_heard(self: &Arc<Self>, number: u32, packet: Packet<'_>) -> Probe {
        let timing = &self.engine.settings.timing;
        let probe = {
            let state = &mut *self.lock();
            match state.probing.number == number {
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
        if state.probing.number == number {
            state.conn.probe_closed(clock::up_ms());
        }
    }

    /// Ready once the second transport is not wanted any more: it took too long, or the
    /// connection has ended.
    pub(in crate::net) fn poll_probe_over(&self, number: u32, cx: &mut Context<'_>) -> Poll<()> {
        let state = &mut *self.lock();
        if !state.conn.is_upgrading() || state.probing.number != number {
            return Poll::Ready(());
        }
        state.probing.waker = Some(cx.waker().clone());
        Poll::Pending
    }
}
