//! A room whose exits the test holds: it plays the shard, the store and the clock.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tokio::sync::{mpsc, oneshot};

use super::ear::Ear;
use super::tongue::Plain;
use crate::hub::clock::Now;
use crate::hub::comeback::Parting;
use crate::hub::command::{Ask, Asker, Deed, Join, Leave, Outcome, Refusal, Topic};
use crate::hub::event::{Address, Draft, Kind, Message, Person, Place, Role, RoomKind, RoomRow};
use crate::hub::id::{MessageId, Realm, RoomId, UserId, VoiceId};
use crate::hub::ports::{Fault, Ports, Presence, Receipt, Stored, Write};
use crate::hub::room::{Amending, HistoryWanted, Room, Tails, Want};
use crate::hub::telling::Ring;
use crate::hub::voice::{Tongue, Voice};

pub(super) const REALM: Realm = Realm("tests");
const START: Now = Now { wall_ms: 1_000_000, up_ms: 10_000 };

/// Somebody with an ear.
#[derive(Clone)]
pub(super) struct Guest {
    pub(super) voice: Arc<Voice>,
    pub(super) ear: Arc<Ear>,
}

/// A room on a stage.
pub(super) struct Stage {
    pub(super) room: Room,
    pub(super) now: Now,
    to_writer: mpsc::Sender<Write>,
    pub(super) writes: mpsc::Receiver<Write>,
    pub(super) presence: mpsc::Receiver<Presence>,
    pub(super) wants: Vec<Want>,
    tongue: Arc<dyn Tongue>,
    seq: u64,
}

/// The person with that number.
pub(super) fn person(id: u64) -> Arc<Person> {
    Arc::new(Person {
        realm: REALM,
        id: UserId(id),
        code: None,
        name: format!("u{id}").into(),
        nickname: None,
        profile: None,
    })
}

/// A room with members; the first of them owns it.
pub(super) fn row(kind: RoomKind, members: &[u64]) -> RoomRow {
    let role = |place| if place == 0 { Role::Owner } else { Role::Member };
    let members = members.iter().enumerate().map(|(place, id)| (person(*id), role(place)));
    let members: Vec<_> = members.collect();
    RoomRow {
        id: RoomId(7),
        realm: REALM,
        people: REALM,
        number: 3,
        kind,
        code: Some("room".into()),
        name: None,
        owner: members.first().map(|(owner, _)| owner.id),
        ends_ms: None,
        created_ms: 0,
        updated_ms: 0,
        last_seq: 0,
        members,
    }
}

/// The newest messages to be told.
pub(super) fn newest(limit: u64) -> Deed {
    Deed::History { limit, since: None }
}

/// Something to say.
pub(super) fn say(text: &str) -> Deed {
    Deed::Say(draft(text))
}

/// See [`say`].
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

/// A message as it is stored.
pub(super) fn message(seq: u64, by: u64, text: &str) -> Message {
    Message {
        id: MessageId(seq + 100),
        room: RoomId(7),
        seq,
        author: Some(person(by)),
        kind: Kind::Text,
        text: text.into(),
        parent: None,
        extra: None,
        created_ms: 1,
        updated_ms: 1,
    }
}

/// What every ask here is about.
pub(super) fn topic() -> Topic {
    Topic::Room(Place { realm: REALM, address: Address::Code("room".into()) })
}

/// A guest with a tongue and a spelling of the namespace.
pub(super) fn guest(user: u64, tongue: &Arc<dyn Tongue>, namespace: &str) -> Guest {
    static VOICES: AtomicU64 = AtomicU64::new(1);
    let id = VoiceId(VOICES.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    let ear = Arc::new(Ear::default());
    let voice = Voice {
        id,
        who: person(user),
        tongue: Arc::clone(tongue),
        namespace: namespace.into(),
        outlet: Arc::clone(&ear) as _,
    };
    Guest { voice: Arc::new(voice), ear }
}

impl Stage {
    /// An open room in which everyone hears everything.
    pub(super) fn open() -> Stage {
        Stage::of(row(RoomKind::Open, &[]))
    }

    /// That room.
    pub(super) fn of(row: RoomRow) -> Stage {
        Stage::with_queues(row, 10_000, 10_000)
    }

    /// An open room that those who were lost may come back to.
    pub(super) fn remembering() -> Stage {
        Stage::with(row(RoomKind::Open, &[]), (10_000, 10_000), Tails::new(60_000))
    }

    /// That room, with little room before its exits.
    pub(super) fn with_queues(row: RoomRow, writes_max: usize, presence_max: usize) -> Stage {
        Stage::with(row, (writes_max, presence_max), Tails::new(0))
    }

    fn with(row: RoomRow, (writes_max, presence_max): (usize, usize), tails: Tails) -> Stage {
        let (to_writer, writes) = mpsc::channel(writes_max);
        let (reads, _) = mpsc::channel(1);
        let (to_backplane, presence) = mpsc::channel(presence_max);
        let ports = Ports { writes: to_writer.clone(), reads, presence: to_backplane };
        let seq = row.last_seq;
        let room = Room::new(row, 0, ports, tails, START);
        let tongue: Arc<dyn Tongue> = Arc::new(Plain::EVERYONE);
        Stage { room, now: START, to_writer, writes, presence, wants: Vec::new(), tongue, seq }
    }

    /// Another tongue for the guests to come.
    pub(super) fn speaking(mut self, tongue: Plain) -> Stage {
        self.tongue = Arc::new(tongue);
        self
    }

    /// A voice of that user that has not joined.
    pub(super) fn guest(&self, user: u64) -> Guest {
        guest(user, &self.tongue, "/")
    }

    /// A voice of that user in the room, told of it, its ear emptied.
    pub(super) fn seated(&mut self, user: u64) -> Guest {
        let guest = self.guest(user);
        self.join(&guest);
        self.settle();
        guest.ear.lines();
        guest
    }

    /// Asks for a seat without history.
    pub(super) fn join(&mut self, guest: &Guest) {
        self.ask(guest, Deed::Join(Join::default()));
    }

    /// Gives the seat up.
    pub(super) fn leave(&mut self, guest: &Guest) {
        self.ask(guest, Deed::Leave(Leave::Voice));
    }

    /// Asks something without an ack.
    pub(super) fn ask(&mut self, guest: &Guest, deed: Deed) {
        self.ask_for(guest, None, deed);
    }

    /// Asks something.
    pub(super) fn ask_for(&mut self, guest: &Guest, ack: Option<u64>, deed: Deed) {
        let from = Asker::Voice(Arc::clone(&guest.voice), ack);
        self.room.ask(Ask { from, topic: topic(), deed }, self.now);
        self.see_to_wants();
    }

    /// Asks from outside any session.
    pub(super) fn call(
        &mut self,
        user: u64,
        deed: Deed,
    ) -> oneshot::Receiver<Result<Outcome, Refusal>> {
        let (reply, answer) = oneshot::channel();
        self.room
            .ask(Ask { from: Asker::Call(person(user), reply), topic: topic(), deed }, self.now);
        self.see_to_wants();
        answer
    }

    /// The session of a voice has closed.
    pub(super) fn gone(&mut self, guest: &Guest) {
        self.room.gone(guest.voice.id, Parting::Left, self.now);
        self.see_to_wants();
    }

    /// Time goes by, then the room looks at its clock.
    pub(super) fn tick_after(&mut self, ms: u64) {
        self.now = Now { wall_ms: self.now.wall_ms + ms, up_ms: self.now.up_ms + ms };
        self.room.tick(self.now);
        self.see_to_wants();
    }

    /// Hands the writer what is to be appended; the other wants are for the test.
    fn see_to_wants(&mut self) {
        for want in self.room.take_wants() {
            match want {
                Want::Append(append) => {
                    let handed_over = self.to_writer.try_send(Write::Appends(vec![append]));
                    if handed_over.is_err() {
                        self.room.untaken();
                    }
                }
                want => self.wants.push(want),
            }
        }
    }

    /// Tells the members all that is to be told.
    pub(super) fn settle(&mut self) {
        while self.room.word() {
            while self.room.deliver() {}
        }
    }

    /// Stores all that waits for the writer, and gives the room its receipts.
    pub(super) fn commit(&mut self) {
        while let Ok(write) = self.writes.try_recv() {
            if matches!(write, Write::Appends(_)) {
                self.seq += 1;
                let (id, seq) = (MessageId(self.seq + 100), self.seq);
                self.receipt(Stored::New { id, seq, created_ms: 1 });
            }
        }
    }

    /// Gives the room the receipt of the oldest message that waits.
    pub(super) fn receipt(&mut self, outcome: Stored) {
        self.room.receipt(Receipt { room: RoomId(7), outcome });
        self.see_to_wants();
    }

    /// The oldest history that the room wants.
    pub(super) fn history_wanted(&mut self) -> HistoryWanted {
        let place = self.wants.iter().position(|want| matches!(want, Want::History(_)));
        match self.wants.remove(place.expect("a history is wanted")) {
            Want::History(wanted) => wanted,
            _ => unreachable!("it was found as one"),
        }
    }

    /// Answers a wanted history.
    pub(super) fn history(&mut self, wanted: HistoryWanted, read: Result<Vec<Message>, Fault>) {
        self.room.history(wanted.then, read, self.now);
        self.see_to_wants();
    }

    /// The oldest change of the room that it wants.
    pub(super) fn amend_wanted(&mut self) -> Option<Amending> {
        let place = self.wants.iter().position(|want| matches!(want, Want::Amend(_)))?;
        match self.wants.remove(place) {
            Want::Amend(amending) => Some(amending),
            _ => unreachable!("it was found as one"),
        }
    }

    /// Answers a wanted change of the room.
    pub(super) fn amended(&mut self, amending: Amending, result: Result<bool, Fault>) {
        self.room.amended(amending, result, self.now);
        self.see_to_wants();
    }

    /// What is to be told elsewhere.
    pub(super) fn rings(&mut self) -> Vec<Ring> {
        let (rings, others) = std::mem::take(&mut self.wants)
            .into_iter()
            .partition(|want| matches!(want, Want::Ring(_)));
        self.wants = others;
        let ring = |want| match want {
            Want::Ring(ring) => ring,
            _ => unreachable!("it was found as one"),
        };
        Vec::into_iter(rings).map(ring).collect()
    }

    /// What the backplane was told: `+1`, `-1`.
    pub(super) fn comings(&mut self) -> Vec<String> {
        let told = std::iter::from_fn(|| self.presence.try_recv().ok());
        told.map(|presence| match presence {
            Presence::In(_, user) => format!("+{user}"),
            Presence::Out(_, user) => format!("-{user}"),
        })
        .collect()
    }

    /// The users in the room, sorted.
    pub(super) fn present(&self) -> Vec<u64> {
        let mut users: Vec<u64> = self.room.roster().people().map(|who| who.id.0).collect();
        users.sort_unstable();
        users
    }
}
