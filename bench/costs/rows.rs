//! The store alone: messages written in batches of a size.
//!
//! The writer's thread waits where it hands over its receipts until the next batch is complete, so
//! that the size is what it is said to be.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use polylogue::hub::event::{Draft, Kind};
use polylogue::hub::id::{ACCOUNTS, Realm, RoomId, UserId};
use polylogue::hub::ports::{Append, NewRoom, Receipt, Stored, Write};
use polylogue::hub::text::Text;
use polylogue::store::{self, Durability, Options, Queues, Store};
use tempfile::TempDir;

use super::timed;

const REALM: Realm = Realm("costs");
/// More messages than a store leaves unlisted.
const FILLING_BATCHES: usize = 20;
const FILLING_BATCH_ROWS: usize = 500;

pub(super) fn by_1(rounds: u64) -> Duration {
    Rows::new(1).write(rounds, 1, false)
}

pub(super) fn by_10(rounds: u64) -> Duration {
    Rows::new(1).write(rounds, 10, false)
}

pub(super) fn by_100(rounds: u64) -> Duration {
    Rows::new(1).write(rounds, 100, false)
}

/// Each in a room of its own.
pub(super) fn by_100_in_rooms(rounds: u64) -> Duration {
    Rows::new(100).write(rounds, 100, false)
}

/// Each with an idempotency key.
pub(super) fn by_100_keyed(rounds: u64) -> Duration {
    Rows::new(1).write(rounds, 100, true)
}

/// A store, and rooms in it that are spoken in by turns.
struct Rows {
    queues: Queues,
    rooms: Vec<RoomId>,
    /// How many rows a batch had.
    done: Receiver<usize>,
    /// Lets the writer go on.
    go: Sender<()>,
    store: Store,
    _directory: TempDir,
    said: u64,
    text: Text,
}

impl Rows {
    fn new(rooms: u64) -> Rows {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("rows.db");
        let realms = vec![REALM, ACCOUNTS];
        let options = Options { path, durability: Durability::Full, realms, node: 0 };
        let (report, done) = channel();
        let (go, gone_on) = channel();
        let receipts = move |_, receipts: Vec<Receipt>| {
            let is_new = |receipt: &Receipt| matches!(receipt.outcome, Stored::New { .. });
            assert!(receipts.iter().all(is_new), "every row is stored");
            // Who measures has gone when the end has come.
            let _ = report.send(receipts.len());
            let _ = gone_on.recv();
        };
        let (queues, store) = store::open(options, Box::new(receipts)).expect("a new store");
        let rooms = (1..=rooms).map(|number| open_room(&queues, number)).collect();
        let text = Text::from(TEXT);
        Rows { queues, rooms, done, go, store, _directory: directory, said: 0, text }
    }

    fn write(mut self, rounds: u64, batch: usize, has_key: bool) -> Duration {
        self.append(has_key);
        assert_eq!(self.done.recv(), Ok(1));
        // As in a store that has been at work, messages are listed while others are said.
        for _ in 0..FILLING_BATCHES {
            self.batch(FILLING_BATCH_ROWS, false);
        }
        let took = timed(rounds, || self.batch(batch, has_key));
        drop(self.go);
        self.store.close();
        took
    }

    fn batch(&mut self, rows: usize, has_key: bool) {
        (0..rows).for_each(|_| self.append(has_key));
        self.go.send(()).expect("it waits");
        assert_eq!(self.done.recv(), Ok(rows));
    }

    fn append(&mut self, has_key: bool) {
        self.said += 1;
        let key = has_key.then(|| format!("key {}", self.said).into());
        let room = self.rooms[self.said as usize % self.rooms.len()];
        let text = self.text.clone();
        let draft = Draft { kind: Kind::Text, text, parent: None, extra: None, key, rings: false };
        let author = Some((ACCOUNTS, UserId(1)));
        let append = Append { shard: 0, room, author, draft };
        self.queues.writes.try_send(Write::Appends(vec![append])).expect("there is room");
    }
}

fn open_room(queues: &Queues, number: u64) -> RoomId {
    let (made, room) = channel();
    let reply = Box::new(move |opened| made.send(opened).expect("it is waited for"));
    let open = Write::OpenRoom(NewRoom::open(REALM, ACCOUNTS, &format!("room_{number}")), reply);
    queues.writes.blocking_send(open).expect("a store");
    let (row, _) = room.recv().expect("an answer").expect("a room");
    row.id
}

const TEXT: &str = "the quick brown fox jumps over the lazy dog, and the lazy dog does not \
                    mind: it has seen the fox do it before, and will again";
