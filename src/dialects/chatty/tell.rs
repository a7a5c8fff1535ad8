//! From facts to words.

use serde::Serialize;

use super::{Chatty, uuid};
use crate::dialects::kit::time;
use crate::hub::command::{Refusal, Topic, Verb};
use crate::hub::event::{Address, Message};
use crate::hub::text::Text;
use crate::hub::voice::{Answer, Audience, Event, Pen, Tongue, View};

/// A message, as `new_message` and every route word it.
#[derive(Serialize)]
pub(super) struct Worded<'a> {
    id: String,
    message_text: &'a Text,
    /// `null` once its user is gone.
    user_id: Option<&'a str>,
    chatroom_id: &'a str,
    is_reply: bool,
    parent_message_id: Option<String>,
    created_date: String,
    last_updated_date: String,
}

impl<'a> Worded<'a> {
    /// Words a message of the chatroom of that UUID.
    pub(super) fn new(message: &'a Message, chatroom: &'a str) -> Worded<'a> {
        Worded {
            id: uuid::of_message(message.id),
            message_text: &message.text,
            user_id: message.author.as_ref().and_then(|author| author.code.as_deref()),
            chatroom_id: chatroom,
            is_reply: message.parent.is_some(),
            parent_message_id: message.parent.map(uuid::of_message),
            created_date: time::iso_utc(message.created_ms),
            last_updated_date: time::iso_utc(message.updated_ms),
        }
    }
}

/// Says what is wrong, as an event and in the ack.
pub(super) fn error(words: &str, pen: &mut Pen<'_>) {
    #[derive(Serialize)]
    struct Wrong<'a> {
        message: &'a str,
    }
    #[derive(Serialize)]
    struct Refused<'a> {
        error: &'a str,
    }
    pen.emit_to(Audience::Author, "error", &Wrong { message: words });
    pen.ack(&Refused { error: words });
}

/// What was joined or left, as an event and in the ack.
#[derive(Serialize)]
struct Confirmed<'a> {
    chatroom_id: &'a str,
}

impl Tongue for Chatty {
    fn tell(&self, event: &Event, room: &View<'_>, pen: &mut Pen<'_>) {
        // The document has no words for anything else.
        if let Event::Said(message) = event {
            let chatroom = room.row.code.as_deref().unwrap_or_default();
            pen.emit("new_message", &Worded::new(message, chatroom));
        }
    }

    fn answer(&self, answer: &Answer<'_>, pen: &mut Pen<'_>) {
        let confirmed = Confirmed { chatroom_id: chatroom(answer.topic) };
        match (answer.verb, answer.outcome) {
            // Ids are not checked: a chatroom that does not exist is joined, and never speaks.
            (Verb::Join, Ok(_) | Err(Refusal::NoSuchRoom)) => {
                pen.emit_to(Audience::Author, "joined", &confirmed);
                pen.ack(&confirmed);
            }
            // Whoever was not in is out all the same.
            (Verb::Leave, Ok(_) | Err(Refusal::NotIn | Refusal::NoSuchRoom)) => {
                pen.emit_to(Audience::Author, "left", &confirmed);
                pen.ack(&confirmed);
            }
            (_, Err(Refusal::TooManySeats)) => error("You are in too many chatrooms", pen),
            (_, Err(_)) => error("The server cannot do this now, try again", pen),
            // Sockets ask for nothing else.
            (_, Ok(_)) => {}
        }
    }
}

/// The chatroom's id.
fn chatroom(topic: &Topic) -> &str {
    match topic {
        Topic::Room(place) => match &place.address {
            Address::Code(code) => code,
            _ => "",
        },
        Topic::Message(..) | Topic::Here => "",
    }
}
