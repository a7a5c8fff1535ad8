//! The one writer: whatever waits goes into one transaction, and nobody hears of a change
//! before it is durable. While one COMMIT runs, the next batch gathers; there is no timer.

mod accounts;
mod answers;
mod history;
mod messages;
mod rooms;
mod statements;
mod tails;

use rusqlite::Connection;

pub(super) use self::answers::Answers;
use self::history::Listed;
use self::messages::Usual;
use self::statements::Statements;
use self::tails::Tails;
use super::columns::span;
use super::facts::Facts;
use super::ids::Ids;
use super::limits::{KEY_LIFE_MS, SWEEP_EVERY_MS, SWEEP_ROWS_MAX};
use super::rows::Realms;
use super::sql;
use super::unlisted::{Shared, Unlisted};
use crate::hub::id::{MessageId, RoomId};
use crate::hub::ports::{Fault, Reply, Write};

/// What the writer knows from one batch to the next.
///
/// **Invariant:** between batches `tails` holds nothing that is not in the file.
pub(super) struct Known {
    realms: Realms,
    ids: Ids,
    tails: Tails,
    unlisted: Shared,
    /// How many were listed since the file was told up to which id.
    unmarked: usize,
    /// The time of the batch; it never goes back.
    now_ms: u64,
    swept_ms: u64,
    /// What `PRAGMA data_version` said: it changes when another process wrote.
    seen_version: Option<i64>,
}

impl Known {
    /// Of the file that `connection` is to; `node` is this node's number in message ids. `unlisted`
    /// is filled from the file.
    pub(super) fn read(
        connection: &Connection,
        realms: Realms,
        node: u8,
        unlisted: Shared,
    ) -> Result<Known, Fault> {
        unlisted.read(connection)?;
        Ok(Known {
            realms,
            ids: Ids::new(node),
            tails: Tails::default(),
            unlisted,
            unmarked: 0,
            now_ms: 0,
            swept_ms: 0,
            seen_version: None,
        })
    }

    /// How many rooms' tails are remembered.
    #[cfg(test)]
    pub(super) fn rooms_remembered(&self) -> usize {
        self.tails.len()
    }
}

/// The writer at work on a connection, whose statements it keeps.
pub(super) struct Writer<'w> {
    connection: &'w Connection,
    statements: Statements<'w>,
    /// What is bound to the statement that stores messages.
    bound: Option<Usual>,
    known: &'w mut Known,
    listed: Listed,
    /// Messages that the write at work has stored and the readers do not know of yet.
    stored: Vec<(RoomId, Unlisted)>,
    /// How many messages the batch at work has stored.
    said: usize,
    /// Why the batch at work cannot be committed.
    broken: Option<Fault>,
}

impl<'w> Writer<'w> {
    /// Writes through a connection, and goes on from what is known of its file.
    pub(super) fn new(connection: &'w Connection, known: &'w mut Known) -> Writer<'w> {
        Writer {
            connection,
            statements: Statements::new(connection),
            bound: None,
            known,
            listed: Listed::default(),
            stored: Vec::new(),
            said: 0,
            broken: None,
        }
    }

    /// Does a batch of writes in one transaction, at `now_ms` since 1970. The answers are to
    /// be sent at once: what they say is on disk.
    pub(super) fn commit(&mut self, batch: impl Iterator<Item = Write>, now_ms: u64) -> Answers {
        self.known.now_ms = self.known.now_ms.max(now_ms);
        self.said = 0;
        self.broken = self.begin().err();
        let mut answers = Answers::default();
        for write in batch {
            self.run(write, &mut answers);
        }
        if self.broken.is_none() {
            self.broken = self.finish().err();
        }
        if let Some(fault) = self.broken.take() {
            tracing::error!(%fault, writes = answers.len(), "a batch of writes is lost");
            self.abandon();
            answers.fail(&fault);
        }
        answers
    }

    fn begin(&mut self) -> Result<(), Fault> {
        self.statements.begin.ready()?.execute([])?;
        let version = self.statements.version.ready()?.query_row([], |row| row.get(0))?;
        if self.known.seen_version != Some(version) {
            self.look_again()?;
            self.known.seen_version = Some(version);
        }
        Ok(())
    }

    /// Somebody else has written, or nothing is known yet.
    fn look_again(&mut self) -> Result<(), Fault> {
        self.known.tails.forget();
        let highest: i64 = self
            .connection
            .prepare_cached(sql::MESSAGE_HIGHEST_ID)?
            .query_row([], |row| row.get(0))?;
        if let Ok(highest) = u64::try_from(highest) {
            self.known.ids.stay_above(MessageId(highest));
        }
        self.known.unlisted.read(self.connection)
    }

    fn run(&mut self, write: Write, answers: &mut Answers) {
        match write {
            Write::Appends(appends) => {
                for append in appends {
                    let (shard, room) = (append.shard, append.room);
                    let outcome = self.attempt(|writer| writer.append(append));
                    answers.receipt(shard, room, outcome);
                }
                self.leave_unlisted();
            }
            Write::Edit(room, id, text, reply) => {
                self.one(reply, answers, |writer| writer.edit(room, id, &text));
            }
            Write::Delete(room, id, reply) => {
                self.many(reply, answers, |writer| writer.delete(room, id));
            }
            Write::OpenRoom(room, reply) => {
                self.many(reply, answers, |writer| writer.open_room(&room));
            }
            Write::ChangeRoom(room, change, reply) => {
                self.many(reply, answers, |writer| writer.change_room(room, &change));
            }
            Write::DropRoom(room, reply) => {
                self.many(reply, answers, |writer| writer.drop_room(room));
            }
            Write::SetMember(room, user, role, reply) => {
                self.one(reply, answers, |writer| writer.set_member(room, user, role));
            }
            Write::DropMember(room, user, reply) => {
                self.one(reply, answers, |writer| writer.drop_member(room, user));
            }
            Write::HandOver(room, user, heir, reply) => {
                self.many(reply, answers, |writer| writer.hand_over(room, user, heir));
            }
            Write::AddAccount(account, reply) => {
                self.many(reply, answers, |writer| writer.add_account(&account));
            }
            Write::EnsureAccount(account, reply) => {
                self.one(reply, answers, |writer| writer.ensure_account(&account));
            }
            Write::ChangeAccount(realm, user, change, reply) => {
                self.one(reply, answers, |writer| writer.change_account(realm, user, &change));
            }
            Write::DropAccount(realm, user, reply) => {
                self.many(reply, answers, |writer| writer.drop_account(realm, user));
            }
        }
    }

    /// A write of one statement that changes anything: SQLite undoes it when it fails.
    fn one<A: Send + 'static>(
        &mut self,
        reply: Reply<A>,
        answers: &mut Answers,
        work: impl FnOnce(&mut Self) -> Result<A, Fault>,
    ) {
        let result = self.attempt(work);
        answers.reply(reply, result);
    }

    /// A write of several statements: a savepoint undoes them all when one fails.
    fn many<A: Send + 'static>(
        &mut self,
        reply: Reply<A>,
        answers: &mut Answers,
        work: impl FnOnce(&mut Self) -> Result<A, Fault>,
    ) {
        self.one(reply, answers, |writer| writer.in_savepoint(work));
    }

    /// Does one item of the batch. Its failure is its own, unless SQLite has given up the
    /// whole transaction (a full disk, say): then nothing more is done.
    fn attempt<A>(&mut self, work: impl FnOnce(&mut Self) -> Result<A, Fault>) -> Result<A, Fault> {
        if let Some(fault) = &self.broken {
            return Err(fault.clone());
        }
        let result = work(self);
        if let Err(fault) = &result
            && self.broken.is_none()
            && self.connection.is_autocommit()
        {
            self.broken = Some(fault.clone());
        }
        result
    }

    fn in_savepoint<A>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<A, Fault>,
    ) -> Result<A, Fault> {
        // What a savepoint may undo must not be what earlier items did.
        self.settle_tails()?;
        let listed = self.listed.clone();
        self.execute("SAVEPOINT item")?;
        match work(self) {
            Ok(answer) => {
                self.execute("RELEASE item").inspect_err(|fault| {
                    self.broken = Some(fault.clone());
                })?;
                Ok(answer)
            }
            Err(fault) if self.connection.is_autocommit() => Err(fault),
            Err(fault) => {
                self.listed = listed;
                // All of them are settled, but those that are undone.
                self.known.tails.forget();
                self.execute("ROLLBACK TO item")?;
                self.execute("RELEASE item")?;
                Err(fault)
            }
        }
    }

    fn execute(&self, sql: &str) -> Result<(), Fault> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }

    fn finish(&mut self) -> Result<(), Fault> {
        self.sweep()?;
        self.list_due()?;
        self.settle_tails()?;
        self.statements.commit.ready()?.execute([])?;
        self.tell_listed();
        self.known.tails.trim();
        Ok(())
    }

    /// Writes the rooms' tails into their rows. When that fails the batch is lost: some are
    /// written, some are not.
    fn settle_tails(&mut self) -> Result<(), Fault> {
        let stored = self.known.tails.store(&mut self.statements.tail_update);
        if let Err(fault) = &stored {
            self.broken = Some(fault.clone());
        }
        stored
    }

    /// Now and then forgets the oldest keys, a bounded number at a time.
    fn sweep(&mut self) -> Result<(), Fault> {
        if self.known.now_ms < self.known.swept_ms.saturating_add(SWEEP_EVERY_MS) {
            return Ok(());
        }
        let oldest_ms = self.known.now_ms.saturating_sub(KEY_LIFE_MS);
        let swept = self
            .connection
            .prepare_cached(sql::SENT_SWEEP)?
            .execute([span(oldest_ms), span(SWEEP_ROWS_MAX)])?;
        // A full step means that more is waiting: the next batch goes on.
        if (swept as u64) < SWEEP_ROWS_MAX {
            self.known.swept_ms = self.known.now_ms;
        }
        Ok(())
    }

    /// Undoes the batch and forgets whatever it taught.
    fn abandon(&mut self) {
        self.known.tails.forget();
        self.listed.clear();
        self.known.seen_version = None;
        if !self.connection.is_autocommit()
            && let Err(error) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "a batch of writes could not be rolled back");
        }
    }

    fn facts(&self) -> Facts<'_> {
        Facts::new(self.connection, &self.known.realms)
    }
}

/// Ends a connection, which copies the write-ahead log into the database.
pub(super) fn close(connection: Connection) {
    if let Err((_, error)) = connection.close() {
        tracing::warn!(%error, "the database was not closed cleanly");
    }
}
