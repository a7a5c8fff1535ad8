//! The hub's side of a socket: who speaks, in which tongue, and where words for them go.
//!
//! A dialect implements [`Tongue`], the network implements [`Outlet`]; the hub knows neither.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use polylogue_protocol::frame::Frames;
use polylogue_protocol::sio::encode as sio;
use serde::Serialize;
use serde_json::value::RawValue;

use super::command::{Outcome, Refusal, Topic, Verb};
use super::event::{Message, Person, RoomRow};
use super::id::{LaneId, VoiceId};
use super::offset::Upto;
use super::room::Roster;
use super::trail::End;

/// A voice: one dialect's grant on one session. A room's members are voices.
pub struct Voice {
    /// Unique while the process lives.
    pub id: VoiceId,
    /// Who speaks.
    pub who: Arc<Person>,
    /// How facts are put into words for this voice.
    pub tongue: Arc<dyn Tongue>,
    /// The namespace, as the client spelled it.
    pub namespace: Arc<str>,
    /// Where the words go.
    pub outlet: Arc<dyn Outlet>,
}

impl fmt::Debug for Voice {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Voice({} {})", self.id, self.who.name)
    }
}

/// Words for one connection.
pub struct Delivery<'a> {
    /// The way to it.
    pub to: &'a dyn Outlet,
    /// Whole sealed frames.
    pub frames: &'a [Bytes],
    /// The offset that they end in.
    pub upto: Option<Upto>,
}

impl Delivery<'_> {
    /// Sends all of them, the cheapest way that the first one's outlet knows.
    pub(super) fn send_all(all: &[Delivery<'_>]) {
        if let Some(first) = all.first() {
            first.to.send_all(all);
        }
    }

    /// Sends them.
    pub fn send(&self) {
        match self.upto {
            Some(upto) => self.to.tell(self.frames, upto),
            None => self.to.push(self.frames),
        }
    }
}

/// The way out to one connection.
pub trait Outlet: Any + Send + Sync {
    /// Sends words to many, of whom this is the first: an outlet may know a cheaper way than one
    /// after the other. Who is named twice hears the first words first.
    fn send_all(&self, deliveries: &[Delivery<'_>]) {
        deliveries.iter().for_each(Delivery::send);
    }

    /// Sends whole sealed frames, in order, without waiting. Past its bounds the connection is
    /// closed; then, and ever after, frames are dropped.
    fn push(&self, frames: &[Bytes]);

    /// The same with words that end in an offset.
    fn tell(&self, frames: &[Bytes], _upto: Upto) {
        self.push(frames);
    }

    /// Notes that the client sits in a lane from that position on, of which nothing was said.
    fn sat(&self, _lane: LaneId, _from: u64) {}

    /// Notes that a seat was taken away, of which the client was told.
    fn stood(&self, _end: End) {}

    /// Makes room for words that were asked for and are longer than the usual bounds: a history.
    fn allow(&self, bytes: usize);

    /// Whether the receiver is so far behind that volatile words are left out, as many packets
    /// as are named here. They are counted.
    fn leaves_out(&self, packets: u64) -> bool;

    /// When anything was last heard from the connection, in ms by [`crate::hub::clock::up_ms`];
    /// now, while what it said is still being heard.
    fn heard_ms(&self) -> u64;

    /// Asks the client for a sign of life.
    fn ping(&self);

    /// Closes the connection because its client gives no sign of life.
    fn give_up(&self);

    /// Closes the connection because more waits for it than its bounds allow.
    fn overrun(&self);
}

/// How a dialect puts facts into words. Pure: words go to the pen and nowhere else.
pub trait Tongue: Send + Sync {
    /// Tells an event to a lane: called once for all the voices in it.
    fn tell(&self, event: &Event, room: &View<'_>, pen: &mut Pen<'_>);

    /// Whether an event is worth nothing to whoever is behind: it is left out for them, while
    /// what people say never is. Typing, unless the dialect names more.
    fn is_volatile(&self, event: &Event, _room: &View<'_>) -> bool {
        matches!(event, Event::Typing(..))
    }

    /// Answers the voice that asked.
    fn answer(&self, answer: &Answer<'_>, pen: &mut Pen<'_>);
}

/// What happened in a room, for all in it to hear.
#[derive(Clone, Debug)]
pub enum Event {
    /// A user who was not in the room is.
    Joined(Arc<Person>),
    /// A user's last voice has left.
    Left(Arc<Person>),
    /// A message is stored.
    Said(Message),
    /// A message has new words.
    Edited(Message),
    /// A message is gone.
    Deleted(Message),
    /// Somebody started (`true`) or stopped typing.
    Typing(Arc<Person>, bool),
    /// Somebody (the second) was made a member by somebody (the first).
    MemberAdded(Arc<Person>, Arc<Person>),
    /// Somebody (the second) was taken out by somebody (the first). They are told as well.
    MemberRemoved(Arc<Person>, Arc<Person>),
    /// A member has resigned; the room may have another owner now.
    MemberResigned(Arc<Person>),
    /// A room that the hearer is a member of was made. Told in personal rooms.
    RoomOpened(Arc<Person>),
    /// The room has another name.
    Renamed,
    /// The room's end has come; all are taken out.
    Ended,
    /// The room is gone.
    Dropped,
    /// What other nodes know cannot be reached (`true`), or can be again. Told in lobbies.
    BackplaneAway(bool),
}

impl Event {
    /// Whether somebody who was away for a moment is told of it, too. Who comes and goes, and who
    /// is typing, has passed by then.
    #[must_use]
    pub fn is_lasting(&self) -> bool {
        match self {
            Event::Joined(_) | Event::Left(_) | Event::Typing(..) | Event::BackplaneAway(_) => {
                false
            }
            Event::Said(_)
            | Event::Edited(_)
            | Event::Deleted(_)
            | Event::MemberAdded(..)
            | Event::MemberRemoved(..)
            | Event::MemberResigned(_)
            | Event::RoomOpened(_)
            | Event::Renamed
            | Event::Ended
            | Event::Dropped => true,
        }
    }
}

/// The answer to an ask.
pub struct Answer<'a> {
    /// What was asked.
    pub verb: Verb,
    /// What it was about, as the asker spelled it.
    pub topic: &'a Topic,
    /// Who asked.
    pub to: &'a Voice,
    /// The room, where the ask came as far as one.
    pub room: Option<&'a RoomRow>,
    /// Who is in it, where the asker is.
    pub roster: Option<&'a Roster>,
    /// What came of it.
    pub outcome: Result<&'a Outcome, &'a Refusal>,
}

/// A room as a tongue may see it.
#[derive(Clone, Copy)]
pub struct View<'a> {
    /// Its names.
    pub row: &'a RoomRow,
    /// Who is in it.
    pub roster: &'a Roster,
    /// Whether so many come and go later in the same batch that a tongue which tells everybody
    /// who is in the room must leave it to those: it is the same roster.
    pub is_changing: bool,
}

/// Which voices of a lane a frame is for. The author is the voice whose deed made the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// All of them.
    Everyone,
    /// All but the author.
    Others,
    /// The author alone.
    Author,
}

/// Where a tongue writes: one Socket.IO packet at a time, sealed as whole frames.
pub struct Pen<'a> {
    namespace: &'a str,
    ack: Option<u64>,
    /// What a lane hears; `None` when only one voice listens.
    shared: Option<&'a mut Frames>,
    /// What one voice hears.
    aside: &'a mut Frames,
    marks: &'a mut Vec<Mark>,
}

/// Where a packet that a pen wrote begins and ends, and whom it is for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) audience: Audience,
}

impl<'a> Pen<'a> {
    /// A pen for a lane.
    pub(super) fn for_lane(
        namespace: &'a str,
        shared: &'a mut Frames,
        aside: &'a mut Frames,
        marks: &'a mut Vec<Mark>,
    ) -> Pen<'a> {
        Pen { namespace, ack: None, shared: Some(shared), aside, marks }
    }

    /// A pen for one voice: whatever the audience, it is the one that hears.
    pub(super) fn for_one(
        namespace: &'a str,
        ack: Option<u64>,
        aside: &'a mut Frames,
        marks: &'a mut Vec<Mark>,
    ) -> Pen<'a> {
        Pen { namespace, ack, shared: None, aside, marks }
    }

    /// Emits an event with one argument to everyone.
    pub fn emit(&mut self, name: &str, payload: &impl Serialize) {
        self.emit_to(Audience::Everyone, name, payload);
    }

    /// Emits an event with one argument to a part of the lane.
    pub fn emit_to(&mut self, audience: Audience, name: &str, payload: &impl Serialize) {
        let namespace = self.namespace;
        self.write(audience, |frames| {
            frames.text(|out| {
                sio::event_head(out, namespace, None, name);
                out.extend_from_slice(b",");
                json(out, payload);
                sio::event_tail(out);
            });
        });
    }

    /// Answers the ask's ack with one argument; nothing where no ack was asked for.
    pub fn ack(&mut self, payload: &impl Serialize) {
        let Some(id) = self.ack.take() else { return };
        let namespace = self.namespace;
        self.write(Audience::Author, |frames| {
            frames.text(|out| {
                sio::ack_head(out, namespace, id);
                json(out, payload);
                sio::ack_tail(out);
            });
        });
    }

    /// Emits an event whose arguments are JSON already, to everyone. The placeholders of
    /// binary attachments stand in the JSON, as they came.
    pub fn emit_raw(&mut self, name: &str, args: &[&RawValue], attachments: &[Bytes]) {
        let namespace = self.namespace;
        self.write(Audience::Everyone, |frames| {
            frames.text(|out| {
                match attachments.len() {
                    0 => sio::event_head(out, namespace, None, name),
                    count => sio::binary_event_head(out, namespace, count, None, name),
                }
                args.iter().for_each(|arg| {
                    out.extend_from_slice(b",");
                    out.extend_from_slice(arg.get().as_bytes());
                });
                sio::event_tail(out);
            });
            attachments.iter().for_each(|bytes| frames.binary(bytes));
        });
    }

    /// Answers the ask's ack with arguments that are JSON already.
    pub fn ack_raw(&mut self, args: &[&RawValue], attachments: &[Bytes]) {
        let Some(id) = self.ack.take() else { return };
        let namespace = self.namespace;
        self.write(Audience::Author, |frames| {
            frames.text(|out| {
                match attachments.len() {
                    0 => sio::ack_head(out, namespace, id),
                    count => sio::binary_ack_head(out, namespace, count, id),
                }
                args.iter().enumerate().for_each(|(place, arg)| {
                    if place > 0 {
                        out.extend_from_slice(b",");
                    }
                    out.extend_from_slice(arg.get().as_bytes());
                });
                sio::ack_tail(out);
            });
            attachments.iter().for_each(|bytes| frames.binary(bytes));
        });
    }

    fn write(&mut self, audience: Audience, packet: impl FnOnce(&mut Frames)) {
        let (frames, audience) = match &mut self.shared {
            Some(shared) if audience != Audience::Author => (&mut **shared, audience),
            _ => (&mut *self.aside, Audience::Author),
        };
        let start = frames.len();
        packet(frames);
        let end = frames.len();
        self.marks.push(Mark { start, end, audience });
    }
}

fn json(out: &mut Vec<u8>, payload: &impl Serialize) {
    serde_json::to_writer(out, payload).expect("words for a client are always JSON");
}

/// Writes for one voice alone; returns the sealed frames, one after the other.
pub fn solo(namespace: &str, ack: Option<u64>, words: impl FnOnce(&mut Pen<'_>)) -> Bytes {
    let mut frames = Frames::new();
    solo_into(&mut frames, namespace, ack, words);
    frames.seal()
}

/// The same behind frames that go to the same voice.
pub fn solo_into(
    frames: &mut Frames,
    namespace: &str,
    ack: Option<u64>,
    words: impl FnOnce(&mut Pen<'_>),
) {
    words(&mut Pen::for_one(namespace, ack, frames, &mut Vec::new()));
}
