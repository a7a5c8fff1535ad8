//! The readers: each has a connection of its own and takes the next question from one queue.
//! A question is put after the writes it must see were answered, and those are committed.

use rusqlite::Connection;

use super::facts::Facts;
use super::rows::Realms;
use crate::hub::ports::{Fault, Read, Reply};

/// One reader.
pub(super) struct Reader {
    connection: Connection,
    realms: Realms,
}

impl Reader {
    /// Reads through a connection.
    pub(super) fn new(connection: Connection, realms: Realms) -> Reader {
        Reader { connection, realms }
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
            Read::Messages(stretch, reply) => self.look(reply, |facts| facts.stretch(&stretch)),
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
