//! What may be asked of a room, and what may come of it.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::event::{Draft, Message, Person, Place};
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
    /// The newest messages, this many at most.
    History(u64),
}

/// See [`Deed::Join`].
#[derive(Clone, Copy, Debug)]
pub struct Join {
    /// How many of the newest messages the joiner is told at most; 0: none.
    pub history: u64,
    /// Whether the room comes into being if there is none.
    pub create: bool,
}

/// See [`Deed::Leave`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leave {
    /// This voice alone.
    Voice,
    /// Every voice of the asker's user.
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
            Deed::History(_) => Verb::History,
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
}

/// See [`Outcome::Joined`].
#[derive(Clone, Debug)]
pub struct Joined {
    /// Whether the user was in the room already, by this voice or another.
    pub again: bool,
    /// What was said before, newest first: all of it, or as much as was asked for.
    pub history: Vec<Message>,
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
