//! The store as the server uses it: open, ask from many tasks, close.

use std::sync::mpsc::channel;

use tokio::sync::mpsc;

use super::kit::{LOUNGE, lounge, named, words};
use crate::hub::event::{Address, Place};
use crate::hub::id::ACCOUNTS;
use crate::hub::ports::{Fault, Ports, Read, RoomKey, Stored, Stretch, Write};
use crate::store::{Durability, OpenError, Options, Queues, Receipts, Store, open};

fn options(dir: &std::path::Path) -> Options {
    Options {
        path: dir.join("facts.db"),
        durability: Durability::Full,
        realms: vec![ACCOUNTS, LOUNGE],
        node: 0,
    }
}

fn start(dir: &std::path::Path, receipts: Receipts) -> (Ports, Store) {
    let (queues, store) = open(options(dir), receipts).expect("a store");
    let Queues { writes, reads } = queues;
    let (presence, _) = mpsc::channel(1);
    let ports = Ports { writes, reads, presence };
    (ports, store)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answered_write_is_read() {
    const ROOMS: u64 = 8;
    const MESSAGES: u64 = 25;
    let dir = tempfile::tempdir().unwrap();
    let (receipts, mut heard) = mpsc::unbounded_channel();
    let send = move |shard: usize, of_shard: Vec<_>| receipts.send((shard, of_shard)).unwrap();
    let (ports, store) = start(dir.path(), Box::new(send));

    let asking = (0..ROOMS).map(|n| {
        let ports = ports.clone();
        tokio::spawn(async move {
            let new = lounge(&n.to_string());
            let (room, _) = ports.write(|r| Write::OpenRoom(new, r)).await.unwrap();
            let key = RoomKey::Place(Place {
                realm: LOUNGE,
                address: Address::Code(n.to_string().into()),
            });
            let found = ports.read(|r| Read::Room(key, r)).await.unwrap();
            assert_eq!(found.expect("an answered write").id, room.id);
            for m in 0..MESSAGES {
                let append = words(room.id, 1, &m.to_string());
                ports.writes.send(Write::Appends(vec![append])).await.unwrap();
            }
            room.id
        })
    });
    let asking: Vec<_> = asking.collect();
    let mut rooms = Vec::new();
    for task in asking {
        rooms.push(task.await.unwrap());
    }
    let mut stored = 0;
    while stored < ROOMS * MESSAGES {
        let (shard, receipts) = heard.recv().await.expect("receipts");
        assert_eq!(shard, 0);
        for receipt in receipts {
            assert!(matches!(receipt.outcome, Stored::New { .. }));
            stored += 1;
        }
    }
    for room in rooms {
        let all = Stretch { room, upto_seq: MESSAGES, since: None, skip: 0, limit: 1000 };
        let (messages, total) = ports.read(|r| Read::Messages(all, r)).await.unwrap();
        let places: Vec<u64> = messages.iter().map(|said| said.seq).collect();
        assert_eq!(places, (1..=MESSAGES).rev().collect::<Vec<_>>());
        assert_eq!(total, MESSAGES);
    }
    tokio::task::spawn_blocking(|| store.close()).await.unwrap();
}

/// However many messages a write brings, and however many writes wait.
#[test]
fn a_transaction_is_bounded() {
    let dir = tempfile::tempdir().unwrap();
    let (batches, sizes) = channel();
    let (go, gone_on) = channel::<()>();
    let receipts = move |_, receipts: Vec<_>| {
        batches.send(receipts.len()).unwrap();
        // While the test holds the writer here, all the other writes gather.
        let _ = gone_on.recv();
    };
    let (ports, store) = start(dir.path(), Box::new(receipts));
    let (reply, made) = super::kit::ask();
    ports.writes.blocking_send(Write::OpenRoom(lounge("7"), reply)).expect("open");
    let (room, _) = made.recv().unwrap().unwrap();
    let say = |messages: usize| {
        let many = (0..messages).map(|_| words(room.id, 1, "hi")).collect();
        ports.writes.blocking_send(Write::Appends(many)).expect("open");
    };
    say(1);
    assert_eq!(sizes.recv(), Ok(1));
    [300, 212, 300, 300].into_iter().for_each(say);
    drop(go);
    store.close();
    assert_eq!(sizes.try_iter().collect::<Vec<_>>(), [512, 300, 300]);
}

#[test]
fn closing_does_what_waits_and_then_takes_nothing_more() {
    let dir = tempfile::tempdir().unwrap();
    let (ports, store) = start(dir.path(), Box::new(|_, _| ()));
    let (answers, answered) = channel();
    for _ in 0..2000 {
        let answers = answers.clone();
        let reply = Box::new(move |answer: Result<_, Fault>| answers.send(answer).unwrap());
        let write = Write::AddAccount(named("x"), reply);
        ports.writes.blocking_send(write).expect("open");
    }
    // The senders live on: closing must not wait for them to go.
    store.close();
    assert_eq!(answered.try_iter().filter(Result::is_ok).count(), 2000);
    let (reply, _) = super::kit::ask();
    let late = Write::AddAccount(named("x"), reply);
    assert!(ports.writes.blocking_send(late).is_err());
    let log = dir.path().join("facts.db-wal");
    assert!(!log.exists(), "the log was copied into the file");
}

#[test]
fn a_store_that_was_dropped_leaves_a_file_that_opens() {
    let dir = tempfile::tempdir().unwrap();
    drop(start(dir.path(), Box::new(|_, _| ())));
    let (_, store) = start(dir.path(), Box::new(|_, _| ()));
    store.close();
}

#[test]
fn a_file_that_cannot_be_used_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("facts.db");
    std::fs::write(path, "not a database, but long enough to be read as one".repeat(99)).unwrap();
    let refused = open(options(dir.path()), Box::new(|_, _| ()));
    assert!(matches!(refused, Err(OpenError::Damaged(..))));
}
