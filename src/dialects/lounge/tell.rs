//! From facts to words.

use serde::Serialize;

use super::Lounge;
use super::admit::shown_id;
use super::alert::Alert;
use super::clock::time_of_day;
use super::line::{self, Line};
use crate::hub::command::{Arrival, Outcome, Topic};
use crate::hub::event::{Address, Kind, Message, Person};
use crate::hub::voice::{Answer, Audience, Event, Pen, Tongue, View};
use crate::hub::{Roster, clock};

/// `{"type":"system","text":"welcome to chat","time":"4:41 pm"}`
#[derive(Serialize)]
struct System<T> {
    #[serde(rename = "type")]
    kind: &'static str,
    text: T,
    time: String,
}

/// `{"room":"1","users":[{"id":7,"nickname":"neo"}]}`
#[derive(Serialize)]
struct RoomUsers<'a> {
    room: &'a str,
    users: Vec<User<'a>>,
}

#[derive(Serialize)]
struct User<'a> {
    id: u64,
    nickname: &'a str,
}

/// An ack of what was refused.
#[derive(Serialize)]
struct Refused<'a> {
    error: Alert<'a>,
}

/// An ack of a seat taken or given up.
#[derive(Serialize)]
struct Seat<'a> {
    room: &'a str,
}

/// An ack of what was said: the message's id.
#[derive(Serialize)]
struct Stored {
    id: u64,
}

/// Says what is wrong, as an event and in the ack.
pub(super) fn alert(alert: Alert<'_>, pen: &mut Pen<'_>) {
    pen.emit_to(Audience::Author, "alert", &alert);
    pen.ack(&Refused { error: alert });
}

impl Tongue for Lounge {
    fn tell(&self, event: &Event, room: &View<'_>, pen: &mut Pen<'_>) {
        if room.row.id.is_fleeting() {
            // Who is in the lobby is nobody's business.
            if let Event::BackplaneAway(true) = event {
                pen.emit("alert", &Alert::AWAY);
            }
            return;
        }
        match event {
            Event::Joined(who) => {
                let roster = changed(room);
                self.joined(Audience::Everyone, &self.spelled(room.row), roster, who, pen);
            }
            Event::Left(who) => {
                let words = format!("user {} left the chat", shown_id(who));
                self.system(Audience::Everyone, &words, pen);
                let spelled = self.spelled(room.row);
                self.room_users(Audience::Everyone, &spelled, changed(room), pen);
            }
            Event::Said(message) if message.kind == Kind::System => {
                self.system(Audience::Everyone, &message.text, pen);
            }
            Event::Said(message) => pen.emit("message", &Line::new(message, &self.zone)),
            Event::Ended => pen.emit("alert", &Alert::ENDED),
            Event::Dropped => pen.emit("alert", &Alert::NO_ROOM),
            // The document has no words for these.
            _ => {}
        }
    }

    fn answer(&self, answer: &Answer<'_>, pen: &mut Pen<'_>) {
        if is_lobby(answer.topic) {
            return;
        }
        let room = &answer.room.map(|row| self.spelled(row)).unwrap_or_default();
        match answer.outcome {
            Ok(Outcome::Joined(joined)) => {
                // Whoever asks for the seat they have has been told already.
                if joined.arrival != Arrival::Again || !joined.history.is_empty() {
                    self.history(&joined.history, pen);
                }
                self.system(Audience::Author, "welcome to chat", pen);
                pen.ack(&Seat { room });
                if joined.arrival == Arrival::Crossed {
                    self.joined(Audience::Author, room, answer.roster, &answer.to.who, pen);
                }
            }
            Ok(Outcome::Left) => pen.ack(&Seat { room }),
            Ok(Outcome::Said { message, .. }) => pen.ack(&Stored { id: message.id.0 }),
            Ok(Outcome::History(messages)) => {
                let history = self.history(messages, pen);
                pen.ack(&history);
            }
            Ok(_) => {}
            Err(refusal) => alert(refusal.into(), pen),
        }
    }
}

impl Lounge {
    fn system(&self, audience: Audience, text: impl Serialize, pen: &mut Pen<'_>) {
        let time = time_of_day(clock::wall_ms(), &self.zone);
        pen.emit_to(audience, "message", &System { kind: "system", text, time });
    }

    /// Tells that somebody is in the room, and who else is.
    fn joined(
        &self,
        audience: Audience,
        room: &str,
        roster: Option<&Roster>,
        who: &Person,
        pen: &mut Pen<'_>,
    ) {
        self.room_users(audience, room, roster, pen);
        self.system(audience, format!("user {} joined", shown_id(who)), pen);
    }

    /// Tells who is in the room, in one order for all.
    fn room_users(
        &self,
        audience: Audience,
        room: &str,
        roster: Option<&Roster>,
        pen: &mut Pen<'_>,
    ) {
        let Some(roster) = roster else { return };
        let mut people: Vec<&Person> = roster.people().map(AsRef::as_ref).collect();
        people.sort_unstable_by_key(|who| who.id);
        let user = |who| User { id: shown_id(who), nickname: line::nickname(who) };
        let users = people.into_iter().map(user).collect();
        pen.emit_to(audience, "roomUsers", &RoomUsers { room, users });
    }

    /// Tells what was said; returns it.
    fn history(&self, newest_first: &[Message], pen: &mut Pen<'_>) -> String {
        let history = line::history(newest_first, &self.zone);
        pen.emit_to(Audience::Author, "history", &history);
        history
    }
}

/// Who is in a room where somebody came or went; of a crowd that comes at once, told only for the
/// last of them, or it would be told a crowd of crowds.
fn changed<'a>(room: &View<'a>) -> Option<&'a Roster> {
    (!room.is_changing).then_some(room.roster)
}

fn is_lobby(topic: &Topic) -> bool {
    matches!(topic, Topic::Room(place) if place.address == Address::Lobby)
}
