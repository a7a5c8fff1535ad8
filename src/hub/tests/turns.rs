//! A shard's turns: what comes together is done together, and the writer is given it at once.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::thread;

use tokio::sync::{mpsc, oneshot};

use super::ear::Ear;
use super::stage::{Guest, guest, newest, person, row, say, topic};
use super::tongue::Plain;
use crate::hub::command::{Amend, Ask, Asker, Deed, Join, Outcome, Refusal};
use crate::hub::event::{RoomKind, RoomRow};
use crate::hub::id::{MessageId, RoomId};
use crate::hub::ports::{Append, Ports, Read, Receipt, RoomKey, Stored, Write};
use crate::hub::{Hub, Inboxes};
use crate::limits;

const ROOM: RoomId = RoomId(7);

type Receipts = Box<dyn Fn(usize, Vec<Receipt>) + Send>;

/// A hub of one shard in whose rooms nothing was said; what is written is for the test.
async fn start() -> (Hub, mpsc::Receiver<Write>, Receipts) {
    let inboxes = Inboxes::new(1);
    let (writes, to_write) = mpsc::channel(1_024);
    let (reads, mut to_read) = mpsc::channel(64);
    let (presence, _) = mpsc::channel(1);
    let receipts = inboxes.receipts();
    let hub = inboxes.start(&Ports { writes, reads, presence }, 0);
    thread::spawn(move || {
        while let Some(read) = to_read.blocking_recv() {
            match read {
                Read::Room(RoomKey::Id(id), reply) => {
                    reply(Ok(Some(RoomRow { id, ..row(RoomKind::Open, &[]) })));
                }
                Read::Messages(_, reply) => reply(Ok((Vec::new(), 0))),
                _ => {}
            }
        }
    });
    let woken = hub.call(ROOM, person(1), topic(), newest(1)).await;
    assert!(matches!(woken, Ok(Outcome::History(_))), "the room is awake");
    (hub, to_write, receipts)
}

/// Asks, and does not wait for the answer.
async fn ask(hub: &Hub, deed: Deed) -> oneshot::Receiver<Result<Outcome, Refusal>> {
    ask_of(hub, ROOM, deed).await
}

async fn ask_of(
    hub: &Hub,
    room: RoomId,
    deed: Deed,
) -> oneshot::Receiver<Result<Outcome, Refusal>> {
    let (reply, answer) = oneshot::channel();
    hub.ask(room, Ask { from: Asker::Call(person(1), reply), topic: topic(), deed }).await;
    answer
}

/// Somebody who sits in those rooms, and has been told so.
async fn member(hub: &Hub, user: u64, rooms: &[RoomId]) -> Guest {
    let guest = guest(user, &(Arc::new(Plain::EVERYONE) as _), "/");
    for room in rooms {
        let from = Asker::Voice(Arc::clone(&guest.voice), None);
        let deed = Deed::Join(Join::default());
        hub.ask(*room, Ask { from, topic: topic(), deed }).await;
        while !guest.ear.next().await.iter().any(|line| line.starts_with("you joined")) {}
    }
    guest
}

/// What was said, as far as so many messages.
async fn heard(ear: &Ear, count: usize) -> Vec<String> {
    let mut said = Vec::new();
    while said.len() < count {
        said.extend(ear.next().await.into_iter().filter(|line| line.starts_with("said")));
    }
    said
}

/// Receipts for messages, each the first of its room.
fn stored(appends: Vec<Append>) -> Vec<Receipt> {
    let outcome = || Stored::New { id: MessageId(1), seq: 1, created_ms: 1 };
    appends.into_iter().map(|it| Receipt { room: it.room, outcome: outcome() }).collect()
}

/// What the next write appends.
async fn appends(writes: &mut mpsc::Receiver<Write>) -> Vec<Append> {
    match writes.recv().await {
        Some(Write::Appends(appends)) => appends,
        _ => panic!("messages are to be written"),
    }
}

/// What so many said is on disk: the shard hears of all of it at once.
async fn commit(writes: &mut mpsc::Receiver<Write>, receipts: Receipts, count: usize) {
    let mut written = Vec::new();
    while written.len() < count {
        written.extend(appends(writes).await);
    }
    tokio::task::spawn_blocking(move || receipts(0, stored(written))).await.unwrap();
}

/// The first of them wakes the shard, which runs next on the only thread there is.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn what_many_tasks_say_at_once_is_one_write() {
    const SENDERS: usize = 20;
    let (hub, mut writes, _) = start().await;
    let hub = Arc::new(hub);
    // From within, so that all are ready before the first runs.
    let all = tokio::spawn(async move {
        for _ in 0..SENDERS {
            let hub = Arc::clone(&hub);
            tokio::spawn(async move { drop(ask(&hub, say("x")).await) });
        }
    });
    all.await.unwrap();
    assert_eq!(appends(&mut writes).await.len(), SENDERS);
}

#[tokio::test]
async fn other_writes_do_not_overtake_what_was_said_before_them() {
    let (hub, mut writes, _) = start().await;
    ask(&hub, say("one")).await;
    ask(&hub, say("two")).await;
    ask(&hub, Deed::Amend(Amend::Rename("x".into()))).await;
    ask(&hub, say("three")).await;
    assert_eq!(appends(&mut writes).await.len(), 2);
    assert!(matches!(writes.recv().await, Some(Write::ChangeRoom(..))));
    assert_eq!(appends(&mut writes).await.len(), 1);
}

#[tokio::test]
async fn what_waits_for_the_writer_is_bounded_and_so_is_one_write() {
    let (hub, mut writes, receipts) = start().await;
    let mut answers = Vec::new();
    for _ in 0..=limits::APPENDS_MAX {
        answers.push(ask(&hub, say("x")).await);
    }
    let refused = answers.pop().unwrap().await.unwrap();
    assert_eq!(refused.unwrap_err(), Refusal::Unavailable);
    let mut taken = 0;
    while taken < limits::APPENDS_MAX {
        let appends = appends(&mut writes).await.len();
        assert!(appends <= limits::APPENDS_PER_WRITE_MAX, "{appends} in one write");
        taken += appends;
    }
    let stored = move || {
        let outcome = Stored::New { id: MessageId(1), seq: 1, created_ms: 1 };
        receipts(0, vec![Receipt { room: ROOM, outcome }]);
    };
    tokio::task::spawn_blocking(stored).await.unwrap();
    assert!(answers.remove(0).await.unwrap().is_ok());
    ask(&hub, say("there is room for one again")).await;
    assert_eq!(appends(&mut writes).await.len(), 1);
}

#[tokio::test]
async fn what_small_rooms_say_in_one_turn_leaves_together() {
    let rooms: Vec<RoomId> = (1..=5).map(RoomId).collect();
    let (hub, mut writes, receipts) = start().await;
    let mut members = vec![member(&hub, 1, &rooms).await];
    for (user, room) in (2..).zip(&rooms) {
        members.push(member(&hub, user, &[*room]).await);
    }
    for room in &rooms {
        ask_of(&hub, *room, say(&format!("in {room}"))).await;
    }
    commit(&mut writes, receipts, rooms.len()).await;
    let said: Vec<_> = rooms.iter().map(|room| format!("said 1 in {room}")).collect();
    assert_eq!(heard(&members[0].ear, rooms.len()).await, said);
    for (one, said) in members[1..].iter().zip(&said) {
        assert_eq!(&heard(&one.ear, 1).await[0], said, "{}", one.voice.who.name);
    }
    let volleys = members.iter().map(|one| one.ear.volley.load(Ordering::Relaxed));
    assert_eq!(volleys.max(), Some(2 * rooms.len()));
}

/// One room fills a volley: what the other says leaves before it.
#[tokio::test]
async fn no_volley_is_longer_than_it_may_be() {
    const MEMBERS: usize = limits::VOLLEY_MAX;
    let (small, large) = (RoomId(1), RoomId(2));
    let (hub, mut writes, receipts) = start().await;
    let mut members = vec![member(&hub, 1, &[small, large]).await];
    for user in 2..=MEMBERS as u64 {
        members.push(member(&hub, user, &[large]).await);
    }
    for room in [small, large] {
        ask_of(&hub, room, say("hello")).await;
    }
    commit(&mut writes, receipts, 2).await;
    for one in &members[1..] {
        assert_eq!(heard(&one.ear, 1).await, ["said 1 hello"], "{}", one.voice.who.name);
    }
    assert_eq!(heard(&members[0].ear, 2).await.len(), 2);
    let volleys = members.iter().map(|one| one.ear.volley.load(Ordering::Relaxed));
    assert_eq!(volleys.max(), Some(MEMBERS));
}
