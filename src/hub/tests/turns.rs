//! A shard's turns: what comes together is done together, and the writer is given it at once.

use std::sync::Arc;
use std::thread;

use tokio::sync::{mpsc, oneshot};

use super::stage::{newest, person, row, say, topic};
use crate::hub::command::{Amend, Ask, Asker, Deed, Outcome, Refusal};
use crate::hub::event::RoomKind;
use crate::hub::id::{MessageId, RoomId};
use crate::hub::ports::{Append, Ports, Read, Receipt, Stored, Write};
use crate::hub::{Hub, Inboxes};
use crate::limits;

const ROOM: RoomId = RoomId(7);

type Receipts = Box<dyn Fn(usize, Vec<Receipt>) + Send>;

/// A hub of one shard in whose only room nothing was said; what is written is for the test.
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
                Read::Room(_, reply) => reply(Ok(Some(row(RoomKind::Open, &[])))),
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
    let (reply, answer) = oneshot::channel();
    hub.ask(ROOM, Ask { from: Asker::Call(person(1), reply), topic: topic(), deed }).await;
    answer
}

/// What the next write appends.
async fn appends(writes: &mut mpsc::Receiver<Write>) -> Vec<Append> {
    match writes.recv().await {
        Some(Write::Appends(appends)) => appends,
        _ => panic!("messages are to be written"),
    }
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
