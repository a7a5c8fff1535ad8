//! From facts to words.

use serde::Serialize;

use super::Conversations;
use crate::dialects::kit::time;
use crate::hub::command::{Outcome, Refusal, Topic, Verb};
use crate::hub::event::{Address, Message, Person, RoomRow};
use crate::hub::text::Text;
use crate::hub::voice::{Answer, Audience, Event, Pen, Tongue, View};

/// What is said when the fault is ours.
pub(super) const UNAVAILABLE: &str = "The server cannot do this now, try again";
/// What is said to somebody who wants to join others' conversation.
pub(super) const NOT_TO_JOIN: &str = "Unauthorized to join this conversation";

/// `{"id":1,"sender_id":1,"receiver_id":2}`
#[derive(Clone, Copy, Serialize)]
pub(super) struct Conversation {
    id: u64,
    sender_id: u64,
    receiver_id: u64,
}

impl Conversation {
    /// The conversation that is in that room. Its code names the two, its owner is the sender.
    pub(super) fn new(row: &RoomRow) -> Conversation {
        let sender_id = row.owner.map_or(0, |owner| owner.0);
        let pair = row.code.as_deref().unwrap_or_default().split(':');
        let mut others = pair.filter_map(|user| user.parse().ok()).filter(|id| *id != sender_id);
        Conversation { id: row.number, sender_id, receiver_id: others.next().unwrap_or(0) }
    }
}

/// A message as everybody is told of it.
#[derive(Serialize)]
pub(super) struct Spoken<'a> {
    id: u64,
    sender_id: Option<u64>,
    conversation_id: u64,
    timestamp: String,
    message_type: &'static str,
    content: &'a Text,
    conversation: Conversation,
}

impl<'a> Spoken<'a> {
    /// That message of that room.
    pub(super) fn new(message: &'a Message, row: &RoomRow) -> Spoken<'a> {
        Spoken {
            id: message.id.0,
            sender_id: message.author.as_ref().map(|author| author.id.0),
            conversation_id: row.number,
            timestamp: time::iso_utc(message.created_ms),
            message_type: message.kind.as_str(),
            content: &message.text,
            conversation: Conversation::new(row),
        }
    }
}

/// `{"userId":1}`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct User {
    user_id: u64,
}

impl User {
    fn new(who: &Person) -> User {
        User { user_id: who.id.0 }
    }
}

/// `{"conversationId":1,"userId":1,"isTyping":true}`
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Typing {
    conversation_id: u64,
    user_id: u64,
    is_typing: bool,
}

/// `{"success":true,"conversationId":1}`, with the error where there is one to tell.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Done<'a> {
    success: bool,
    conversation_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
}

/// Says what is wrong.
pub(super) fn error(words: &str, pen: &mut Pen<'_>) {
    #[derive(Serialize)]
    struct Error<'a> {
        message: &'a str,
    }
    pen.emit_to(Audience::Author, "error", &Error { message: words });
}

/// Says what is wrong, in the ack as well.
pub(super) fn failed(conversation_id: Option<u64>, words: &str, pen: &mut Pen<'_>) {
    error(words, pen);
    pen.ack(&Done { success: false, conversation_id, error: Some(words) });
}

/// Says why somebody has not joined a conversation.
pub(super) fn not_joined(conversation_id: Option<u64>, words: &str, pen: &mut Pen<'_>) {
    error(words, pen);
    pen.ack(&Done { success: false, conversation_id, error: None });
}

/// Says why a message was not sent.
pub(super) fn not_sent(words: &str, pen: &mut Pen<'_>) {
    #[derive(Serialize)]
    struct NotSent<'a> {
        error: &'a str,
    }
    #[derive(Serialize)]
    struct Ack<'a> {
        success: bool,
        error: &'a str,
    }
    pen.emit_to(Audience::Author, "message-error", &NotSent { error: words });
    pen.ack(&Ack { success: false, error: words });
}

/// Says that a message was sent.
fn sent(message: &Spoken<'_>, pen: &mut Pen<'_>) {
    #[derive(Serialize)]
    struct Ack<'a> {
        success: bool,
        data: &'a Spoken<'a>,
    }
    pen.emit_to(Audience::Author, "message-sent", message);
    pen.ack(&Ack { success: true, data: message });
}

impl Tongue for Conversations {
    fn tell(&self, event: &Event, room: &View<'_>, pen: &mut Pen<'_>) {
        match event {
            Event::Joined(who) if is_lobby(room.row) => pen.emit("user:online", &User::new(who)),
            Event::Left(who) if is_lobby(room.row) => pen.emit("user:offline", &User::new(who)),
            Event::Said(message) => pen.emit("receive-message", &Spoken::new(message, room.row)),
            Event::Typing(who, is_typing) => {
                let (conversation_id, user_id) = (room.row.number, who.id.0);
                let typing = Typing { conversation_id, user_id, is_typing: *is_typing };
                pen.emit_to(Audience::Others, "user-typing", &typing);
            }
            // The API has no words for these.
            _ => {}
        }
    }

    /// Typing, and who is online: the next word about either makes up for a lost one.
    fn is_volatile(&self, event: &Event, room: &View<'_>) -> bool {
        match event {
            Event::Typing(..) => true,
            Event::Joined(_) | Event::Left(_) => is_lobby(room.row),
            _ => false,
        }
    }

    fn answer(&self, answer: &Answer<'_>, pen: &mut Pen<'_>) {
        let conversation_id = number(answer.topic);
        let done = Done { success: true, conversation_id, error: None };
        match (answer.outcome, answer.verb) {
            // Nobody asked for the rooms of presence.
            (Ok(_), _) if conversation_id.is_none() => {}
            (Ok(Outcome::Joined(_)), _) => {
                pen.emit_to(Audience::Author, "joined-conversation", &done);
                pen.ack(&done);
            }
            // Whoever is out already has what they ask for.
            (Ok(Outcome::Left | Outcome::Told), _) | (Err(Refusal::NotIn), Verb::Leave) => {
                pen.ack(&done);
            }
            (Ok(Outcome::Said { message, .. }), _) => match answer.room {
                Some(row) => sent(&Spoken::new(message, row), pen),
                None => not_sent(UNAVAILABLE, pen),
            },
            (Ok(_), _) => {}
            (Err(refusal), Verb::Say) => {
                not_sent(
                    refused(refusal, "Unauthorized to send messages to this conversation"),
                    pen,
                );
            }
            (Err(refusal), Verb::Join) => {
                not_joined(conversation_id, refused(refusal, NOT_TO_JOIN), pen);
            }
            (Err(refusal), _) => {
                let words = refused(refusal, "Unauthorized to access this conversation");
                failed(conversation_id, words, pen);
            }
        }
    }
}

/// Whether it is the room of all sockets. A user's own room has the user's number, from 1.
fn is_lobby(row: &RoomRow) -> bool {
    row.id.is_fleeting() && row.number == 0
}

/// The number of the conversation that something was about.
fn number(topic: &Topic) -> Option<u64> {
    match topic {
        Topic::Room(place) => match place.address {
            Address::Number(number) => Some(number),
            _ => None,
        },
        _ => None,
    }
}

/// A refusal's sentence; `foreign`: the one for somebody else's conversation.
fn refused<'a>(refusal: &Refusal, foreign: &'a str) -> &'a str {
    match refusal {
        Refusal::NoSuchRoom | Refusal::Ended => "Conversation not found",
        Refusal::NotMember | Refusal::NotIn | Refusal::NotOwner => foreign,
        Refusal::TooManySeats => "Too many conversations joined",
        _ => UNAVAILABLE,
    }
}
