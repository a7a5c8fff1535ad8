//! Messages that are stored and not listed in their rooms' histories yet.
//!
//! A message is a row at the end of one table, wherever it is said: many of them share a page.
//! To list it at once in its room's history would cost a page of that room for each message.
//! So the writer lists them later, many of a room at a time, and until then they are known here,
//! to the writer and to the readers. The file says from which id on a message may be unlisted
//! (`listed.below`), so that all of this is found again after a crash. What another process says is
//! seen in the histories from this one's next batch on.
//!
//! **Invariant:** a room's unlisted messages are its newest: what is listed has lower places.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use rusqlite::Connection;

use super::columns::read_number;
use super::limits::{LISTED_PER_BATCH_MIN, UNLISTED_MAX, UNLISTED_REACH_MAX};
use super::sql;
use crate::hub::id::{IdMap, MessageId, RoomId};
use crate::hub::ports::Fault;

/// A message that no history lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unlisted {
    /// Its place in its room.
    pub(super) seq: u64,
    pub(super) id: MessageId,
}

/// What the writer and the readers share.
///
/// The writer enters a message before its COMMIT, and takes it out after the COMMIT that listed
/// it. So whoever opens a snapshot while it holds this finds each message of the snapshot listed
/// or here, and some here that the snapshot does not have.
#[derive(Clone, Default)]
pub(super) struct Shared(Arc<RwLock<UnlistedMessages>>);

impl Shared {
    /// Nothing changes while the answer is held: let it go soon.
    pub(super) fn hold(&self) -> RwLockReadGuard<'_, UnlistedMessages> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins anew with what the file does not list.
    pub(super) fn read(&self, connection: &Connection) -> Result<(), Fault> {
        let found = UnlistedMessages::read(connection)?;
        self.change(|unlisted| *unlisted = found);
        Ok(())
    }

    /// Changes what is shared.
    pub(super) fn change<A>(&self, change: impl FnOnce(&mut UnlistedMessages) -> A) -> A {
        change(&mut self.0.write().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The messages, and which room has waited longest.
#[derive(Default)]
pub(super) struct UnlistedMessages {
    rooms: IdMap<RoomId, Waiting>,
    /// Rooms by how long they have waited, each with its [`Waiting::since`].
    queue: VecDeque<(RoomId, u64)>,
    count: usize,
    /// How many messages have come, ever.
    said: u64,
    /// Messages that the batch at work takes away, and that may be here.
    going: Vec<MessageId>,
}

/// The messages of a room, oldest first. There is one.
struct Waiting {
    /// How many messages had come when the room began to wait. It stays until all are listed.
    since: u64,
    messages: VecDeque<Unlisted>,
}

impl UnlistedMessages {
    /// What the file does not list.
    fn read(connection: &Connection) -> Result<UnlistedMessages, Fault> {
        let mut unlisted = UnlistedMessages::default();
        let mut statement = connection.prepare_cached(sql::MESSAGES_UNLISTED)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let message =
                Unlisted { seq: read_number(row, 1)?, id: MessageId(read_number(row, 2)?) };
            unlisted.push(RoomId(read_number(row, 0)?), message);
        }
        Ok(unlisted)
    }

    /// Adds a room's newest message.
    pub(super) fn push(&mut self, room: RoomId, message: Unlisted) {
        let waiting = self.rooms.entry(room).or_insert_with(|| {
            self.queue.push_back((room, self.said));
            Waiting { since: self.said, messages: VecDeque::new() }
        });
        waiting.messages.push_back(message);
        self.count += 1;
        self.said += 1;
    }

    /// A room's, oldest first.
    pub(super) fn of(&self, room: RoomId) -> impl Iterator<Item = Unlisted> {
        self.rooms.get(&room).into_iter().flat_map(|waiting| waiting.messages.iter().copied())
    }

    /// Notes a message that is being taken away: a snapshot may have it or not.
    pub(super) fn doubt(&mut self, id: MessageId) {
        self.going.push(id);
    }

    /// Whether a message may be gone from a snapshot.
    pub(super) fn is_doubtful(&self, id: MessageId) -> bool {
        self.going.contains(&id)
    }

    /// Ends the batch that `listed` rooms up to these places, and took away what was doubtful.
    pub(super) fn settle(&mut self, listed: impl Iterator<Item = (RoomId, u64)>) {
        for (room, upto_seq) in listed {
            self.remove(room, upto_seq);
        }
        self.going.clear();
    }

    /// What is to be listed with a batch of `said` messages: those of the rooms that have waited
    /// longest, as long as there are too many or they have waited too long. So that no batch
    /// takes long, it is not many more than the batch has itself; taking a message away is apart.
    pub(super) fn due(&self, said: usize) -> Vec<(RoomId, Unlisted)> {
        let most = said.saturating_mul(2).max(LISTED_PER_BATCH_MIN);
        let mut due = Vec::new();
        for (room, since) in self.queue.iter().filter(|entry| self.is_waiting(entry)) {
            let too_many = self.count - due.len() > UNLISTED_MAX;
            let too_long = self.said - since > UNLISTED_REACH_MAX;
            if due.len() >= most || !(too_many || too_long) {
                break;
            }
            due.extend(self.of(*room).map(|message| (*room, message)).take(most - due.len()));
        }
        due
    }

    /// The lowest id that is not listed when each room of `listed` is up to its place there.
    pub(super) fn lowest_beyond(&self, listed: &IdMap<RoomId, u64>) -> Option<MessageId> {
        let first_left = |(room, waiting): (&RoomId, &Waiting)| {
            let upto_seq = listed.get(room).copied().unwrap_or(0);
            waiting.messages.iter().find(|message| message.seq > upto_seq).map(|found| found.id)
        };
        self.rooms.iter().filter_map(first_left).min()
    }

    /// Takes a room's out up to a place: they are listed, or gone.
    pub(super) fn remove(&mut self, room: RoomId, upto_seq: u64) {
        let Some(waiting) = self.rooms.get_mut(&room) else {
            return;
        };
        let gone = waiting.messages.iter().take_while(|message| message.seq <= upto_seq).count();
        waiting.messages.drain(..gone);
        self.count -= gone;
        if waiting.messages.is_empty() {
            self.rooms.remove(&room);
        }
        while let Some(first) = self.queue.front()
            && !self.is_waiting(first)
        {
            self.queue.pop_front();
        }
    }

    /// Whether a room still waits since then: it may have been listed meanwhile, and wait anew.
    fn is_waiting(&self, (room, since): &(RoomId, u64)) -> bool {
        self.rooms.get(room).is_some_and(|waiting| waiting.since == *since)
    }
}
