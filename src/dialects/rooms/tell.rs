//! From facts to words.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

use super::Rooms;
use crate::dialects::kit::words;
use crate::hub::command::{Arrival, Outcome, Refusal, Topic, Verb};
use crate::hub::event::{Address, Kind, Message, Person};
use crate::hub::voice::{Answer, Audience, Event, Pen, Tongue, View};

/// The server itself, as a sender.
const SYSTEM: &str = "System";

/// `{"message":"You joined the room","sender":"System"}`
#[derive(Serialize)]
struct System<M> {
    message: M,
    sender: &'static str,
}

/// `{"user_1":"aloha"}`
struct Line<'a>(&'a Message);

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut line = to.serialize_map(Some(1))?;
        line.serialize_entry(name(self.0), &words::plain(self.0))?;
        line.end()
    }
}

/// Who said it, by name.
pub(super) fn name(message: &Message) -> &str {
    match (&message.author, message.kind) {
        (_, Kind::System) => SYSTEM,
        (Some(author), _) => &author.name,
        (None, _) => "unknown",
    }
}

/// An ack of what was refused.
#[derive(Serialize)]
struct Refused<'a> {
    error: &'a str,
}

/// An ack of what was stored or deleted.
#[derive(Serialize)]
struct Done {
    id: u64,
}

/// An ack of a seat taken or given up. `number`: how other dialects call the room.
#[derive(Serialize)]
struct Seat<'a> {
    room: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u64>,
}

/// Welcomes somebody to the server.
pub(super) fn greet(who: &Person, pen: &mut Pen<'_>) {
    #[derive(Serialize)]
    struct Connected {
        message: String,
    }
    pen.emit("connected", &Connected { message: format!("Welcome {} to the server", who.name) });
}

/// Says what is wrong, as an event and in the ack.
pub(super) fn error(words: &str, pen: &mut Pen<'_>) {
    system(Audience::Author, words, pen);
    pen.ack(&Refused { error: words });
}

/// The longest id that is said back, in characters: no message's is longer.
const ID_CHARS_MAX: usize = 32;

/// Says that a message was not deleted. `id`: as the client spelled it.
pub(super) fn not_deleted(id: &str, pen: &mut Pen<'_>) {
    let id: String = id.chars().take(ID_CHARS_MAX).collect();
    error(&format!("Error {id} deleted"), pen);
}

fn system(audience: Audience, words: impl Serialize, pen: &mut Pen<'_>) {
    pen.emit_to(audience, "system_message", &System { message: words, sender: SYSTEM });
}

impl Tongue for Rooms {
    fn tell(&self, event: &Event, _room: &View<'_>, pen: &mut Pen<'_>) {
        match event {
            Event::Joined(who) => {
                system(Audience::Others, format!("{} joined the room", who.name), pen);
            }
            Event::Left(who) => {
                system(Audience::Others, format!("{} left the room", who.name), pen);
            }
            Event::Said(message) if message.kind == Kind::System => {
                system(Audience::Everyone, &message.text, pen);
            }
            Event::Said(message) => pen.emit_to(Audience::Others, "send_message", &Line(message)),
            Event::Ended => system(Audience::Everyone, "Room has ended", pen),
            Event::Dropped => system(Audience::Everyone, "Room is gone", pen),
            // The document has no words for these.
            _ => {}
        }
    }

    fn answer(&self, answer: &Answer<'_>, pen: &mut Pen<'_>) {
        let code = || code(answer.topic);
        match answer.outcome {
            Ok(Outcome::Joined(joined)) => {
                match joined.arrival {
                    Arrival::Again => {
                        let words = format!("You are already in room {}", code());
                        system(Audience::Author, &words, pen);
                    }
                    _ => system(Audience::Author, "You joined the room", pen),
                }
                for message in &joined.history {
                    pen.emit_to(Audience::Author, "join_room", &Line(message));
                }
                let number = answer.room.filter(|_| self.is_bridged()).map(|room| room.number);
                pen.ack(&Seat { room: &code(), number });
            }
            Ok(Outcome::Left) => {
                system(Audience::Author, format!("You left the room {}", code()), pen);
                pen.ack(&Seat { room: &code(), number: None });
            }
            Ok(Outcome::Said { message, .. }) => pen.ack(&Done { id: message.id.0 }),
            Ok(Outcome::Deleted(message)) => {
                let words = format!("Message {} deleted", message.id);
                system(Audience::Author, &words, pen);
                pen.ack(&Done { id: message.id.0 });
            }
            Ok(_) => {}
            Err(_) if answer.verb == Verb::Delete => not_deleted(&code(), pen),
            Err(refusal) => error(&refused(refusal, &code()), pen),
        }
    }
}

/// The room's code, or the message's id, as whoever asked spelled it.
fn code(topic: &Topic) -> String {
    match topic {
        Topic::Room(place) => match &place.address {
            Address::Code(code) => code.to_string(),
            Address::Number(number) => number.to_string(),
            Address::Personal(_) | Address::Lobby => String::new(),
        },
        Topic::Message(_, id) => id.to_string(),
        Topic::Here => String::new(),
    }
}

fn refused(refusal: &Refusal, code: &str) -> String {
    match refusal {
        Refusal::NotIn | Refusal::NoSuchRoom | Refusal::NotMember => {
            format!("You are not in room {code}")
        }
        Refusal::Ended => format!("Room {code} has ended"),
        Refusal::TooManySeats => "You are in too many rooms".into(),
        Refusal::TooLong(bytes_max) => {
            format!("content must be shorter than or equal to {bytes_max} bytes")
        }
        Refusal::NoSuchMessage | Refusal::NotYours => format!("Error {code}"),
        Refusal::SeatTaken
        | Refusal::NotOwner
        | Refusal::MemberAlready
        | Refusal::NoSuchMember
        | Refusal::Taken(_)
        | Refusal::WrongKind
        | Refusal::Unavailable => "The server cannot do this now, try again".into(),
    }
}
