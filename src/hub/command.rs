//! What may be asked of a room, and what may come of it.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::event::{Draft, Message, Person, Place, RoomRow};
use super::id::{MessageId, Realm, UserId};
use super::text::Text;
use super::voice::Voice;

/// One thing asked by one voice or one REST call.
#[derive(Debug)]
pub struct Ask {
    /// Who asks, and where the answer goes.
    pub from: Asker,
    /// What it is about, as the asker spelled it.
    pub topic: Topic,
    /// What is asked.
    pub deed: Deed,
}

/// Who asks.
#[derive(Debug)]
pub enum Asker {
    /// A voice; the answer is put into words by its tongue. The number is the ack it wants.
    Voice(Arc<Voice>, Option<u64>),
    /// A call from outside any session (REST); the answer comes back as it is.
    Call(Arc<Person>, oneshot::Sender<Result<Outcome, Refusal>>),
}

impl Asker {
    /// The person who asks.
    #[must_use]
    pub fn who(&self) -> &Arc<Person> {
        match self {
            Asker::Voice(voice, _) => &voice.who,
            Asker::Call(who, _) => who,
        }
    }
}

/// What an ask is about.
#[derive(Clone, Debug)]
pub enum Topic {
    /// A room.
    Room(Place),
    /// A message, in whichever room of the realm it is.
    Message(Realm, MessageId),
    /// The room that the asking voice moved to last (see [`Join::moves`]).
    Here,
}

/// What a dialect makes of an event it has heard.
#[derive(Debug)]
pub struct Command {
    /// What it is about.
    pub topic: Topic,
    /// What is asked.
    pub deed: Deed,
}

/// What can be asked of a room.
#[derive(Debug)]
pub enum Deed {
    /// A seat in the room.
    Join(Join),
    /// To give the seat up.
    Leave(Leave),
    /// To say something.
    Say(Draft),
    /// To take one's own message back. The message as it is stored comes along.
    Delete(Option<Box<Message>>),
    /// To give one's own message new words.
    Edit(Option<Box<Message>>, Text),
    /// To show, or stop showing, that one is typing.
    Typing(bool),
    /// The newest messages.
    History {
        /// This many at most.
        limit: u64,
        /// None but those that were stored after the message with this id.
        since: Option<MessageId>,
    },
    /// To change the room itself.
    Amend(Amend),
}

/// See [`Deed::Join`].
#[derive(Debug, Default)]
pub struct Join {
    /// How many of the newest messages the joiner is told at most; 0: none.
    pub history: u64,
    /// Whether the room comes into being if there is none.
    pub create: bool,
    /// Whether a user may have one voice in the room and no more. A voice whose socket does not
    /// answer within [`crate::limits::SEAT_PATIENCE_MS`] gives its seat up to the new one.
    pub sole: bool,
    /// Whether the voice leaves the room it was in before, once it has its seat.
    pub moves: bool,
    /// How long a user whose last voice has gone is still taken to be in the room, in ms.
    pub grace_ms: u64,
    /// Who is told that the user came or went, in their personal rooms; `None`: all in this room.
    pub contacts: Option<Arc<[UserId]>>,
    /// Told whether the voice has its seat. The session that asks fills it in.
    pub seated: Option<oneshot::Sender<bool>>,
}

/// See [`Deed::Amend`].
#[derive(Clone, Debug)]
pub enum Amend {
    /// The room ends at that moment, in ms since 1970; whoever is in it then is taken out.
    End(u64),
    /// Somebody becomes a member.
    Add(Arc<Person>),
    /// A member is taken out, and all their voices with them.
    Remove(UserId),
    /// The same, the owner too, by an admin of the server, who need be no member. That the asker
    /// is one, the dialect has verified.
    Expel(UserId),
    /// The asker is a member no more. Where the owner goes, the oldest member owns the room; where
    /// the last one goes, the room goes.
    Resign,
    /// The room has another name.
    Rename(Arc<str>),
    /// The room goes, with all that was said in it.
    Drop,
}

/// See [`Deed::Leave`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// This voice alone.
    Voice,
    /// Every voice of the asker's user in the asker's dialect; for a call, every one at all.
    User,
}

/// A deed's name, for whoever words an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// See [`Deed::Join`].
    Join,
    /// See [`Deed::Leave`].
    Leave,
    /// See [`Deed::Say`].
    Say,
    /// See [`Deed::Delete`].
    Delete,
    /// See [`Deed::Edit`].
    Edit,
    /// See [`Deed::Typing`].
    Typing,
    /// See [`Deed::History`].
    History,
    /// See [`Deed::Amend`].
    Amend,
}

impl Deed {
    /// The deed's name.
    #[must_use]
    pub fn verb(&self) -> Verb {
        match self {
            Deed::Join(_) => Verb::Join,
            Deed::Leave(_) => Verb::Leave,
            Deed::Say(_) => Verb::Say,
            Deed::Delete(_) => Verb::Delete,
            Deed::Edit(..) => Verb::Edit,
            Deed::Typing(_) => Verb::Typing,
            Deed::History { .. } => Verb::History,
            Deed::Amend(_) => Verb::Amend,
        }
    }
}

/// What a room did.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The asker has a seat.
    Joined(Joined),
    /// The asker has no seat any more.
    Left,
    /// The message is stored. `again`: by an earlier ask with the same key.
    Said {
        /// The message.
        message: Message,
        /// Whether an earlier ask stored it.
        again: bool,
    },
    /// The message is gone.
    Deleted(Message),
    /// The message has its new words.
    Edited(Message),
    /// The room has been told.
    Told,
    /// What was said before, newest first.
    History(Vec<Message>),
    /// The room as it is now; `None`: it is gone.
    Amended(Option<Arc<RoomRow>>),
}

/// See [`Outcome::Joined`].
#[derive(Clone, Debug)]
pub struct Joined {
    /// Whether the user was in the room before.
    pub arrival: Arrival,
    /// What was said before, newest first: all of it, or as much as was asked for.
    pub history: Vec<Message>,
}

/// See [`Joined::arrival`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// The user was not: all in the room are told that they have come.
    First,
    /// The user was, by another dialect alone: nobody is told again, and the joiner has heard
    /// nothing yet of what this dialect says to one who comes.
    Crossed,
    /// The user was, by this voice or another of the same dialect.
    Again,
}

/// The caller's fault: what was asked cannot be. Worded by the dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such room.
    NoSuchRoom,
    /// The room had an end, and it has come.
    Ended,
    /// The asker has no seat in the room.
    NotIn,
    /// The asker is no member of the room.
    NotMember,
    /// The user has a seat already, by another voice that answers.
    SeatTaken,
    /// The asker is a member, but it takes the owner or an admin.
    NotOwner,
    /// Whom it is about is a member already.
    MemberAlready,
    /// Whom it is about is no member.
    NoSuchMember,
    /// A name that must be unique is somebody else's; the word says which.
    Taken(&'static str),
    /// Rooms of this kind do not do that.
    WrongKind,
    /// There is no such message.
    NoSuchMessage,
    /// The message is somebody else's.
    NotYours,
    /// The text is longer than this many bytes.
    TooLong(usize),
    /// The voice holds as many seats as it may.
    TooManySeats,
    /// The server cannot do it now; asking again later may help.
    Unavailable,
}

/// A user as rooms count one: the same small integer in two realms is two users.
pub type UserKey = (Realm, UserId);
