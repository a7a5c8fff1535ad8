//! What the writer does to messages.

use rusqlite::{OptionalExtension, params};

use super::Writer;
use crate::hub::event::{Kind, Message};
use crate::hub::id::{MessageId, RoomId, UserId};
use crate::hub::ports::{Append, Fault, Stored};
use crate::hub::text::Text;
use crate::store::columns::{Wtf8, number, read_number, span};
use crate::store::limits::KEY_LIFE_MS;
use crate::store::sql;
use crate::store::unlisted::Unlisted;

impl Writer<'_> {
    /// Adds a message at the end of its room. A key counts per room and author; the server's
    /// own words have no author, so theirs are not kept.
    ///
    /// **Invariant:** an author is of the room's people: a claimed identity never stands where
    /// a verified one is expected.
    ///
    /// The key is noted before the message is stored: should the second statement fail alone,
    /// a key without a message counts for nothing.
    pub(super) fn append(&mut self, append: Append) -> Result<Stored, Fault> {
        let room = append.room;
        let tail = self.known.tails.of(self.connection, &self.known.realms, room)?;
        let author = match append.author {
            None => None,
            Some((realm, user)) if tail.people == Some(realm) => Some(user),
            Some((realm, user)) => {
                let words = format!("{realm} {user} is not of the people of room {room}");
                return Err(Fault::Store(words));
            }
        };
        let seq = tail.last_seq + 1;
        let key = author.zip(append.draft.key.as_deref());
        let id = self.known.ids.mint(self.known.now_ms).ok_or_else(out_of_time)?;
        if let Some((author, key)) = key
            && let Some(earlier) = self.note_sent(room, author, key, id)?
        {
            return Ok(Stored::Again(Box::new(earlier)));
        }
        self.insert(&append, author, id, seq)?;
        let tail = self.known.tails.of(self.connection, &self.known.realms, room)?;
        tail.last_seq = seq;
        tail.messages += 1;
        tail.updated_ms = tail.updated_ms.max(self.known.now_ms);
        self.known.tails.touch(room);
        self.stored.push((room, Unlisted { seq, id }));
        Ok(Stored::New { id, seq, created_ms: self.known.now_ms })
    }

    fn insert(
        &mut self,
        append: &Append,
        author: Option<UserId>,
        id: MessageId,
        seq: u64,
    ) -> Result<(), Fault> {
        let draft = &append.draft;
        let now_ms = self.known.now_ms;
        let is_usual = draft.parent.is_none() && draft.extra.is_none();
        let usual = is_usual.then_some(Usual { kind: draft.kind, now_ms });
        // Whatever fails, nothing is taken for bound.
        let bound = self.bound.take();
        let insert = self.statements.message_insert.ready()?;
        if usual.is_none() || bound != usual {
            insert.raw_bind_parameter(5, draft.kind.as_str())?;
            insert.raw_bind_parameter(7, draft.parent.map(|parent| number(parent.0)))?;
            insert.raw_bind_parameter(8, draft.extra.as_deref())?;
            insert.raw_bind_parameter(9, span(now_ms))?;
        }
        insert.raw_bind_parameter(1, number(id.0))?;
        insert.raw_bind_parameter(2, number(append.room.0))?;
        insert.raw_bind_parameter(3, number(seq))?;
        insert.raw_bind_parameter(4, author.map(|author| number(author.0)))?;
        insert.raw_bind_parameter(6, Wtf8(draft.text.to_wtf8()))?;
        insert.raw_execute()?;
        self.bound = usual;
        Ok(())
    }

    /// Notes under which key a message is sent, unless there is one that was: then it answers with
    /// that one. Most keys are new, so nobody looks for them first.
    fn note_sent(
        &mut self,
        room: RoomId,
        author: UserId,
        key: &str,
        id: MessageId,
    ) -> Result<Option<Message>, Fault> {
        let now = span(self.known.now_ms);
        let sent = params![number(id.0), number(room.0), number(author.0), key, now];
        if self.statements.sent_add.ready()?.execute(sent)? > 0 {
            return Ok(None);
        }
        let earlier = self.sent_earlier(room, author, key)?;
        if earlier.is_none() {
            self.connection.prepare_cached(sql::SENT_PUT)?.execute(sent)?;
        }
        Ok(earlier)
    }

    /// The message that an author sent to the room under this key, unless it was deleted or
    /// the key has outlived its time: then the send counts as a new one. A key is looked up among
    /// its author's own, who knows them: there is nothing to be learnt from how long that takes.
    fn sent_earlier(
        &self,
        room: RoomId,
        author: UserId,
        key: &str,
    ) -> Result<Option<Message>, Fault> {
        let oldest_ms = self.known.now_ms.saturating_sub(KEY_LIFE_MS);
        let id = self
            .connection
            .prepare_cached(sql::SENT_BY_KEY)?
            .query_row((number(room.0), number(author.0), key, span(oldest_ms)), |row| {
                read_number(row, 0)
            })
            .optional()?;
        match id {
            Some(id) => self.facts().message(MessageId(id)),
            None => Ok(None),
        }
    }

    /// Gives a message new words.
    pub(super) fn edit(
        &mut self,
        room: RoomId,
        id: MessageId,
        text: &Text,
    ) -> Result<Option<Message>, Fault> {
        let edited = self.connection.prepare_cached(sql::MESSAGE_EDIT)?.execute(params![
            number(room.0),
            number(id.0),
            Wtf8(text.to_wtf8()),
            span(self.known.now_ms)
        ])?;
        if edited == 0 {
            return Ok(None);
        }
        self.facts().message(id)
    }

    /// Takes a message away. Its place in the room is not given out again.
    pub(super) fn delete(&mut self, room: RoomId, id: MessageId) -> Result<Option<Message>, Fault> {
        let Some(message) = self.facts().message(id)?.filter(|found| found.room == room) else {
            return Ok(None);
        };
        self.known.tails.of(self.connection, &self.known.realms, room)?;
        self.unlist(room, Unlisted { seq: message.seq, id })?;
        self.connection.prepare_cached(sql::MESSAGE_DROP)?.execute([number(id.0)])?;
        let tail = self.known.tails.of(self.connection, &self.known.realms, room)?;
        tail.messages = tail.messages.saturating_sub(1);
        self.known.tails.touch(room);
        Ok(Some(message))
    }
}

/// What most messages of a batch have in common, besides no parent and nothing extra: it stays
/// bound to their statement.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Usual {
    kind: Kind,
    now_ms: u64,
}

fn out_of_time() -> Fault {
    Fault::Store("the clock is beyond what message ids can tell; set it right".into())
}
