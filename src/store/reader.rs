//! The readers: each has a connection of its own and takes the next question from one queue.
//! A question is put after the writes it must see were answered, and those are committed.

use rusqlite::Connection;

use super::facts::{Facts, RoomEnd};
use super::rows::Realms;
use super::unlisted::Shared;
use crate::hub::id::RoomId;
use crate::hub::ports::{Fault, Read, Reply};

/// One reader.
pub(super) struct Reader {
    connection: Connection,
    realms: Realms,
    unlisted: Shared,
}

impl Reader {
    /// Reads through a connection; `unlisted` is the writer's.
    pub(super) fn new(connection: Connection, realms: Realms, unlisted: Shared) -> Reader {
        Reader { connection, realms, unlisted }
    }

    /// Answers one question.
    pub(super) fn answer(&self, read: Read) {
        match read {
            Read::Room(key, reply) => self.look(reply, |facts| facts.room(&key)),
            Read::Rooms(realm, skip, limit, reply) => {
                self.look(reply, |facts| facts.rooms(realm, skip, limit));
            }
            Read::RoomsOf(realm, user, reply) => {
                self.look(reply, |facts| facts.rooms_of(realm, user));
            }
            Read::Messages(stretch, reply) => self.look(reply, |facts| {
                let end = self.end_of(stretch.room, facts)?;
                facts.stretch(&stretch, &end)
            }),
            Read::AllMessages(realm, skip, limit, reply) => {
                self.look(reply, |facts| facts.realm_messages(realm, skip, limit));
            }
            Read::Message(id, reply) => self.look(reply, |facts| facts.message_and_realm(id)),
            Read::Account(realm, key, reply) => {
                self.look(reply, |facts| facts.account(realm, &key));
            }
            Read::Accounts(realm, skip, limit, reply) => {
                self.look(reply, |facts| facts.accounts(realm, skip, limit));
            }
        }
    }

    /// Reads all of an answer from one snapshot.
    fn look<A>(&self, reply: Reply<A>, read: impl FnOnce(&mut Facts<'_>) -> Result<A, Fault>) {
        let answer = self.snapshot().and_then(|()| {
            let answer = read(&mut Facts::new(&self.connection, &self.realms));
            self.execute("COMMIT")?;
            answer
        });
        if let Err(fault) = &answer {
            tracing::error!(%fault, "a read failed");
        }
        reply(answer);
    }

    /// How a room ends in the snapshot, which must not have been looked into yet: it is opened by
    /// this first look, while nothing goes from the unlisted messages to the histories.
    fn end_of(&self, room: RoomId, facts: &Facts<'_>) -> Result<RoomEnd, Fault> {
        // The writer waits meanwhile.
        let known = self.unlisted.hold();
        let (last_seq, messages) = facts.last_seq_and_messages(room)?;
        let mut unlisted = Vec::new();
        // Those beyond are not committed, or were not when the snapshot was opened.
        for message in known.of(room).take_while(|message| message.seq <= last_seq) {
            if !known.is_doubtful(message.id) || facts.has_message(message.id)? {
                unlisted.push(message);
            }
        }
        Ok(RoomEnd { unlisted, messages })
    }

    fn snapshot(&self) -> Result<(), Fault> {
        if !self.connection.is_autocommit() {
            // The last answer's COMMIT failed: its snapshot must not be mistaken for now.
            self.execute("ROLLBACK")?;
        }
        self.execute("BEGIN")
    }

    fn execute(&self, sql: &str) -> Result<(), Fault> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }
}
