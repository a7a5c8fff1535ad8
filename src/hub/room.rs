//! A room: who is in it, and one order for all that happens there.
//!
//! Synchronous and pure but for its exits: it pushes words to its members' outlets, hands messages
//! to the writer, and lists what else it wants of the store and of other rooms. It waits for
//! nothing. Time is an argument.

mod absence;
mod amends;
#[cfg(test)]
mod audit;
mod deeds;
mod outcomes;
mod roster;
mod seats;
mod tail;
mod wants;

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use super::clock::Now;
use super::command::{Asker, Outcome, Refusal, Topic, UserKey, Verb};
use super::event::{Draft, Place, RoomRow};
use super::id::{IdMap, UserId, VoiceId};
use super::lane::{Lane, Part, Spread, Words};
use super::ports::{Fault, Ports};
use super::refusals;
use super::telling::{Reply, Ring, Telling, Told};
use super::voice::{Delivery, Event, View, Voice};
use crate::limits;

use absence::Absence;
pub use roster::Roster;
use seats::{Seat, Waiting};
use tail::Tail;
pub(super) use tail::Tails;
pub(super) use wants::{AfterHistory, Amending, Change, HistoryWanted, Joining, Want};

/// One room. **Invariant:** a message is told only after its receipt has come, in the order of
/// the receipts, which is the order of the history.
pub(super) struct Room {
    row: Arc<RoomRow>,
    /// The last `seq` whose receipt has come.
    last_seq: u64,
    /// What the backplane calls the room: its realm and its code or number.
    key: Arc<str>,
    shard: usize,
    ports: Ports,
    roster: Roster,
    lanes: Vec<Lane>,
    seats: IdMap<VoiceId, Seat>,
    /// Those who want a seat that somebody may have left without saying so.
    waiting: Vec<Waiting>,
    /// What was handed to the writer and has no receipt yet, oldest first.
    unwritten: VecDeque<Unwritten>,
    /// What is to be told in the next batch.
    tellings: Vec<Telling>,
    /// The number of the first of `tellings`, counted from the room's waking.
    position: u64,
    /// What was told lately.
    tail: Tail,
    /// Lost voices that had a seat here.
    absent: HashMap<VoiceId, Absence>,
    /// Voices that come back and wait for their release, with the words of a seat that they have
    /// lost meanwhile.
    returning: HashMap<VoiceId, (Arc<Voice>, Words)>,
    /// Until when there may be others that are not remembered.
    amnesia_until_ms: u64,
    /// Who is typing, and until when.
    typing: BTreeMap<UserKey, (u64, Arc<Voice>)>,
    /// Comings (`true`) and goings that the backplane's full queue did not take. A coming and a
    /// going that follow each other there are as if neither had been.
    untold: HashMap<UserId, bool>,
    /// Whether the writer is at a change of the room, and those that wait for it.
    is_amending: bool,
    amendments: VecDeque<Amending>,
    /// What the shard is asked to do.
    wants: Vec<Want>,
    /// Wants whose answer has not come.
    unanswered: usize,
    /// How many seats were given so far.
    sittings: u64,
    is_gone: bool,
    used_ms: u64,
}

/// A message on its way to the disk.
struct Unwritten {
    from: Asker,
    topic: Topic,
    draft: Draft,
}

impl Room {
    pub(super) fn new(row: RoomRow, shard: usize, ports: Ports, tails: Tails, now: Now) -> Room {
        let key = match &row.code {
            Some(code) => format!("{}:{code}", row.realm),
            None => format!("{}:{}", row.realm, row.number),
        };
        Room {
            last_seq: row.last_seq,
            row: Arc::new(row),
            key: key.into(),
            shard,
            ports,
            roster: Roster::default(),
            lanes: Vec::new(),
            seats: IdMap::default(),
            waiting: Vec::new(),
            unwritten: VecDeque::new(),
            tellings: Vec::new(),
            position: 0,
            tail: Tail::new(tails, now.up_ms),
            absent: HashMap::new(),
            returning: HashMap::new(),
            amnesia_until_ms: 0,
            typing: BTreeMap::new(),
            untold: HashMap::new(),
            is_amending: false,
            amendments: VecDeque::new(),
            wants: Vec::new(),
            unanswered: 0,
            sittings: 0,
            is_gone: false,
            used_ms: now.up_ms,
        }
    }

    /// Whether nothing would be lost if the room were forgotten.
    pub(super) fn is_idle(&self, now: Now) -> bool {
        self.roster.is_empty()
            && self.waiting.is_empty()
            && self.unwritten.is_empty()
            && self.tellings.is_empty()
            && self.untold.is_empty()
            && self.absent.is_empty()
            && self.unanswered == 0
            && (self.is_gone || now.up_ms >= self.used_ms + limits::ROOM_IDLE_MS)
    }

    /// What the shard is asked to do, once.
    pub(super) fn take_wants(&mut self) -> Vec<Want> {
        std::mem::take(&mut self.wants)
    }

    /// Takes an empty list for what the shard is to be asked, and gives back the one it had.
    pub(super) fn trade_wants(&mut self, list: &mut Vec<Want>) {
        std::mem::swap(&mut self.wants, list);
    }

    fn want(&mut self, want: Want) {
        self.unanswered += usize::from(want.is_answered());
        self.wants.push(want);
    }

    /// The answer to a want has come.
    fn answered(&mut self) {
        self.unanswered = self.unanswered.saturating_sub(1);
    }

    /// Adds an event to the next batch.
    fn tell(&mut self, event: Event, author: Option<VoiceId>) {
        let told = Told { event, author, about: None, except: Vec::new() };
        self.tellings.push(Telling::Event(told));
    }

    /// Tells what happened in another room.
    pub(super) fn hear_ring(&mut self, ring: Ring) {
        let Ring { event, about, except, .. } = ring;
        let told = Told { event, author: None, about: Some(about), except };
        self.tellings.push(Telling::Event(told));
    }

    /// Tells every voice in a lobby that other nodes are out of reach, or back.
    pub(super) fn backplane_away(&mut self, is_away: bool) {
        self.tell(Event::BackplaneAway(is_away), None);
    }

    /// Has an event told in a user's personal room, to those voices that do not hear it here.
    fn ring(&mut self, user: UserId, event: Event) {
        let to = Place::personal(self.row.realm, user);
        let user_key = (self.row.people, user);
        let mut except = self.roster.voices(&user_key).to_vec();
        except.extend(self.absent_voices(user_key));
        self.want(Want::Ring(Ring { to, event, about: Arc::clone(&self.row), except }));
    }

    /// Answers: a member in the batch, behind what it was told before; others at once.
    fn answer(&mut self, from: Asker, verb: Verb, topic: Topic, outcome: Result<Outcome, Refusal>) {
        if let Err(refusal) = &outcome {
            refusals::count(refusal);
        }
        match from {
            Asker::Call(_, reply) => {
                // The caller may have gone; then nobody wants the answer.
                let _ = reply.send(outcome);
            }
            Asker::Voice(to, ack) => {
                let room = Some(Arc::clone(&self.row));
                let reply = Reply { to, ack, verb, topic, room, outcome };
                if self.seats.contains_key(&reply.to.id) {
                    self.tellings.push(Telling::Answer(reply));
                } else {
                    reply.send();
                }
            }
        }
    }

    fn refuse_for(&self, fault: &Fault) -> Refusal {
        if let Fault::Taken(what) = fault {
            return Refusal::Taken(what);
        }
        tracing::error!(room = %self.row.id, %fault, "the store refused");
        Refusal::Unavailable
    }

    /// Whether members have yet to be told something.
    pub(super) fn has_tellings(&self) -> bool {
        !self.tellings.is_empty()
    }

    /// Puts a batch of what is to be told into words. `true`: [`Room::deliver`] has work.
    pub(super) fn word(&mut self) -> bool {
        if self.tellings.is_empty() {
            return false;
        }
        let taken = batch_len(&self.tellings, self.roster.len());
        let view = View { row: &self.row, roster: &self.roster, is_changing: false };
        let lanes = self.lanes.iter_mut().enumerate().filter(|(_, lane)| !lane.is_empty());
        for (at, lane) in lanes {
            let seats = &self.seats;
            lane.word(&self.tellings[..taken], self.position, &view, |voice| {
                seats.get(&voice).filter(|seat| seat.lane == at).map(|seat| seat.place)
            });
        }
        self.tail.keep(self.tellings.drain(..taken), self.position);
        self.position += taken as u64;
        true
    }

    /// Cuts the batch into parts where members are many: all but what [`Room::deliver`] hands out
    /// itself. Nothing may be asked of the room until they are through.
    pub(super) fn parts(&mut self, spread: Spread) -> Vec<Part> {
        self.lanes.iter_mut().flat_map(|lane| lane.parts(spread)).collect()
    }

    /// How many are still to be handed the batch here.
    pub(super) fn left(&self) -> usize {
        self.lanes.iter().map(Lane::left).sum()
    }

    /// Adds to a volley what the next members are told, so many of them at most. The volley is to
    /// be sent, and [`Room::advance`] told the same number.
    pub(super) fn aim<'a>(&'a self, mut most: usize, volley: &mut Vec<Delivery<'a>>) {
        for lane in &self.lanes {
            most -= lane.aim(most, volley);
        }
    }

    /// So many more were handed the batch. `true`: there are more.
    pub(super) fn advance(&mut self, mut most: usize) -> bool {
        for lane in &mut self.lanes {
            most -= lane.advance(most);
        }
        self.left() > 0
    }

    /// Hands the batch to some members. `true`: call again, after letting others run.
    pub(super) fn deliver(&mut self) -> bool {
        let most = limits::PUSHES_PER_TURN_MAX;
        let mut volley = Vec::with_capacity(self.left().min(most));
        self.aim(most, &mut volley);
        Delivery::send_all(&volley);
        self.advance(most)
    }

    /// Tells all that is to be told, without letting others run in between.
    fn flush(&mut self) {
        while self.word() {
            while self.deliver() {}
        }
    }

    /// The position of the next telling.
    fn next_position(&self) -> u64 {
        self.position + self.tellings.len() as u64
    }

    /// The same, and behind every offset that was told so far.
    fn fresh_position(&mut self) -> u64 {
        if self.tellings.is_empty() {
            self.position += 1;
        }
        self.next_position()
    }
}

/// The voice that asks, where one does.
fn voice_of(from: &Asker) -> Option<VoiceId> {
    match from {
        Asker::Voice(voice, _) => Some(voice.id),
        Asker::Call(..) => None,
    }
}

/// How many tellings make one batch: at least one, and about [`limits::BATCH_BYTES_MAX`].
fn batch_len(tellings: &[Telling], people: usize) -> usize {
    let mut bytes = 0;
    let fits = tellings.iter().take_while(|telling| {
        let fits = bytes < limits::BATCH_BYTES_MAX;
        bytes += telling.bytes(people);
        fits
    });
    fits.count()
}
