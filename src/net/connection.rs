//! One Engine.IO connection: its state machine, its way out, and who hears what comes in.
//!
//! Whoever reads (the WebSocket's task, a POST) takes the [`Upper`] out, lets it hear, and puts
//! it back. **Invariant:** only one of them has it at a time, so what a client says is heard in
//! order, and the connection's end, which drops it, leaves its rooms exactly once.

mod probe;

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};

use bytes::Bytes;
use polylogue_protocol::conn::{Conn, Due, Heard, Transport};
use polylogue_protocol::eio::Packet;
use polylogue_protocol::frame;
use polylogue_protocol::sid::Sid;

use self::probe::Probing;
use super::close::Close;
use super::engine::Engine;
use super::flood::Flood;
use super::opening::Opening;
use super::outbox::Outbox;
use super::upper::Upper;
use super::volley;
use super::wire::WireWriter;
use crate::hub::clock;
use crate::hub::id::LaneId;
use crate::hub::offset::Upto;
use crate::hub::trail::End;
use crate::hub::voice::{Delivery, Outlet};

/// See the module's head.
pub(super) struct Connection {
    pub(super) sid: Sid,
    pub(super) engine: Arc<Engine>,
    /// Where it comes from.
    pub(super) peer: IpAddr,
    pub(super) opened_by: Opening,
    pub(super) outbox: Outbox,
    state: Mutex<State>,
    /// When the wheel is to call; later entries for it are stale.
    pub(super) armed_ms: AtomicU64,
    heard_ms: AtomicU64,
}

struct State {
    conn: Conn,
    closed: Option<Close>,
    upper: Slot,
    is_posting: bool,
    /// `None`: no second transport was ever tried.
    probing: Option<Box<Probing>>,
    flood: Flood,
    /// Whether a namespace was joined.
    is_connected: bool,
    /// By when one must have been; then, and not before, when the first of the tokens expires.
    session_due_ms: u64,
    /// A token has expired while somebody had the upper layer.
    is_expiring: bool,
}

/// Where the [`Upper`] is.
enum Slot {
    Here(Upper),
    /// With whoever reads; another who wants it waits, which is rare, and boxed.
    Out(Option<Box<Waker>>),
    Gone,
}

impl Connection {
    pub(super) fn new(
        sid: Sid,
        engine: &Arc<Engine>,
        (peer, opened_by): (IpAddr, Opening),
        transport: Transport,
        outbox: Outbox,
    ) -> Arc<Connection> {
        let now_ms = clock::up_ms();
        let conn = Conn::new(transport, now_ms, &engine.settings.timing);
        let state = State {
            conn,
            closed: None,
            upper: Slot::Gone,
            is_posting: false,
            probing: None,
            flood: Flood::default(),
            is_connected: false,
            session_due_ms: engine.connect_due_ms(now_ms),
            is_expiring: false,
        };
        let connection = Arc::new(Connection {
            sid,
            engine: Arc::clone(engine),
            peer,
            opened_by,
            outbox,
            state: Mutex::new(state),
            armed_ms: AtomicU64::new(u64::MAX),
            heard_ms: AtomicU64::new(now_ms),
        });
        let upper = engine.upper(&connection);
        connection.lock().upper = Slot::Here(upper);
        connection
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn transport(&self) -> Transport {
        self.lock().conn.transport()
    }

    /// Sends frames; a receiver that is too slow for them is closed.
    pub(super) fn send(&self, frames: &[Bytes]) {
        if let Err(overrun) = self.outbox.push(frames) {
            self.close(overrun.into());
        }
    }

    /// Why it ended, once it has.
    pub(super) fn closed(&self) -> Option<Close> {
        self.lock().closed
    }

    /// A namespace was joined: the connection may stay.
    pub(super) fn connected(&self) {
        let state = &mut *self.lock();
        if !std::mem::replace(&mut state.is_connected, true) {
            state.session_due_ms = u64::MAX;
        }
    }

    /// Takes the upper layer out, once nobody else has it.
    ///
    /// # Errors
    /// Why the connection is over.
    pub(super) async fn check_out(&self) -> Result<Upper, Close> {
        std::future::poll_fn(|cx| {
            let mut state = self.lock();
            if let Some(reason) = state.closed {
                return Poll::Ready(Err(reason));
            }
            match std::mem::replace(&mut state.upper, Slot::Out(None)) {
                Slot::Here(upper) => Poll::Ready(Ok(upper)),
                Slot::Out(_) => {
                    state.upper = Slot::Out(Some(Box::new(cx.waker().clone())));
                    Poll::Pending
                }
                Slot::Gone => Poll::Ready(Err(Close::Transport)),
            }
        })
        .await
    }

    /// Puts the upper layer back, or drops it when the connection has ended meanwhile.
    pub(super) fn check_in(&self, mut upper: Upper) {
        loop {
            let mut state = self.lock();
            if state.closed.is_some() {
                drop(state);
                return drop(upper);
            }
            if std::mem::take(&mut state.is_expiring) {
                drop(state);
                upper.expire(clock::wall_ms());
                continue;
            }
            if let Slot::Out(Some(waker)) = std::mem::replace(&mut state.upper, Slot::Here(upper)) {
                waker.wake();
            }
            return;
        }
    }

    /// Hears one packet of the connection's own transport.
    ///
    /// # Errors
    /// Why the connection must end.
    pub(super) async fn hear(
        self: &Arc<Self>,
        upper: &mut Upper,
        packet: Packet<'_>,
    ) -> Result<(), Close> {
        let timing = &self.engine.settings.timing;
        let now_ms = clock::up_ms();
        self.heard_ms.store(now_ms, Ordering::Relaxed);
        let (heard, due_ms) = {
            let state = &mut *self.lock();
            // An attachment belongs to the event before it.
            if let Some(rate) = self.engine.settings.events
                && !matches!(packet, Packet::Binary(_))
            {
                state.flood.count(rate, now_ms);
            }
            (state.conn.hear(packet, now_ms, timing), state.conn.next_due_ms())
        };
        if due_ms < self.armed_ms.load(Ordering::Relaxed) {
            // A pong: where pings are more frequent than pongs are late, the next one comes first.
            self.engine.arm(self);
        }
        match heard {
            Heard::Text(text) => upper.text(text).await,
            Heard::Binary(bytes) => upper.binary(&bytes).await,
            Heard::Nothing => Ok(()),
            Heard::Close(reason) => Err(reason.into()),
        }
    }

    /// How long the connection is not to be read now, in milliseconds; 0: it may be.
    ///
    /// # Errors
    /// It has been over its event rate for too long.
    pub(super) fn rest_ms(&self) -> Result<u64, Close> {
        let Some(rate) = self.engine.settings.events else { return Ok(0) };
        let state = &mut *self.lock();
        let was_resting = state.flood.is_resting();
        let rest_ms = state.flood.rest_ms(rate, clock::up_ms())?;
        if !was_resting && state.flood.is_resting() {
            self.engine.counters.rests.add_one();
        }
        Ok(rest_ms)
    }

    /// Begins a POST. `false`: another one is under way.
    pub(super) fn begin_post(&self) -> bool {
        !std::mem::replace(&mut self.lock().is_posting, true)
    }

    pub(super) fn end_post(&self) {
        self.lock().is_posting = false;
    }

    /// Everything goes to the WebSocket from now on.
    pub(super) fn upgrade(&self, writer: WireWriter) {
        self.outbox.upgrade(writer);
    }

    /// When [`Connection::due`] will have something to do.
    pub(super) fn next_due_ms(&self) -> u64 {
        let stuck_ms = self.outbox.stuck_ms();
        let state = self.lock();
        state.conn.next_due_ms().min(state.session_due_ms).min(stuck_ms)
    }

    /// Does what is due by now, each thing as of the moment it was due: a wheel that turns late
    /// gives nobody more time.
    pub(super) fn due(&self, now_ms: u64) {
        let timing = &self.engine.settings.timing;
        if self.outbox.stuck_ms() <= now_ms {
            return self.close(Close::Stuck);
        }
        loop {
            let due = {
                let mut state = self.lock();
                let due_ms = state.conn.next_due_ms();
                match due_ms <= now_ms {
                    true => state.conn.due(due_ms, timing),
                    false if state.session_due_ms <= now_ms => {
                        let is_connected = state.is_connected;
                        drop(state);
                        if !is_connected {
                            return self.close(Close::NoConnect);
                        }
                        self.expire();
                        continue;
                    }
                    false => return,
                }
            };
            match due {
                Due::Ping => self.send(&[frame::text("2")]),
                Due::Noop if self.outbox.is_polled() => self.send(&[frame::text("6")]),
                Due::ProbeTimeout => probe::wake(&mut self.lock().probing),
                Due::Noop | Due::Nothing => {}
                Due::Close(reason) => return self.close(reason.into()),
            }
        }
    }

    /// A session's token ends after that many milliseconds.
    pub(super) fn expires_in(self: &Arc<Self>, ms: u64) {
        let due_ms = clock::up_ms().saturating_add(ms);
        let mut state = self.lock();
        debug_assert!(state.is_connected, "joining a namespace would forget it");
        state.session_due_ms = state.session_due_ms.min(due_ms);
        drop(state);
        self.engine.arm(self);
    }

    /// Has the upper layer end the sessions whose token has expired: now, or as soon as whoever
    /// has it puts it back.
    fn expire(&self) {
        let mut state = self.lock();
        state.session_due_ms = u64::MAX;
        state.is_expiring = true;
        match std::mem::replace(&mut state.upper, Slot::Out(None)) {
            Slot::Here(upper) => {
                drop(state);
                self.check_in(upper);
            }
            elsewhere => state.upper = elsewhere,
        }
    }

    /// Ends the connection. The first reason counts.
    pub(super) fn close(&self, reason: Close) {
        let upper = {
            let mut state = self.lock();
            if state.closed.is_some() {
                return;
            }
            state.closed = Some(reason);
            state.conn.close();
            probe::wake(&mut state.probing);
            std::mem::replace(&mut state.upper, Slot::Gone)
        };
        self.outbox.close(reason);
        self.engine.forget(self.sid, reason);
        if let Slot::Out(Some(waker)) = upper {
            waker.wake();
        }
    }

    /// A request was given up halfway. A session that has moved to a WebSocket needs it no more.
    pub(super) fn abort(&self) {
        if self.transport() == Transport::Polling {
            self.close(Close::Aborted);
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed.is_some()
    }
}

impl Outlet for Connection {
    fn send_all(&self, deliveries: &[Delivery<'_>]) {
        volley::send(deliveries);
    }

    fn push(&self, frames: &[Bytes]) {
        self.send(frames);
    }

    fn tell(&self, frames: &[Bytes], upto: Upto) {
        if let Err(overrun) = self.outbox.tell(frames, upto) {
            self.close(overrun.into());
        }
    }

    fn sat(&self, lane: LaneId, from: u64) {
        self.outbox.note(|trail| trail.sat(lane, from));
    }

    fn stood(&self, end: End) {
        self.outbox.note(|trail| trail.stood(end));
    }

    fn allow(&self, bytes: usize) {
        self.outbox.allow(bytes);
    }

    fn leaves_out(&self, packets: u64) -> bool {
        let is_behind = self.outbox.is_behind();
        if is_behind {
            self.engine.counters.volatile_dropped.add(packets);
        }
        is_behind
    }

    /// Whoever is being heard now gives a sign of life: what it says next, a pong perhaps, is not
    /// read before that is done.
    fn heard_ms(&self) -> u64 {
        match self.lock().upper {
            Slot::Out(_) => clock::up_ms(),
            Slot::Here(_) | Slot::Gone => self.heard_ms.load(Ordering::Relaxed),
        }
    }

    fn ping(&self) {
        self.send(&[frame::text("2")]);
    }

    fn give_up(&self) {
        self.close(Close::PingTimeout);
    }

    fn overrun(&self) {
        self.close(Close::Slow);
    }
}

/// Whether an entry of the wheel is still the connection's own.
pub(super) fn is_armed_for(connection: &Connection, due_ms: u64) -> bool {
    connection.armed_ms.load(Ordering::Relaxed) == due_ms
}
