//! Listing messages in their rooms' histories, later than they are said: see `unlisted`.

use super::Writer;
use crate::hub::id::{IdMap, MessageId, RoomId};
use crate::hub::ports::Fault;
use crate::store::columns::number;
use crate::store::limits::LISTED_PER_MARK;
use crate::store::sql;
use crate::store::unlisted::Unlisted;

/// Up to which place each room is listed by the batch at work.
pub(super) type Listed = IdMap<RoomId, u64>;

impl Writer<'_> {
    /// Enters what a write has just stored, all of it in one change. Should the batch be lost, what
    /// is not listed is read anew.
    pub(super) fn leave_unlisted(&mut self) {
        if self.stored.is_empty() {
            return;
        }
        self.said += self.stored.len();
        let stored = self.stored.drain(..);
        self.known.unlisted.change(|unlisted| {
            stored.for_each(|(room, message)| unlisted.push(room, message));
        });
    }

    /// Lists what has waited long enough.
    pub(super) fn list_due(&mut self) -> Result<(), Fault> {
        let mut due = self.known.unlisted.hold().due(self.said);
        due.retain(|(room, message)| !self.is_listed(*room, message.seq));
        let Some(newest) = due.iter().map(|(_, message)| message.id).max() else {
            return Ok(());
        };
        self.known.unmarked += due.len();
        self.list(&due)?;
        if self.known.unmarked < LISTED_PER_MARK {
            return Ok(());
        }
        self.known.unmarked = 0;
        let left = self.known.unlisted.hold().lowest_beyond(&self.listed);
        let below = left.unwrap_or(MessageId(newest.0 + 1));
        self.connection.prepare_cached(sql::LISTED_BELOW)?.execute([number(below.0)])?;
        Ok(())
    }

    /// Lists a message that is about to be taken away, with those before it, and takes it out of
    /// the history.
    pub(super) fn unlist(&mut self, room: RoomId, message: Unlisted) -> Result<(), Fault> {
        self.list_upto(room, message.seq)?;
        if self.is_listed(room, message.seq) {
            // Until the batch is told, readers know it as unlisted.
            self.known.unlisted.change(|unlisted| unlisted.doubt(message.id));
        }
        let place = (number(room.0), number(message.seq));
        self.connection.prepare_cached(sql::HISTORY_DROP)?.execute(place)?;
        Ok(())
    }

    /// Lists a room's messages up to a place.
    pub(super) fn list_upto(&mut self, room: RoomId, seq: u64) -> Result<(), Fault> {
        let of_room: Vec<(RoomId, Unlisted)> = self
            .known
            .unlisted
            .hold()
            .of(room)
            .filter(|message| message.seq <= seq && !self.is_listed(room, message.seq))
            .map(|message| (room, message))
            .collect();
        self.list(&of_room)
    }

    /// Tells the readers what the batch has listed, now that it is committed.
    pub(super) fn tell_listed(&mut self) {
        if !self.listed.is_empty() {
            self.known.unlisted.change(|unlisted| unlisted.settle(self.listed.drain()));
        }
    }

    fn list(&mut self, messages: &[(RoomId, Unlisted)]) -> Result<(), Fault> {
        let row = |(room, message): &(RoomId, Unlisted)| {
            [number(room.0), number(message.seq), number(message.id.0)]
        };
        let rows: Vec<_> = messages.iter().map(row).collect();
        self.statements.history_insert.execute(&rows)?;
        let places = messages.iter().map(|(room, message)| (*room, message.seq));
        self.listed.extend(places);
        Ok(())
    }

    fn is_listed(&self, room: RoomId, seq: u64) -> bool {
        self.listed.get(&room).is_some_and(|upto_seq| seq <= *upto_seq)
    }
}
