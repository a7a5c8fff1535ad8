//! Where each room's history ends, remembered between batches.

use rusqlite::{Connection, OptionalExtension};

use super::statements::ByRows;
use crate::hub::id::{IdMap, Realm, RoomId};
use crate::hub::ports::Fault;
use crate::store::columns::{number, read_number};
use crate::store::fault::no_such_room;
use crate::store::limits::ROOMS_REMEMBERED_MAX;
use crate::store::rows::Realms;
use crate::store::sql;

/// The end of a room's history.
#[derive(Debug)]
pub(super) struct Tail {
    /// Whose realm the room's authors are of, if it is a known one.
    pub(super) people: Option<Realm>,
    /// The last place given out.
    pub(super) last_seq: u64,
    /// How many messages there are.
    pub(super) messages: u64,
    /// When the room last changed.
    pub(super) updated_ms: u64,
    /// Whether the file does not say so yet.
    changed: bool,
}

/// The tails that are known.
#[derive(Debug, Default)]
pub(super) struct Tails {
    known: IdMap<RoomId, Tail>,
    changed: Vec<RoomId>,
}

impl Tails {
    /// The tail of a room, read from the file on first use.
    pub(super) fn of(
        &mut self,
        connection: &Connection,
        realms: &Realms,
        room: RoomId,
    ) -> Result<&mut Tail, Fault> {
        use std::collections::hash_map::Entry;
        match self.known.entry(room) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(unknown) => {
                let tail = read(connection, realms, room)?.ok_or_else(no_such_room)?;
                Ok(unknown.insert(tail))
            }
        }
    }

    /// Notes that a room's tail was changed; [`Tails::store`] writes it.
    pub(super) fn touch(&mut self, room: RoomId) {
        if let Some(tail) = self.known.get_mut(&room)
            && !tail.changed
        {
            tail.changed = true;
            self.changed.push(room);
        }
    }

    /// Writes what has changed, once per room.
    pub(super) fn store(&mut self, update: &mut ByRows<'_>) -> Result<(), Fault> {
        let Tails { known, changed } = self;
        let rows = changed.drain(..).filter_map(|room| {
            let tail = known.get_mut(&room)?;
            tail.changed = false;
            let Tail { last_seq, messages, updated_ms, .. } = *tail;
            Some([room.0, last_seq, messages, updated_ms].map(number))
        });
        let rows: Vec<_> = rows.collect();
        update.execute(&rows)?;
        Ok(())
    }

    /// How many rooms are remembered.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.known.len()
    }

    /// Forgets a room that is gone.
    pub(super) fn remove(&mut self, room: RoomId) {
        self.known.remove(&room);
    }

    /// Forgets everything: the file knows better.
    pub(super) fn forget(&mut self) {
        self.known.clear();
        self.changed.clear();
    }

    /// Keeps the memory bounded. Only between batches, when the file knows all of it.
    pub(super) fn trim(&mut self) {
        if self.known.len() > ROOMS_REMEMBERED_MAX {
            self.known.clear();
        }
    }
}

fn read(connection: &Connection, realms: &Realms, room: RoomId) -> Result<Option<Tail>, Fault> {
    let tail = connection
        .prepare_cached(sql::TAIL_BY_ROOM)?
        .query_row([number(room.0)], |row| {
            Ok(Tail {
                people: realms.read(row, 0)?,
                last_seq: read_number(row, 1)?,
                messages: read_number(row, 2)?,
                updated_ms: read_number(row, 3)?,
                changed: false,
            })
        })
        .optional()?;
    Ok(tail)
}
