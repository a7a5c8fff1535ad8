//! A shard: the task that a part of the rooms lives in.
//!
//! Asks come in by one inbox. All that waits there is taken at once, the rooms do what is asked,
//! and only then are the members told: what came together goes out together.

mod appends;
mod held;
mod tell;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};

use self::appends::Appends;
use self::held::{hold, refuse};
use super::clock::{self, Now};
use super::comeback::{Parting, Return};
use super::command::{Ask, Asker, Refusal, Topic, Verb};
use super::directory::Directory;
use super::event::{Message, RoomRow};
use super::id::{IdMap, RoomId, VoiceId};
use super::peers::Peers;
use super::ports::{Append, Fault, Ports, Read, Receipt, RoomKey, Stretch, Write};
use super::room::{AfterHistory, Amending, Change, HistoryWanted, Room, Tails, Want};
use super::telling::Ring;
use crate::limits;

/// What a shard is told.
pub(super) enum Inbox {
    /// Something is asked of a room.
    Ask(RoomId, Ask),
    /// A voice's session has closed.
    Gone(RoomId, VoiceId, Parting),
    /// A voice comes in the place of one that was lost.
    Return(RoomId, Box<Return>),
    /// A voice that came back is to hear the room again.
    Release(RoomId, VoiceId),
    /// The row of a room that was asked something while it was not awake.
    Opened(RoomId, Result<Option<RoomRow>, Fault>),
    /// What the writer did.
    Receipts(Vec<Receipt>),
    /// What was read for [`Room::history`].
    History(RoomId, AfterHistory, Result<Vec<Message>, Fault>),
    /// What became of an [`Amending`].
    Amended(RoomId, Amending, Result<bool, Fault>),
    /// What happened in another room.
    Ring(Ring),
    /// Other nodes are out of reach (`true`), or back.
    BackplaneAway(bool),
    /// What became of a [`Change`].
    Changed(RoomId, Asker, Topic, Verb, Result<Option<Message>, Fault>),
}

/// See the module's head.
pub(super) struct Shard {
    number: usize,
    rooms: IdMap<RoomId, Slot>,
    ports: Ports,
    appends: Appends,
    tails: Tails,
    me: mpsc::WeakSender<Inbox>,
    peers: Peers,
    directory: Arc<Directory>,
    /// Rooms that may have something to tell.
    restless: Vec<RoomId>,
    /// Lent to whichever room is at work.
    wants: Vec<Want>,
    /// When the turn began.
    now: Now,
}

/// A room, awake or being woken.
enum Slot {
    Opening(Vec<Inbox>),
    /// A room, and until when it rests.
    Open(Box<Room>, Instant),
}

impl Shard {
    /// Shard `number`, with the sender of its own inbox.
    pub(super) fn new(
        number: usize,
        peers: Peers,
        directory: Arc<Directory>,
        ports: Ports,
        tails: Tails,
    ) -> Shard {
        Shard {
            number,
            rooms: IdMap::default(),
            appends: Appends::new(ports.writes.clone()),
            ports,
            tails,
            me: peers.0[number].clone(),
            peers,
            directory,
            restless: Vec::new(),
            wants: Vec::new(),
            now: clock::now(),
        }
    }

    /// Runs until every sender of the inbox is gone; says in its place how many rooms it has.
    pub(super) async fn run(mut self, mut inbox: mpsc::Receiver<Inbox>, rooms: Arc<[AtomicUsize]>) {
        let mut waiting = Vec::with_capacity(limits::INBOX_PER_TURN_MAX);
        let mut tick = tokio::time::interval(Duration::from_millis(limits::SHARD_TICK_MS));
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                taken = inbox.recv_many(&mut waiting, limits::INBOX_PER_TURN_MAX) => {
                    if taken == 0 {
                        return;
                    }
                    gather(&mut inbox, &mut waiting).await;
                    self.now = clock::now();
                    waiting.drain(..).for_each(|item| self.take(item));
                }
                () = self.rested() => {}
                _ = tick.tick() => {
                    self.now = clock::now();
                    self.tick();
                }
            }
            self.appends.hand_over();
            rooms[self.number].store(self.rooms.len(), Ordering::Relaxed);
            self.tell().await;
        }
    }

    /// When the first of the rooms that rest has rested; never, where none does.
    fn rested(&self) -> impl Future<Output = ()> + use<> {
        let rooms = self.restless.iter().filter_map(|id| match self.rooms.get(id) {
            Some(Slot::Open(_, rests_until)) => Some(*rests_until),
            _ => None,
        });
        let first = rooms.min();
        async move {
            match first {
                Some(first) => tokio::time::sleep_until(first).await,
                None => std::future::pending().await,
            }
        }
    }

    fn take(&mut self, item: Inbox) {
        match item {
            Inbox::Ask(room, _)
            | Inbox::Gone(room, ..)
            | Inbox::Return(room, _)
            | Inbox::Release(room, _) => self.visit(room, item),
            Inbox::Opened(room, row) => self.opened(room, row),
            Inbox::Receipts(receipts) => {
                self.appends.written(receipts.len());
                for receipt in receipts {
                    self.with_room(receipt.room, |room| room.receipt(receipt));
                }
            }
            Inbox::History(id, then, messages) => {
                let now = self.now;
                self.with_room(id, |room| room.history(then, messages, now));
            }
            Inbox::Changed(id, from, topic, verb, changed) => {
                self.with_room(id, |room| room.changed(from, topic, verb, changed));
            }
            Inbox::Amended(id, amending, result) => {
                let now = self.now;
                self.with_room(id, |room| room.amended(amending, result, now));
            }
            Inbox::Ring(ring) => {
                let id = ring.to.fleeting_id();
                // Where nobody sits, nobody is told.
                if matches!(self.rooms.get(&id), Some(Slot::Open(..))) {
                    self.with_room(id, |room| room.hear_ring(ring));
                }
            }
            Inbox::BackplaneAway(is_away) => {
                let fleeting = self.rooms.keys().filter(|id| id.is_fleeting());
                for id in fleeting.copied().collect::<Vec<_>>() {
                    self.with_room(id, |room| room.backplane_away(is_away));
                }
            }
        }
    }

    /// Brings an ask to its room, waking it first where it sleeps.
    fn visit(&mut self, id: RoomId, item: Inbox) {
        match self.rooms.get_mut(&id) {
            Some(Slot::Open(..)) => self.do_in(id, item),
            Some(Slot::Opening(held)) => hold(held, item),
            // Nobody sits in a room that sleeps, and nobody can come back to it.
            None if matches!(item, Inbox::Gone(..) | Inbox::Release(..)) => {}
            None if matches!(item, Inbox::Return(..)) => refuse(item, Refusal::Unavailable),
            None if id.is_fleeting() => self.wake_fleeting(id, item),
            None => self.wake(id, item),
        }
    }

    fn do_in(&mut self, id: RoomId, item: Inbox) {
        let now = self.now;
        self.with_room(id, |room| match item {
            Inbox::Ask(_, ask) => room.ask(ask, now),
            Inbox::Gone(_, voice, parting) => room.gone(voice, parting, now),
            Inbox::Return(_, back) => room.come_back(*back, now),
            Inbox::Release(_, voice) => room.release(voice),
            _ => {}
        });
    }

    fn wake_fleeting(&mut self, id: RoomId, item: Inbox) {
        if let Inbox::Ask(_, Ask { topic: Topic::Room(place), .. }) = &item {
            let row = RoomRow::fleeting(place);
            let room = self.new_room(row);
            self.rooms.insert(id, Slot::Open(Box::new(room), Instant::now()));
            self.do_in(id, item);
        }
    }

    fn new_room(&self, row: RoomRow) -> Room {
        Room::new(row, self.number, self.ports.clone(), self.tails.clone(), self.now)
    }

    fn wake(&mut self, id: RoomId, item: Inbox) {
        let Ok(permit) = self.ports.reads.try_reserve() else {
            return refuse(item, Refusal::Unavailable);
        };
        let me = self.me.clone();
        permit.send(Read::Room(
            RoomKey::Id(id),
            Box::new(move |row| post(&me, Inbox::Opened(id, row))),
        ));
        self.rooms.insert(id, Slot::Opening(vec![item]));
    }

    fn opened(&mut self, id: RoomId, row: Result<Option<RoomRow>, Fault>) {
        let Some(Slot::Opening(held)) = self.rooms.remove(&id) else {
            return;
        };
        match row {
            Ok(Some(row)) => {
                let room = self.new_room(row);
                self.rooms.insert(id, Slot::Open(Box::new(room), Instant::now()));
                held.into_iter().for_each(|item| self.do_in(id, item));
            }
            Ok(None) => {
                // Whoever looked its name up before it went may have noted it after.
                self.directory.forget(id);
                held.into_iter().for_each(|item| refuse(item, Refusal::NoSuchRoom));
            }
            Err(fault) => {
                tracing::error!(room = %id, %fault, "a room could not be read");
                held.into_iter().for_each(|item| refuse(item, Refusal::Unavailable));
            }
        }
    }

    /// Lets a room that is awake do something, and sees to what it wants of the store.
    fn with_room(&mut self, id: RoomId, deed: impl FnOnce(&mut Room)) {
        let Some(Slot::Open(room, _)) = self.rooms.get_mut(&id) else {
            tracing::error!(room = %id, "an answer for a room that sleeps");
            return;
        };
        let mut wants = std::mem::take(&mut self.wants);
        room.trade_wants(&mut wants);
        debug_assert!(wants.is_empty(), "a room's wants are seen to when they come up");
        deed(room);
        room.trade_wants(&mut wants);
        self.restless.push(id);
        for want in wants.drain(..) {
            self.fulfil(id, want);
        }
        self.wants = wants;
    }

    fn fulfil(&mut self, id: RoomId, want: Want) {
        match want {
            Want::Append(append) => self.append(append),
            Want::History(wanted) => self.read(id, wanted),
            Want::Change(change) => self.change(id, change),
            Want::Amend(amending) => self.amend(id, amending),
            Want::Ring(ring) => self.peers.ring(ring),
            Want::Forget => self.directory.forget(id),
        }
    }

    fn append(&mut self, append: Append) {
        let room = append.room;
        if !self.appends.gather(append) {
            self.with_room(room, Room::untaken);
        }
    }

    fn amend(&mut self, id: RoomId, amending: Amending) {
        self.appends.hand_over();
        let Some(Slot::Open(room, _)) = self.rooms.get(&id) else { return };
        let row = room.row().clone();
        let Ok(permit) = self.ports.writes.try_reserve() else {
            return self.take(Inbox::Amended(id, amending, Err(Fault::Busy)));
        };
        let (amend, who) = (amending.amend.clone(), amending.from.who().id);
        let me = self.me.clone();
        let reply = Box::new(move |result| post(&me, Inbox::Amended(id, amending, result)));
        permit.send(amend.write(&row, who, reply));
    }

    fn read(&mut self, id: RoomId, wanted: HistoryWanted) {
        let HistoryWanted { upto_seq, limit, since, then } = wanted;
        let Ok(permit) = self.ports.reads.try_reserve() else {
            return self.take(Inbox::History(id, then, Err(Fault::Busy)));
        };
        let stretch = Stretch { room: id, upto_seq, since, skip: 0, limit };
        let me = self.me.clone();
        permit.send(Read::Messages(
            stretch,
            Box::new(move |read| {
                post(&me, Inbox::History(id, then, read.map(|(messages, _)| messages)));
            }),
        ));
    }

    fn change(&mut self, id: RoomId, change: Change) {
        let Change { message, text, from, topic } = change;
        let verb = if text.is_some() { Verb::Edit } else { Verb::Delete };
        self.appends.hand_over();
        let Ok(permit) = self.ports.writes.try_reserve() else {
            return self.take(Inbox::Changed(id, from, topic, verb, Err(Fault::Busy)));
        };
        let me = self.me.clone();
        let reply = Box::new(move |changed| {
            post(&me, Inbox::Changed(id, from, topic, verb, changed));
        });
        permit.send(match text {
            Some(text) => Write::Edit(id, message.id, text, reply),
            None => Write::Delete(id, message.id, reply),
        });
    }

    fn tick(&mut self) {
        let now = self.now;
        self.rooms.retain(|_, slot| match slot {
            Slot::Open(room, _) => !room.is_idle(now),
            Slot::Opening(_) => true,
        });
        let mut wants = Vec::new();
        for (id, slot) in &mut self.rooms {
            if let Slot::Open(room, _) = slot {
                room.tick(now);
                wants.extend(room.take_wants().into_iter().map(|want| (*id, want)));
                if room.has_tellings() {
                    self.restless.push(*id);
                }
            }
        }
        for (id, want) in wants {
            self.fulfil(id, want);
        }
    }
}

/// Takes what else comes to the inbox in this turn. The connection that woke the shard is often
/// the first of many that have something to ask: those that are ready go first, once.
async fn gather(inbox: &mut mpsc::Receiver<Inbox>, waiting: &mut Vec<Inbox>) {
    tokio::task::yield_now().await;
    while waiting.len() < limits::INBOX_PER_TURN_MAX
        && let Ok(item) = inbox.try_recv()
    {
        waiting.push(item);
    }
}

/// Sends from a thread of the store's, which may wait for a shard; a shard never waits for it.
fn post(to: &mpsc::WeakSender<Inbox>, item: Inbox) {
    if let Some(to) = to.upgrade() {
        // The shard may have stopped; then nobody waits for the answer.
        let _ = to.blocking_send(item);
    }
}
