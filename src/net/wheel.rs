//! A hashed timer wheel: when each connection's next heartbeat is due.
//!
//! A timer of the runtime costs a hundred bytes and more; an entry here costs sixteen. One task
//! turns the wheel; an entry that lies further ahead than one turn is put back until its time.

use std::sync::{Mutex, PoisonError, Weak};

use super::connection::{self, Connection};
use crate::limits;

const SLOTS: u64 = 2_048;

/// See the module's head.
pub(super) struct Wheel {
    slots: Vec<Mutex<Vec<Entry>>>,
}

struct Entry {
    due_ms: u64,
    connection: Weak<Connection>,
}

impl Wheel {
    pub(super) fn new() -> Wheel {
        Wheel { slots: (0..SLOTS).map(|_| Mutex::default()).collect() }
    }

    /// Calls the connection once `due_ms` has passed.
    pub(super) fn add(&self, due_ms: u64, connection: Weak<Connection>) {
        let slot = self.slot(due_ms / limits::WHEEL_TICK_MS + 1);
        slot.lock().unwrap_or_else(PoisonError::into_inner).push(Entry { due_ms, connection });
    }

    /// Turns the wheel from tick `from` to tick `to` and calls whoever is due.
    pub(super) fn turn(&self, from: u64, to: u64, mut call: impl FnMut(&std::sync::Arc<Connection>)) {
        for tick in from..to.min(from + SLOTS) {
            let entries = {
                let mut slot = self.slot(tick).lock().unwrap_or_else(PoisonError::into_inner);
                std::mem::take(&mut *slot)
            };
            let now_ms = tick * limits::WHEEL_TICK_MS;
            for entry in entries {
                if entry.due_ms > now_ms {
                    self.add(entry.due_ms, entry.connection);
                } else if let Some(connection) = entry.connection.upgrade()
                    && connection::is_armed_for(&connection, entry.due_ms)
                {
                    call(&connection);
                }
            }
        }
    }

    fn slot(&self, tick: u64) -> &Mutex<Vec<Entry>> {
        let place = usize::try_from(tick % SLOTS).unwrap_or(0);
        &self.slots[place]
    }
}
