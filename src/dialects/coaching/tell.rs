//! From facts to words.

use serde::Serialize;

use super::words::{Chat, Name, Notification, Said};
use super::{Coaching, hear};
use crate::hub::command::{Outcome, Refusal, Topic};
use crate::hub::event::{Address, Person};
use crate::hub::voice::{Answer, Audience, Event, Pen, Tongue, View};

/// The payload of `error`.
#[derive(Serialize)]
struct Wrong<'a> {
    message: &'a str,
}

/// An ack of what was refused.
#[derive(Serialize)]
struct Refused<'a> {
    success: bool,
    message: &'a str,
}

/// An ack of what was done in a chat.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Done {
    success: bool,
    chat_id: u64,
}

/// An ack of what was said.
#[derive(Serialize)]
struct Sent<'a> {
    success: bool,
    data: Said<'a>,
}

/// Says what is wrong, as an event and in the ack.
pub(super) fn error(words: &str, pen: &mut Pen<'_>) {
    pen.emit_to(Audience::Author, "error", &Wrong { message: words });
    pen.ack(&Refused { success: false, message: words });
}

impl Tongue for Coaching {
    fn tell(&self, event: &Event, room: &View<'_>, pen: &mut Pen<'_>) {
        let chat = room.row.number;
        match event {
            Event::Joined(who) => joined(chat, who, pen),
            Event::Left(who) => left(chat, who, pen),
            Event::Said(message) => pen.emit("new-message", &Said::new(message, chat)),
            Event::Typing(who, is_on) => typing(chat, who, *is_on, pen),
            Event::RoomOpened(_) => new_chat(&Chat::of(room.row), chat, pen),
            Event::MemberAdded(_, whom) => participant("participant-added", chat, whom, pen),
            Event::MemberRemoved(_, whom) => participant("participant-removed", chat, whom, pen),
            Event::MemberResigned(who) => participant("participant-left", chat, who, pen),
            // The document has no words for these.
            _ => {}
        }
    }

    fn answer(&self, answer: &Answer<'_>, pen: &mut Pen<'_>) {
        let Some(chat_id) = chat(answer.topic) else { return };
        match answer.outcome {
            Ok(Outcome::Said { message, .. }) => {
                pen.ack(&Sent { success: true, data: Said::new(message, chat_id) });
            }
            Ok(_) => pen.ack(&Done { success: true, chat_id }),
            Err(refusal) => error(&refused(refusal), pen),
        }
    }
}

fn joined(chat_id: u64, who: &Person, pen: &mut Pen<'_>) {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Joined {
        chat_id: u64,
        user: Name,
    }
    pen.emit_to(Audience::Others, "user-joined", &Joined { chat_id, user: Name::of(who) });
}

fn left(chat_id: u64, who: &Person, pen: &mut Pen<'_>) {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Left {
        chat_id: u64,
        user_id: u64,
    }
    pen.emit_to(Audience::Others, "user-left", &Left { chat_id, user_id: who.id.0 });
}

fn typing(chat_id: u64, who: &Person, is_typing: bool, pen: &mut Pen<'_>) {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Typing {
        chat_id: u64,
        user_id: u64,
        is_typing: bool,
    }
    let typing = Typing { chat_id, user_id: who.id.0, is_typing };
    pen.emit_to(Audience::Others, "user-typing", &typing);
}

fn new_chat(chat: &Chat<'_>, chat_id: u64, pen: &mut Pen<'_>) {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct NewChat<'a> {
        chat_id: u64,
        chat: &'a Chat<'a>,
    }
    pen.emit("notification", &Notification::new("new-chat", NewChat { chat_id, chat }));
}

/// Somebody is a participant of the chat, or is not any more.
fn participant(kind: &'static str, chat_id: u64, whom: &Person, pen: &mut Pen<'_>) {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Participant {
        chat_id: u64,
        user_id: u64,
        user: Name,
    }
    let whom = Participant { chat_id, user_id: whom.id.0, user: Name::of(whom) };
    pen.emit("notification", &Notification::new(kind, whom));
}

/// The chat that was asked about; `None`: the seat that a session takes by itself.
fn chat(topic: &Topic) -> Option<u64> {
    match topic {
        Topic::Room(place) => match place.address {
            Address::Number(chat) => Some(chat),
            _ => None,
        },
        Topic::Message(..) | Topic::Here => None,
    }
}

/// Why not, in a sentence. That a chat does not exist is told to nobody who is not in it.
pub(super) fn refused(refusal: &Refusal) -> String {
    match refusal {
        Refusal::NoSuchRoom | Refusal::NotMember => "You are not a participant in this chat".into(),
        Refusal::NotIn => "You have not joined this chat".into(),
        Refusal::NotOwner => "Only the chat creator or an admin can remove participants".into(),
        Refusal::MemberAlready => "User is already a participant in this chat".into(),
        Refusal::NoSuchMember => "Participant not found".into(),
        Refusal::WrongKind => "This can only be done in group chats".into(),
        Refusal::TooManySeats => "You have joined too many chats".into(),
        Refusal::TooLong(bytes_max) => hear::too_long(*bytes_max),
        _ => "The server cannot do this now, try again".into(),
    }
}
