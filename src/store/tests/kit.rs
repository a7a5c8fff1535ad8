//! What the tests share: a file in a directory of its own, a writer and a reader on it whose
//! time is an argument, and short spellings of facts.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};

use rusqlite::Connection;
use tempfile::TempDir;

use crate::hub::event::{Draft, Kind, Message, Role, RoomKind, RoomRow};
use crate::hub::id::{ACCOUNTS, MessageId, Realm, RoomId, UserId};
use crate::hub::ports::{
    Account, Append, Fault, NewAccount, NewRoom, Read, Receipt, Reply, Stored, Stretch, Write,
};
use crate::store::reader::Reader;
use crate::store::rows::Realms;
use crate::store::unlisted::Shared;
use crate::store::writer::{self, Answers, Known, Writer};
use crate::store::{Durability, connect};

/// Two realms of rooms, over the accounts and over people who are never stored.
pub(super) const LOUNGE: Realm = Realm("lounge");
pub(super) const PAIRS: Realm = Realm("pairs");
pub(super) const CLAIMED: Realm = Realm("claimed");
/// 2025-06-01, when every test begins.
pub(super) const START_MS: u64 = 1_748_736_000_000;

/// An answer that was given.
pub(super) type Asked<A> = Receiver<Result<A, Fault>>;

/// A reply, and where it arrives.
pub(super) fn ask<A: Send + 'static>() -> (Reply<A>, Asked<A>) {
    let (to, asked) = channel();
    let reply = Box::new(move |answer| to.send(answer).expect("the test waits for it"));
    (reply, asked)
}

/// What came back.
pub(super) fn told<A>(asked: &Asked<A>) -> Result<A, Fault> {
    asked.try_recv().expect("an answer")
}

/// The writer's connection, and what it knows: each batch is another writer's, who goes on from it.
pub(super) struct Desk {
    pub(super) connection: Connection,
    known: Known,
}

impl Desk {
    pub(super) fn commit(&mut self, batch: impl Iterator<Item = Write>, now_ms: u64) -> Answers {
        Writer::new(&self.connection, &mut self.known).commit(batch, now_ms)
    }

    /// Does several batches as one writer, who keeps its statements from one to the next:
    /// each a millisecond later.
    pub(super) fn at_once(&mut self, batches: Vec<Vec<Write>>, now_ms: u64) -> Vec<Answers> {
        let mut writer = Writer::new(&self.connection, &mut self.known);
        let commit = |(batch, now_ms)| writer.commit(Vec::into_iter(batch), now_ms);
        batches.into_iter().zip(now_ms..).map(commit).collect()
    }

    pub(super) fn rooms_remembered(&self) -> usize {
        self.known.rooms_remembered()
    }
}

/// A store without threads, on a real file.
pub(super) struct Bench {
    pub(super) writer: Desk,
    pub(super) now_ms: u64,
    unlisted: Shared,
    dir: Arc<TempDir>,
}

impl Bench {
    pub(super) fn new() -> Bench {
        Bench::on_file(tempfile::tempdir().expect("a directory"))
    }

    /// The same file, after the process has ended and begun anew.
    pub(super) fn restarted(self) -> Bench {
        let Bench { writer, now_ms, dir, .. } = self;
        writer::close(writer.connection);
        Bench::on(dir, now_ms)
    }

    /// A second process on the same file.
    pub(super) fn beside(&self) -> Bench {
        Bench::on(self.dir.clone(), self.now_ms)
    }

    /// On the `facts.db` of that directory.
    pub(super) fn on_file(dir: TempDir) -> Bench {
        Bench::on(Arc::new(dir), START_MS)
    }

    fn on(dir: Arc<TempDir>, now_ms: u64) -> Bench {
        let connection = connect::writer(&file(dir.path()), Durability::Normal).expect("a file");
        let unlisted = Shared::default();
        let known = Known::read(&connection, realms(), 0, unlisted.clone()).expect("a whole file");
        let writer = Desk { connection, known };
        Bench { writer, now_ms, unlisted, dir }
    }

    pub(super) fn path(&self) -> PathBuf {
        file(self.dir.path())
    }

    /// Does a batch, and sends its answers; the receipts as they came, one call a shard.
    pub(super) fn batch(&mut self, writes: Vec<Write>) -> Vec<(usize, Vec<Receipt>)> {
        let receipts = Arc::new(Mutex::new(Vec::new()));
        let heard = receipts.clone();
        let answers = self.writer.commit(writes.into_iter(), self.now_ms);
        answers.send(&move |shard, of_shard| {
            heard.lock().expect("whole").push((shard, of_shard));
        });
        let mut receipts = receipts.lock().expect("whole");
        std::mem::take(&mut *receipts)
    }

    /// Does one write that is replied to.
    pub(super) fn write<A: Send + 'static>(
        &mut self,
        write: impl FnOnce(Reply<A>) -> Write,
    ) -> Result<A, Fault> {
        let (reply, asked) = ask();
        self.batch(vec![write(reply)]);
        told(&asked)
    }

    /// Reads through a connection of its own.
    pub(super) fn read<A: Send + 'static>(
        &self,
        read: impl FnOnce(Reply<A>) -> Read,
    ) -> Result<A, Fault> {
        self.reading().ask(read)
    }

    /// A reader beside the writer.
    pub(super) fn reading(&self) -> Reading {
        let connection = connect::reader(&self.path()).expect("a reader");
        Reading(Reader::new(connection, realms(), self.unlisted.clone()))
    }

    /// Does one append.
    pub(super) fn append(&mut self, append: Append) -> Stored {
        let mut receipts = self.batch(vec![Write::Appends(vec![append])]);
        let (_, mut of_shard) = receipts.pop().expect("a receipt");
        of_shard.pop().expect("a receipt").outcome
    }

    /// Says something, and expects it to be new.
    pub(super) fn say(&mut self, room: RoomId, text: &str) -> (MessageId, u64) {
        new(&self.append(words(room, 1, text)))
    }

    pub(super) fn open_room(&mut self, room: NewRoom) -> RoomRow {
        let (room, made) = self.write(|reply| Write::OpenRoom(room, reply)).expect("a room");
        assert!(made, "a new room");
        room
    }

    pub(super) fn add(&mut self, account: NewAccount) -> Account {
        self.write(|reply| Write::AddAccount(account, reply)).expect("an account")
    }

    /// All of a room's history, newest first, with the total.
    pub(super) fn history(&self, room: RoomId) -> (Vec<Message>, u64) {
        let all = Stretch { room, upto_seq: u64::MAX, since: None, skip: 0, limit: u64::MAX };
        self.read(|reply| Read::Messages(all, reply)).expect("a history")
    }
}

/// A reader of a [`Bench`].
pub(super) struct Reading(Reader);

impl Reading {
    /// Asks, and waits for the answer.
    pub(super) fn ask<A: Send + 'static>(
        &self,
        read: impl FnOnce(Reply<A>) -> Read,
    ) -> Result<A, Fault> {
        let (reply, asked) = ask();
        self.0.answer(read(reply));
        told(&asked)
    }
}

fn file(dir: &Path) -> PathBuf {
    dir.join("facts.db")
}

pub(super) fn realms() -> Realms {
    Realms(vec![ACCOUNTS, LOUNGE, PAIRS, CLAIMED])
}

/// An open room of the lounge.
pub(super) fn lounge(code: &str) -> NewRoom {
    NewRoom {
        realm: LOUNGE,
        people: ACCOUNTS,
        kind: RoomKind::Open,
        code: Some(code.into()),
        name: None,
        unique_name: false,
        owner: None,
        ends_ms: None,
        members: Vec::new(),
    }
}

/// A room of two people who are not stored.
pub(super) fn pair(one: u64, other: u64) -> NewRoom {
    NewRoom {
        realm: PAIRS,
        people: CLAIMED,
        kind: RoomKind::Direct,
        code: Some(format!("{one}:{other}").into()),
        owner: Some(UserId(one)),
        members: vec![(UserId(one), Role::Member), (UserId(other), Role::Member)],
        ..lounge("")
    }
}

/// An account of which nothing but the name is known.
pub(super) fn named(name: &str) -> NewAccount {
    NewAccount {
        realm: ACCOUNTS,
        id: None,
        code: None,
        name: name.into(),
        nickname: None,
        profile: None,
        login: None,
        email: None,
        password: None,
        role: None,
    }
}

pub(super) fn draft(text: &str) -> Draft {
    Draft {
        kind: Kind::Text,
        text: text.into(),
        parent: None,
        extra: None,
        key: None,
        rings: false,
    }
}

/// Words of an account in a room of the lounge.
pub(super) fn words(room: RoomId, author: u64, text: &str) -> Append {
    Append { shard: 0, room, author: Some((ACCOUNTS, UserId(author))), draft: draft(text) }
}

/// The same under a key.
pub(super) fn keyed(room: RoomId, author: u64, text: &str, key: &str) -> Append {
    let mut append = words(room, author, text);
    append.draft.key = Some(key.into());
    append
}

/// The id and place of what must be new.
pub(super) fn new(stored: &Stored) -> (MessageId, u64) {
    match stored {
        Stored::New { id, seq, .. } => (*id, *seq),
        other => panic!("not new: {other:?}"),
    }
}

/// The fault of what must have failed.
pub(super) fn failed(stored: &Stored) -> Fault {
    match stored {
        Stored::Failed(fault) => fault.clone(),
        other => panic!("not failed: {other:?}"),
    }
}

/// The message of what must have been sent before.
pub(super) fn again(stored: &Stored) -> &Message {
    match stored {
        Stored::Again(message) => message,
        other => panic!("not sent before: {other:?}"),
    }
}

/// The texts of messages.
pub(super) fn texts(messages: &[Message]) -> Vec<String> {
    messages.iter().map(|said| said.text.to_string()).collect()
}
