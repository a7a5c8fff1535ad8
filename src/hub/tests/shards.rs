//! Shards and the directory, through the hub's own door, with a scripted store on threads.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError, mpsc as std_mpsc};
use std::thread;

use tokio::sync::mpsc;

use super::ear::Ear;
use super::stage::{Guest, REALM, draft, guest, message, newest, person, row, say, topic};
use super::tongue::Plain;
use crate::hub::comeback::Parting;
use crate::hub::command::{Amend, Ask, Asker, Deed, Join, Outcome, Refusal, Topic};
use crate::hub::event::{Draft, Place, RoomKind, RoomRow};
use crate::hub::id::{MessageId, RoomId, UserId};
use crate::hub::ports::{Fault, Ports, Presence, Read, Receipt, RoomKey, Stored, Write};
use crate::hub::{Hub, Inboxes};
use crate::limits;

type Rows = Arc<Mutex<HashMap<RoomId, RoomRow>>>;

/// A hub over a scripted store.
struct Script {
    hub: Hub,
    rows: Rows,
    /// How many writes the store has taken from its queue.
    taken: Arc<AtomicUsize>,
    presence: mpsc::Receiver<Presence>,
    /// Lets a reader that waits read on; dropping it lets all of them.
    gate: Option<std_mpsc::Sender<()>>,
}

impl Script {
    /// A store with some rooms; its reader waits at the gate where `is_gated`.
    fn start(rows: Vec<RoomRow>, is_gated: bool, writes_max: usize) -> Script {
        let rows = rows.into_iter().map(|row| (row.id, row)).collect();
        let rows: Rows = Arc::new(Mutex::new(rows));
        let inboxes = Inboxes::new(2);
        let (writes, to_write) = mpsc::channel(writes_max);
        let (reads, to_read) = mpsc::channel(64);
        let (comings, presence) = mpsc::channel(64);
        let (gate, closed) = std_mpsc::channel();
        let (for_writer, for_reader, receipts) =
            (Arc::clone(&rows), Arc::clone(&rows), inboxes.receipts());
        let taken = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&taken);
        thread::spawn(move || write_all(to_write, &for_writer, &receipts, &count));
        thread::spawn(move || read_all(to_read, &for_reader, &closed));
        let hub = inboxes.start(&Ports { writes, reads, presence: comings }, 0);
        Script { hub, rows, taken, presence, gate: is_gated.then_some(gate) }
    }

    async fn ask(&self, guest: &Guest, deed: Deed) {
        self.ask_of(RoomId(7), guest, topic(), deed).await;
    }

    async fn ask_of(&self, room: RoomId, guest: &Guest, topic: Topic, deed: Deed) {
        let from = Asker::Voice(Arc::clone(&guest.voice), None);
        self.hub.ask(room, Ask { from, topic, deed }).await;
    }

    async fn call(&self, deed: Deed) -> Result<Outcome, Refusal> {
        self.hub.call(RoomId(7), person(1), topic(), deed).await
    }

    /// Keeps the store from doing anything until what is returned is dropped.
    fn hold_store(&self) -> std_mpsc::Sender<()> {
        let (held, is_held) = std_mpsc::channel();
        let (stuck, is_over) = std_mpsc::channel::<()>();
        let rows = Arc::clone(&self.rows);
        thread::spawn(move || {
            let _rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
            held.send(()).expect("the test waits for it");
            // Nothing is ever sent: the end of the sender is the word.
            let _ = is_over.recv();
        });
        is_held.recv().expect("the thread holds it");
        stuck
    }

    fn is_open(&self) -> bool {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        rows.contains_key(&RoomId(7))
    }
}

fn someone(user: u64) -> Guest {
    guest(user, &(Arc::new(Plain::EVERYONE) as _), "/")
}

fn here() -> Place {
    match topic() {
        Topic::Room(place) => place,
        _ => unreachable!("it names a room"),
    }
}

fn write_all(
    mut writes: mpsc::Receiver<Write>,
    rows: &Rows,
    receipts: &dyn Fn(usize, Vec<Receipt>),
    taken: &AtomicUsize,
) {
    let mut seq = 0;
    while let Some(write) = writes.blocking_recv() {
        taken.fetch_add(1, Relaxed);
        let mut rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
        match write {
            Write::Appends(appends) => {
                drop(rows);
                for append in appends {
                    seq += 1;
                    let outcome = Stored::New { id: MessageId(seq), seq, created_ms: 1 };
                    receipts(append.shard, vec![Receipt { room: append.room, outcome }]);
                }
            }
            Write::DropRoom(id, reply) => reply(Ok(rows.remove(&id).is_some())),
            Write::OpenRoom(new, reply) => {
                let id = RoomId(rows.keys().map(|id| id.0).max().unwrap_or(7) + 1);
                let made = RoomRow { id, code: new.code, ..row(RoomKind::Open, &[]) };
                rows.insert(id, made.clone());
                reply(Ok((made, true)));
            }
            Write::Delete(_, _, reply) => reply(Err(Fault::Store("no disk".into()))),
            _ => {}
        }
    }
}

fn read_all(mut reads: mpsc::Receiver<Read>, rows: &Rows, gate: &std_mpsc::Receiver<()>) {
    while let Some(read) = reads.blocking_recv() {
        // Somebody opens the gate, or it is gone.
        let _ = gate.recv();
        let rows = rows.lock().unwrap_or_else(PoisonError::into_inner);
        match read {
            Read::Room(RoomKey::Id(RoomId(13)), reply) => reply(Err(Fault::Store("bad".into()))),
            Read::Room(RoomKey::Id(id), reply) => reply(Ok(rows.get(&id).cloned())),
            Read::Room(RoomKey::Place(_), reply) => reply(Ok(rows.get(&RoomId(7)).cloned())),
            Read::Messages(_, reply) => reply(Ok((vec![message(1, 1, "before")], 1))),
            _ => {}
        }
    }
}

fn open_room() -> Vec<RoomRow> {
    vec![row(RoomKind::Open, &[])]
}

#[tokio::test]
async fn a_room_is_woken_once_for_all_who_wait() {
    let script = Script::start(open_room(), true, 10);
    let (one, two) = (someone(1), someone(2));
    script.ask(&one, Deed::Join(Join::default())).await;
    script.ask(&one, say("first")).await;
    script.ask(&two, Deed::Join(Join { history: 5, ..Join::default() })).await;
    let gate = script.gate.as_ref().unwrap();
    gate.send(()).unwrap();
    let mut heard = one.ear.next().await;
    while heard.len() < 5 {
        heard.extend(one.ear.next().await);
    }
    assert_eq!(heard, ["joined u1", "you joined []", "joined u2", "said 1 first", "you said 1"]);
    assert!(two.ear.lines().is_empty(), "the history is not read yet");
    gate.send(()).unwrap();
    assert_eq!(two.ear.next().await, ["you joined [1]", "joined u2", "said 1 first"]);
}

#[tokio::test]
async fn a_room_that_is_not_there_or_cannot_be_read_is_refused() {
    let script = Script::start(open_room(), false, 10);
    let guest = someone(1);
    script.ask_of(RoomId(8), &guest, topic(), say("x")).await;
    assert_eq!(guest.ear.next().await, ["Say refused: NoSuchRoom"]);
    script.ask_of(RoomId(13), &guest, topic(), say("x")).await;
    assert_eq!(guest.ear.next().await, ["Say refused: Unavailable"]);
    let call = script.hub.call(RoomId(8), person(1), topic(), newest(1)).await;
    assert_eq!(call.unwrap_err(), Refusal::NoSuchRoom);
    script.hub.gone(RoomId(8), guest.voice.id, Parting::Left);
    assert_eq!(seq(script.call(say("y")).await), 1);
}

/// The place in the room of what was said.
fn seq(said: Result<Outcome, Refusal>) -> u64 {
    match said {
        Ok(Outcome::Said { message, .. }) => message.seq,
        other => panic!("{other:?}"),
    }
}

/// Whoever finds a name just before its room goes notes it just after: the name must not lead
/// nowhere for ever.
#[tokio::test]
async fn a_name_that_leads_nowhere_is_forgotten() {
    let script = Script::start(open_room(), false, 10);
    assert_eq!(script.hub.find(&here()).await, Ok(Some(RoomId(7))));
    script.rows.lock().unwrap().clear();
    assert_eq!(script.hub.find(&here()).await, Ok(Some(RoomId(7))), "names are remembered");
    assert_eq!(script.call(say("x")).await.unwrap_err(), Refusal::NoSuchRoom);
    assert_eq!(script.hub.open(&here(), REALM).await, Ok(Some(RoomId(8))));
    assert_eq!(script.hub.find(&here()).await, Ok(Some(RoomId(8))));
}

#[tokio::test]
async fn a_dropped_rooms_name_is_free() {
    let script = Script::start(open_room(), false, 10);
    assert_eq!(script.hub.find(&here()).await, Ok(Some(RoomId(7))));
    let dropped = script.call(Deed::Amend(Amend::Drop)).await;
    assert!(matches!(dropped, Ok(Outcome::Amended(None))) && !script.is_open());
    assert_eq!(script.call(say("x")).await.unwrap_err(), Refusal::NoSuchRoom);
    assert_eq!(script.hub.open(&here(), REALM).await, Ok(Some(RoomId(8))));
}

#[tokio::test]
async fn a_store_that_is_behind_refuses_and_the_room_goes_on() {
    const DELETES: usize = 10;
    let script = Script::start(open_room(), false, 2);
    let guest = someone(1);
    assert_eq!(seq(script.call(say("x")).await), 1);
    let stuck = script.hold_store();
    let said = script.taken.load(Relaxed);
    for n in 0..DELETES {
        while n > 0 && script.taken.load(Relaxed) == said {
            // With the first in its hand the store takes no more, and the queue stays full.
            tokio::task::yield_now().await;
        }
        script.ask(&guest, Deed::Delete(Some(Box::new(message(1, 1, "x"))))).await;
    }
    let busy = script.call(Deed::Amend(Amend::Rename("x".into()))).await;
    assert_eq!(busy.unwrap_err(), Refusal::Unavailable, "the queue is full");
    let again = script.call(Deed::Amend(Amend::Rename("x".into()))).await;
    assert_eq!(again.unwrap_err(), Refusal::Unavailable, "the first was answered, so is this");
    drop(stuck);
    let mut refused = 0;
    while refused < DELETES {
        let lines = guest.ear.next().await;
        assert!(lines.iter().all(|line| line == "Delete refused: Unavailable"), "{lines:?}");
        refused += lines.len();
    }
    assert_eq!(seq(script.call(say("x")).await), 2);
}

/// What waits for a room to wake is bounded; a voice that is gone must not be seated when it does.
#[tokio::test]
async fn who_is_gone_is_not_seated_in_a_room_that_wakes_late() {
    let mut script = Script::start(open_room(), true, 10);
    let (one, two) = (someone(1), someone(2));
    script.ask(&one, Deed::Join(Join::default())).await;
    let crowd = someone(3);
    for _ in 1..limits::OPENING_ASKS_MAX {
        script.ask(&crowd, Deed::Typing(true)).await;
    }
    script.ask(&two, Deed::Join(Join::default())).await;
    assert_eq!(two.ear.next().await, ["Join refused: Unavailable"]);
    script.hub.gone(RoomId(7), one.voice.id, Parting::Left);
    script.ask(&two, say("one too many")).await;
    // One fits again where the join was.
    script.gate = None;
    assert_eq!(two.ear.next().await, ["Say refused: NotIn"]);
    script.ask(&two, Deed::Join(Join::default())).await;
    assert_eq!(two.ear.next().await, ["joined u2", "you joined []"]);
    assert!(one.ear.lines().is_empty());
    let Ok(Presence::In(_, user)) = script.presence.try_recv() else { panic!("user 2 came") };
    assert_eq!(user, UserId(2));
    assert!(script.presence.try_recv().is_err());
}

#[tokio::test]
async fn a_full_queue_before_the_readers_refuses() {
    let script = Script::start(open_room(), true, 10);
    let guest = someone(1);
    for room in 100..200 {
        script.ask_of(RoomId(room), &guest, topic(), say("x")).await;
    }
    assert!(guest.ear.next().await.iter().all(|line| line == "Say refused: Unavailable"));
}

#[tokio::test]
async fn members_are_rung_on_whichever_shard_their_personal_room_lives() {
    let mut direct = row(RoomKind::Direct, &[1, 2]);
    direct.members.extend((3..12).map(|user| (person(user), crate::hub::event::Role::Member)));
    let script = Script::start(vec![direct.clone()], false, 10);
    let members: Vec<Guest> = (2..12).map(someone).collect();
    for member in &members {
        let place = Place::personal(REALM, member.voice.who.id);
        let room = place.fleeting_id();
        script.ask_of(room, member, Topic::Room(place), Deed::Join(Join::default())).await;
        member.ear.next().await;
    }
    script.call(Deed::Say(Draft { rings: true, ..draft("hello") })).await.unwrap();
    for member in &members {
        assert_eq!(member.ear.next().await, ["said 1 hello"]);
    }
    script.hub.announce(direct, &person(1));
    for member in &members {
        assert_eq!(member.ear.next().await, ["u1 opened 3"]);
    }
    script.hub.backplane_away(true).await;
    assert_eq!(members[0].ear.next().await, ["away true"]);
}

/// What a room wants when its clock is looked at is done, as what it wants when asked.
#[tokio::test]
async fn who_waited_for_a_seat_is_told_the_history() {
    let script = Script::start(open_room(), false, 10);
    let first = someone(1);
    let second = guest(1, &first.voice.tongue, "/");
    let sole = || Deed::Join(Join { sole: true, history: 5, ..Join::default() });
    script.ask(&first, sole()).await;
    assert_eq!(first.ear.next().await[0], "you joined [1]");
    script.ask(&second, sole()).await;
    script.hub.gone(RoomId(7), first.voice.id, Parting::Left);
    assert_eq!(next_after(&second.ear, "you").await, "you joined [1]");
}

async fn next_after(ear: &Ear, start: &str) -> String {
    loop {
        let found = ear.next().await.into_iter().find(|line| line.starts_with(start));
        if let Some(line) = found {
            return line;
        }
    }
}

/// More than an inbox holds, from many at once: those who ask wait, and every ask is answered once,
/// each sender's in the order they were asked.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_full_inbox_loses_nothing_and_keeps_each_senders_order() {
    const SENDERS: u64 = 8;
    const ASKS: usize = 3 * limits::SHARD_INBOX_MAX / SENDERS as usize;
    let script = Arc::new(Script::start(open_room(), false, limits::WRITES_MAX));
    assert!(script.call(newest(1)).await.is_ok(), "the room is awake");
    let ask = |sender: u64| {
        let script = Arc::clone(&script);
        tokio::spawn(async move {
            let guest = someone(sender);
            script.ask(&guest, Deed::Join(Join::default())).await;
            for number in 0..ASKS {
                script.ask(&guest, say(&format!("u{sender} {number}"))).await;
            }
            let mut heard = Vec::new();
            let is_answer = |line: &&String| line.contains("you said") || line.contains("refused");
            while heard.iter().filter(is_answer).count() < ASKS {
                heard.extend(guest.ear.next().await);
            }
            heard
        })
    };
    let senders: Vec<_> = (1..=SENDERS).map(ask).collect();
    for (sender, heard) in (1..).zip(senders) {
        let heard = heard.await.unwrap();
        let own = format!(" u{sender} ");
        let numbers = heard.iter().filter_map(|line| line.split_once(&own)?.1.parse().ok());
        let numbers: Vec<usize> = numbers.collect();
        let refused = heard.iter().filter(|line| *line == "Say refused: Unavailable").count();
        assert!(numbers.is_sorted_by(|one, next| one < next), "u{sender} is overtaken");
        assert_eq!(numbers.len() + refused, ASKS, "u{sender}'s asks are lost or doubled");
    }
}
