//! A hashed timer wheel: when each connection's next heartbeat is due.
//!
//! A timer of the runtime costs a hundred bytes and more; an entry here costs sixteen. One task
//! turns the wheel; an entry that lies further ahead than one turn is put back until its time.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::connection::{self, Connection};
use crate::limits;

const SLOTS: u64 = 4_096;

/// See the module's head.
pub(super) struct Wheel {
    inner: Mutex<Inner>,
}

struct Inner {
    slots: Vec<Vec<Entry>>,
    /// The first tick that was not turned yet.
    next_tick: u64,
}

struct Entry {
    due_ms: u64,
    connection: Weak<Connection>,
}

impl Wheel {
    pub(super) fn new(now_ms: u64) -> Wheel {
        let slots = (0..SLOTS).map(|_| Vec::new()).collect();
        let inner = Inner { slots, next_tick: now_ms / limits::WHEEL_TICK_MS };
        Wheel { inner: Mutex::new(inner) }
    }

    /// Calls the connection once `due_ms` has passed.
    pub(super) fn add(&self, due_ms: u64, connection: Weak<Connection>) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        inner.add(Entry { due_ms, connection });
    }

    /// Turns the wheel up to now. Returns whoever is due.
    pub(super) fn turn(&self, now_ms: u64) -> Vec<Arc<Connection>> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let mut due = Vec::new();
        let upto = now_ms / limits::WHEEL_TICK_MS;
        for tick in inner.next_tick..upto.min(inner.next_tick + SLOTS) {
            inner.next_tick = tick + 1;
            let entries = std::mem::take(&mut inner.slots[slot(tick)]);
            for entry in entries {
                if entry.due_ms > now_ms {
                    inner.add(entry);
                } else if let Some(connection) = entry.connection.upgrade()
                    && connection::is_armed_for(&connection, entry.due_ms)
                {
                    due.push(connection);
                }
            }
        }
        inner.next_tick = upto.max(inner.next_tick);
        due
    }
}

impl Inner {
    fn add(&mut self, entry: Entry) {
        let tick = (entry.due_ms / limits::WHEEL_TICK_MS).max(self.next_tick);
        self.slots[slot(tick)].push(entry);
    }
}

fn slot(tick: u64) -> usize {
    usize::try_from(tick % SLOTS).expect("a wheel has fewer slots than memory has bytes")
}
