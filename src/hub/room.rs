//! A room: who is in it, and one order for all that happens there.
//!
//! Synchronous and pure but for its exits: it pushes words to its members' outlets and asks the
//! store through the ports, waiting for neither. Time is an argument.

mod deeds;
mod roster;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::clock::Now;
use super::command::{Asker, Joined, Outcome, Refusal, Topic, UserKey, Verb};
use super::event::{Draft, Message, RoomRow};
use super::id::VoiceId;
use super::lane::{Lane, Reply, Telling};
use super::ports::{Fault, Ports, Presence, Receipt, Stored};
use super::voice::{self, Event, View, Voice};
use crate::limits;

pub(super) use deeds::{Change, Wanted};
pub use roster::Roster;

/// One room. **Invariant:** a message is told only after its receipt has come, in the order of
/// the receipts, which is the order of the history.
pub(super) struct Room {
    row: RoomRow,
    /// What the backplane calls the room: its realm and its code or number.
    key: Arc<str>,
    shard: usize,
    ports: Ports,
    roster: Roster,
    lanes: Vec<Lane>,
    seats: HashMap<VoiceId, Seat>,
    /// What was handed to the writer and has no receipt yet, oldest first.
    unwritten: VecDeque<Unwritten>,
    /// What is to be told in the next batch.
    tellings: Vec<Telling>,
    /// The number of the first of `tellings`, counted from the room's waking.
    position: u64,
    /// Who is typing, and until when.
    typing: HashMap<UserKey, (u64, Arc<Voice>)>,
    /// Comings and goings that the backplane's full queue did not take.
    untold: Vec<Presence>,
    used_ms: u64,
}

/// Where a voice sits.
#[derive(Clone, Copy)]
struct Seat {
    lane: usize,
    place: usize,
}

/// A message on its way to the disk.
struct Unwritten {
    from: Asker,
    topic: Topic,
    draft: Draft,
}

/// What a room asks the shard to read for it.
pub(super) struct HistoryWanted {
    pub(super) upto_seq: u64,
    pub(super) limit: u64,
    pub(super) then: AfterHistory,
}

/// What the messages that were read are for.
pub(super) struct AfterHistory {
    pub(super) from: Asker,
    pub(super) topic: Topic,
    pub(super) joined: Option<bool>,
}

impl Room {
    pub(super) fn new(row: RoomRow, shard: usize, ports: Ports, now: Now) -> Room {
        let key = match &row.code {
            Some(code) => format!("{}:{code}", row.realm),
            None => format!("{}:{}", row.realm, row.number),
        };
        Room {
            row,
            key: key.into(),
            shard,
            ports,
            roster: Roster::default(),
            lanes: Vec::new(),
            seats: HashMap::new(),
            unwritten: VecDeque::new(),
            tellings: Vec::new(),
            position: 0,
            typing: HashMap::new(),
            untold: Vec::new(),
            used_ms: now.up_ms,
        }
    }

    /// Whether nothing would be lost if the room were forgotten.
    pub(super) fn is_idle(&self, now: Now) -> bool {
        self.seats.is_empty()
            && self.unwritten.is_empty()
            && self.tellings.is_empty()
            && self.untold.is_empty()
            && now.up_ms >= self.used_ms + limits::ROOM_IDLE_MS
    }

    /// The writer's word on the oldest message that waits for it.
    pub(super) fn receipt(&mut self, receipt: Receipt) {
        let Some(unwritten) = self.unwritten.pop_front() else {
            tracing::error!(room = %self.row.id, "a receipt for nothing");
            return;
        };
        let Unwritten { from, topic, draft } = unwritten;
        let outcome = match receipt.outcome {
            Stored::New {
                id,
                seq,
                created_ms,
            } => {
                let message = Message {
                    id,
                    room: self.row.id,
                    seq,
                    author: Some(Arc::clone(from.who())),
                    kind: draft.kind,
                    text: draft.text,
                    parent: draft.parent,
                    extra: draft.extra,
                    created_ms,
                    updated_ms: created_ms,
                };
                self.row.last_seq = seq;
                self.row.updated_ms = created_ms;
                self.tell(Event::Said(message.clone()), voice_of(&from));
                Ok(Outcome::Said {
                    message,
                    again: false,
                })
            }
            Stored::Again(message) => Ok(Outcome::Said {
                message: *message,
                again: true,
            }),
            Stored::Failed(fault) => Err(self.refuse_for(&fault)),
        };
        self.answer(from, Verb::Say, topic, outcome);
    }

    /// What was read for a member or caller who asked for history.
    pub(super) fn history(&mut self, then: AfterHistory, messages: Result<Vec<Message>, Fault>) {
        let AfterHistory {
            from,
            topic,
            joined,
        } = then;
        let messages = messages.map_err(|fault| self.refuse_for(&fault));
        let Some(again) = joined else {
            return self.answer(from, Verb::History, topic, messages.map(Outcome::History));
        };
        let outcome = messages.map(|history| Outcome::Joined(Joined { again, history }));
        let seat = voice_of(&from).and_then(|voice| self.seats.get(&voice).copied());
        match (from, seat) {
            (Asker::Voice(to, ack), Some(seat)) => {
                let reply = Reply {
                    to,
                    ack,
                    verb: Verb::Join,
                    topic,
                    outcome,
                };
                let words = voice::solo(&reply.to.namespace, ack, |pen| reply.word(pen));
                self.lanes[seat.lane].release(seat.place, words);
            }
            (from, _) => self.answer(from, Verb::Join, topic, outcome),
        }
    }

    /// Adds an event to the next batch.
    fn tell(&mut self, event: Event, author: Option<VoiceId>) {
        self.tellings.push(Telling::Event(event, author));
    }

    /// Answers: a member in the batch, behind what it was told before; others at once.
    fn answer(&mut self, from: Asker, verb: Verb, topic: Topic, outcome: Result<Outcome, Refusal>) {
        match from {
            Asker::Call(_, reply) => {
                // The caller may have gone; then nobody wants the answer.
                let _ = reply.send(outcome);
            }
            Asker::Voice(to, ack) => {
                let reply = Reply {
                    to,
                    ack,
                    verb,
                    topic,
                    outcome,
                };
                if self.seats.contains_key(&reply.to.id) {
                    self.tellings.push(Telling::Answer(reply));
                } else {
                    reply.send();
                }
            }
        }
    }

    fn refuse_for(&self, fault: &Fault) -> Refusal {
        tracing::error!(room = %self.row.id, %fault, "the store refused");
        Refusal::Unavailable
    }

    /// Puts a batch of what is to be told into words. `true`: [`Room::deliver`] has work.
    pub(super) fn word(&mut self) -> bool {
        if self.tellings.is_empty() {
            return false;
        }
        let taken = batch_len(&self.tellings);
        let view = View {
            row: &self.row,
            roster: &self.roster,
        };
        let lanes = self
            .lanes
            .iter_mut()
            .enumerate()
            .filter(|(_, lane)| !lane.is_empty());
        for (at, lane) in lanes {
            let seats = &self.seats;
            lane.word(&self.tellings[..taken], self.position, &view, |voice| {
                seats
                    .get(&voice)
                    .filter(|seat| seat.lane == at)
                    .map(|seat| seat.place)
            });
        }
        self.tellings.drain(..taken);
        self.position += taken as u64;
        true
    }

    /// Hands the batch to some members. `true`: call again, after letting others run.
    pub(super) fn deliver(&mut self) -> bool {
        self.lanes.iter_mut().any(Lane::deliver)
    }

    /// Tells all that is to be told, without letting others run in between.
    fn flush(&mut self) {
        while self.word() {
            while self.deliver() {}
        }
    }

    /// Whether members have yet to be told something.
    pub(super) fn has_tellings(&self) -> bool {
        !self.tellings.is_empty()
    }

    /// The position of the next telling.
    fn next_position(&self) -> u64 {
        self.position + self.tellings.len() as u64
    }

    /// What time brings: typing that nobody ended, and what the backplane has yet to hear.
    pub(super) fn tick(&mut self, now: Now) {
        let over: Vec<UserKey> = self
            .typing
            .iter()
            .filter(|(_, (until_ms, _))| *until_ms <= now.up_ms)
            .map(|(user, _)| *user)
            .collect();
        for user in over {
            self.stop_typing(user);
        }
        for presence in std::mem::take(&mut self.untold) {
            self.announce(presence);
        }
    }

    /// Tells the backplane who came or went.
    fn announce(&mut self, presence: Presence) {
        if let Err(refused) = self.ports.presence.try_send(presence) {
            self.untold.push(refused.into_inner());
        }
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
fn batch_len(tellings: &[Telling]) -> usize {
    let mut bytes = 0;
    let fits = tellings.iter().take_while(|telling| {
        let fits = bytes < limits::BATCH_BYTES_MAX;
        bytes += telling.bytes();
        fits
    });
    fits.count()
}
