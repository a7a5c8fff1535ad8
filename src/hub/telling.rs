//! What a room has to tell: events for all in it, answers for one.

use std::sync::Arc;

use super::command::{Arrival, Ask, Asker, Outcome, Refusal, Topic, Verb};
use super::event::{Message, Place, RoomRow};
use super::id::VoiceId;
use super::refusals;
use super::room::Roster;
use super::voice::{self, Answer, Audience, Event, Pen, Voice};
use crate::limits;

/// One thing to tell.
pub(super) enum Telling {
    /// Something that happened.
    Event(Told),
    /// An answer to a member of the room.
    Answer(Reply),
}

/// An event, and who is not to hear it like everybody else.
pub(super) struct Told {
    pub(super) event: Event,
    /// The voice whose deed it was.
    pub(super) author: Option<VoiceId>,
    /// The room it happened in, where that is another one.
    pub(super) about: Option<Arc<RoomRow>>,
    /// Voices that have heard it already.
    pub(super) except: Vec<VoiceId>,
}

/// How much hangs on a client's hearing something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    /// Nothing that an offset could tell.
    Light,
    /// A history, which may end in a string that a client takes for an offset.
    History,
    /// The answer to a join: the client knows that it sits here.
    Seat,
    /// An event that is not to be missed.
    Lasting,
}

impl Told {
    /// Whether a packet of it is for that voice.
    pub(super) fn is_heard(&self, voice: VoiceId, audience: Audience) -> bool {
        !self.except.contains(&voice)
            && match audience {
                Audience::Everyone => true,
                Audience::Others => self.author != Some(voice),
                Audience::Author => self.author == Some(voice),
            }
    }
}

/// An event of one room for those who are in another: a user's own, mostly.
pub(super) struct Ring {
    pub(super) to: Place,
    pub(super) event: Event,
    pub(super) about: Arc<RoomRow>,
    pub(super) except: Vec<VoiceId>,
}

/// An answer with all that its tongue needs to word it.
pub(super) struct Reply {
    pub(super) to: Arc<Voice>,
    pub(super) ack: Option<u64>,
    pub(super) verb: Verb,
    pub(super) topic: Topic,
    pub(super) room: Option<Arc<RoomRow>>,
    pub(super) outcome: Result<Outcome, Refusal>,
}

/// What a dialect wraps around words.
const WRAPPING_BYTES: usize = 100;
/// Somebody in a list of people: an id and a name.
const PERSON_BYTES: usize = 50;

fn message_bytes(said: &Message) -> usize {
    let extra_bytes = said.extra.as_ref().map_or(0, |extra| extra.len());
    WRAPPING_BYTES + said.text.literal().len() + extra_bytes
}

impl Telling {
    /// How much hangs on its being heard.
    pub(super) fn weight(&self) -> Weight {
        match self {
            Telling::Event(told) if told.event.is_lasting() => Weight::Lasting,
            Telling::Answer(Reply { outcome: Ok(Outcome::Joined(_)), .. }) => Weight::Seat,
            Telling::Answer(Reply { outcome: Ok(Outcome::History(_)), .. }) => Weight::History,
            Telling::Event(_) | Telling::Answer(_) => Weight::Light,
        }
    }

    /// Whether it tells all in the room that somebody came or went.
    pub(super) fn changes_roster(&self) -> bool {
        matches!(self, Telling::Event(Told { event: Event::Joined(_) | Event::Left(_), .. }))
    }

    /// About how many bytes its words take, in a room with so many people. The lists of them that
    /// events bring are bounded apart ([`first_list`]); each answer to whoever has crossed over
    /// brings its own.
    pub(super) fn bytes(&self, people: usize) -> usize {
        let more_bytes = match self {
            Telling::Event(Told { event: Event::Said(said) | Event::Edited(said), .. }) => {
                message_bytes(said)
            }
            Telling::Answer(Reply { outcome: Ok(Outcome::History(said)), .. }) => {
                said.iter().map(message_bytes).sum()
            }
            Telling::Answer(Reply { outcome: Ok(Outcome::Joined(joined)), .. }) => {
                let told = if joined.arrival == Arrival::Crossed { people } else { 0 };
                told * PERSON_BYTES + joined.history.iter().map(message_bytes).sum::<usize>()
            }
            _ => 0,
        };
        WRAPPING_BYTES + more_bytes
    }
}

/// The place of the first telling in a batch that may list all the people in the room, of whom
/// there are so many: the lists together have about [`limits::BATCH_BYTES_MAX`], but the last
/// change is listed always.
pub(super) fn first_list(tellings: &[Telling], people: usize) -> usize {
    let lists = limits::BATCH_BYTES_MAX / (people * PERSON_BYTES).max(1);
    let changes = tellings.iter().enumerate().rev().filter(|(_, telling)| telling.changes_roster());
    changes.take(lists.max(1)).last().map_or(0, |(place, _)| place)
}

impl Reply {
    /// Puts the answer into words; `roster`: of the room, for one who sits there.
    pub(super) fn word(&self, roster: Option<&Roster>, pen: &mut Pen<'_>) {
        let answer = Answer {
            verb: self.verb,
            topic: &self.topic,
            to: &self.to,
            room: self.room.as_deref(),
            roster,
            outcome: self.outcome.as_ref(),
        };
        self.to.tongue.answer(&answer, pen);
    }

    /// Words the answer and sends it at once, to whoever is not in the room.
    pub(super) fn send(&self) {
        let frames = voice::solo(&self.to.namespace, self.ack, |pen| self.word(None, pen));
        if self.is_history() {
            self.to.outlet.allow(frames.len());
        }
        if !frames.is_empty() {
            self.to.outlet.push(&[frames]);
        }
    }

    /// Whether it may be longer than an outlet's usual bounds.
    pub(super) fn is_history(&self) -> bool {
        matches!(self.outcome, Ok(Outcome::History(_)))
    }
}

/// Answers an ask that never came to a room.
pub(super) fn refuse(ask: Ask, refusal: Refusal) {
    refusals::count(&refusal);
    let verb = ask.deed.verb();
    match ask.from {
        Asker::Voice(to, ack) => {
            let outcome = Err(refusal);
            Reply { to, ack, verb, topic: ask.topic, room: None, outcome }.send();
        }
        Asker::Call(_, reply) => {
            // The caller may have gone; then nobody wants the answer.
            let _ = reply.send(Err(refusal));
        }
    }
}
