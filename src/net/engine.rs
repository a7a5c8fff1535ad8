//! An Engine.IO endpoint: its settings, its open connections, and what each one speaks.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use polylogue_protocol::conn::{Timing, Transport};
use polylogue_protocol::eio::Handshake;
use polylogue_protocol::frame::Frames;
use polylogue_protocol::sid::Sid;
use tokio::time::MissedTickBehavior;

use super::backlog::Backlog;
use super::close::Close;
use super::connection::Connection;
use super::cors::Cors;
use super::counters::Counters;
use super::opening::Opening;
use super::outbox::Outbox;
use super::recovery::Recovery;
use super::sessions::Sessions;
use super::upper::{Bare, Upper};
use super::wheel::Wheel;
use crate::dialects::mount::Mounts;
use crate::hub::{Hub, clock};
use crate::limits;
use crate::rate::Rate;

/// How an endpoint behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Heartbeat and upgrade.
    pub timing: Timing,
    /// The largest message, in bytes.
    pub max_payload_bytes: usize,
    /// By when a namespace must be joined, in milliseconds after the handshake.
    pub connect_timeout_ms: u64,
    /// How many events a connection may send; `None`: any number.
    pub events: Option<Rate>,
    /// How long a session whose transport was lost is kept for its client; 0: not at all.
    pub recovery_window_ms: u64,
    /// Who may come from other origins.
    pub cors: Cors,
}

/// What is spoken on an endpoint's connections.
pub enum Speech {
    /// Socket.IO: namespaces and what is mounted in them.
    SocketIo(Arc<Mounts>, Hub),
    /// Nothing above Engine.IO.
    Bare(Bare),
}

/// See the module's head.
pub struct Engine {
    pub(super) settings: Settings,
    speech: Speech,
    registry: Registry,
    wheel: Wheel,
    is_stopping: AtomicBool,
    pub(super) counters: Counters,
    /// `None`: nobody comes back.
    pub(super) recovery: Option<Recovery>,
    /// What waits for its connections.
    pub(super) backlog: Arc<Backlog>,
}

/// The open connections, by session id, in parts that are locked one by one.
///
/// A lookup need not take constant time: it compares hashes under keys that nobody knows, so how
/// long it takes tells nothing of the ids that are there.
struct Registry {
    parts: [Mutex<Part>; REGISTRY_PARTS],
}

type Part = HashSet<BySid>;

const REGISTRY_PARTS: usize = 16;

/// A connection that is found by its id, which stands in the connection alone: a table has free
/// places, and each would have the space for one.
struct BySid(Arc<Connection>);

impl Borrow<Sid> for BySid {
    fn borrow(&self) -> &Sid {
        &self.0.sid
    }
}

impl Hash for BySid {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.0.sid.hash(hasher);
    }
}

impl PartialEq for BySid {
    fn eq(&self, other: &BySid) -> bool {
        self.0.sid == other.0.sid
    }
}

impl Eq for BySid {}

impl Engine {
    /// An endpoint; it lives on the runtime it is made in.
    #[must_use]
    pub fn new(settings: Settings, speech: Speech) -> Arc<Engine> {
        let window_ms = settings.recovery_window_ms;
        let engine = Arc::new(Engine {
            recovery: (window_ms > 0).then(|| Recovery::new(window_ms)),
            settings,
            speech,
            registry: Registry { parts: Default::default() },
            wheel: Wheel::new(clock::up_ms()),
            is_stopping: AtomicBool::new(false),
            counters: Counters::default(),
            backlog: Arc::new(Backlog::new(limits::BACKLOG_BYTES_MAX, clock::up_ms)),
        });
        tokio::spawn(turn_wheel(Arc::downgrade(&engine)));
        engine
    }

    /// Opens a connection of a new session id, which is known from here on.
    pub(super) fn open(
        self: &Arc<Self>,
        sid: Sid,
        opened_by: (IpAddr, Opening),
        transport: Transport,
        outbox: Outbox,
    ) -> Arc<Connection> {
        let connection = Connection::new(sid, self, opened_by, transport, outbox);
        self.registry.part(connection.sid).insert(BySid(Arc::clone(&connection)));
        self.counters.opened.add_one();
        self.arm(&connection);
        if self.is_stopping.load(Ordering::Relaxed) {
            connection.close(Close::Shutdown);
        }
        connection
    }

    /// The frame with the handshake.
    pub(super) fn handshake(&self, sid: &Sid, upgrades: &[&str]) -> bytes::Bytes {
        let timing = &self.settings.timing;
        let handshake = Handshake {
            sid: sid.as_str(),
            upgrades,
            ping_interval_ms: timing.ping_interval_ms,
            ping_timeout_ms: timing.ping_timeout_ms,
            max_payload_bytes: self.settings.max_payload_bytes as u64,
        };
        let mut frames = Frames::new();
        frames.text(|out| handshake.encode(out));
        frames.seal()
    }

    pub(super) fn upper(&self, connection: &Arc<Connection>) -> Upper {
        match &self.speech {
            Speech::SocketIo(..) => Upper::SocketIo(Box::new(Sessions::new(connection))),
            Speech::Bare(hear) => Upper::Bare(Box::new((Arc::clone(connection), Arc::clone(hear)))),
        }
    }

    /// What is mounted, and the way into the rooms, where Socket.IO is spoken.
    pub(super) fn socket_io(&self) -> Option<(&Mounts, &Hub)> {
        match &self.speech {
            Speech::SocketIo(mounts, hub) => Some((mounts, hub)),
            Speech::Bare(_) => None,
        }
    }

    /// By when a connection that opens now must have joined a namespace.
    pub(super) fn connect_due_ms(&self, now_ms: u64) -> u64 {
        match &self.speech {
            Speech::SocketIo(..) => now_ms.saturating_add(self.settings.connect_timeout_ms),
            Speech::Bare(_) => u64::MAX,
        }
    }

    pub(super) fn find(&self, sid: &str) -> Option<Arc<Connection>> {
        let sid = Sid::parse(sid)?;
        self.registry.part(sid).get(&sid).map(|found| Arc::clone(&found.0))
    }

    pub(super) fn forget(&self, sid: Sid, reason: Close) {
        tracing::debug!(reason = reason.as_str(), "a connection closed");
        self.counters.closed(reason);
        self.registry.part(sid).remove(&sid);
    }

    /// Has the wheel call the connection when it is next due, and so soon in any case that
    /// a receiver that is stuck from now on is found when it has been for long enough.
    pub(super) fn arm(&self, connection: &Arc<Connection>) {
        let look_ms = clock::up_ms().saturating_add(limits::STUCK_MS);
        let due_ms = connection.next_due_ms().min(look_ms);
        if connection.armed_ms.swap(due_ms, Ordering::Relaxed) != due_ms {
            self.wheel.add(due_ms, Arc::downgrade(connection));
        }
    }

    /// How many connections are open.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.registry.parts.iter().map(|part| lock(part).len()).sum()
    }

    /// How many rooms are in memory behind it.
    pub(super) fn rooms(&self) -> usize {
        match &self.speech {
            Speech::SocketIo(_, hub) => hub.rooms(),
            Speech::Bare(_) => 0,
        }
    }

    /// Closes every connection, and each that opens from now on.
    pub fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
        for part in &self.registry.parts {
            let connections: Vec<_> = lock(part).iter().map(|one| Arc::clone(&one.0)).collect();
            connections.iter().for_each(|connection| connection.close(Close::Shutdown));
        }
    }
}

impl Registry {
    /// Ids are random from their first character on.
    fn part(&self, sid: Sid) -> MutexGuard<'_, Part> {
        let first = sid.as_str().bytes().next().unwrap_or(0);
        lock(&self.parts[usize::from(first) % REGISTRY_PARTS])
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Turns the wheel until the engine is gone.
async fn turn_wheel(engine: std::sync::Weak<Engine>) {
    let mut tick = tokio::time::interval(Duration::from_millis(limits::WHEEL_TICK_MS));
    tick.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tick.tick().await;
        let Some(engine) = engine.upgrade() else { return };
        let now_ms = clock::up_ms();
        for connection in engine.wheel.turn(now_ms) {
            connection.due(now_ms);
            engine.arm(&connection);
        }
        if let Some(recovery) = &engine.recovery {
            recovery.prune(now_ms);
        }
    }
}
