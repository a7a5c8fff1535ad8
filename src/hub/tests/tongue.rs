//! A tongue of few words: one line for each fact, so that a test can read what was said.

use crate::hub::command::{Arrival, Outcome, Refusal};
use crate::hub::event::{Message, RoomRow};
use crate::hub::voice::{Answer, Audience, Event, Pen, Tongue, View};

/// See the module's head.
pub(super) struct Plain {
    /// Who hears a message.
    pub(super) said_to: Audience,
    /// Whether the author is told of it in other words as well.
    pub(super) tells_author: bool,
    /// Whether everybody in the room is named to all when somebody comes or goes.
    pub(super) tells_roster: bool,
}

impl Plain {
    /// Messages go to everyone.
    pub(super) const EVERYONE: Plain =
        Plain { said_to: Audience::Everyone, tells_author: false, tells_roster: false };
    /// Messages go to the others.
    pub(super) const OTHERS: Plain = Plain { said_to: Audience::Others, ..Plain::EVERYONE };
    /// Messages go to the others, and their author is told of them in other words.
    pub(super) const BOTH: Plain = Plain { tells_author: true, ..Plain::OTHERS };
    /// Who is in the room is told whenever that changes.
    pub(super) const ROSTER: Plain = Plain { tells_roster: true, ..Plain::EVERYONE };
}

/// The name of every event.
const NAME: &str = "t";

impl Tongue for Plain {
    fn tell(&self, event: &Event, room: &View<'_>, pen: &mut Pen<'_>) {
        let number = room.row.number;
        let is_change = matches!(event, Event::Joined(_) | Event::Left(_));
        if self.tells_roster && is_change && !room.is_changing {
            pen.emit(NAME, &format!("{} are in", room.roster.len()));
        }
        let line = match event {
            Event::Joined(who) => format!("joined {}", who.name),
            Event::Left(who) => format!("left {}", who.name),
            Event::Said(message) => {
                if self.tells_author {
                    let line = format!("yours {}", message.seq);
                    pen.emit_to(Audience::Author, NAME, &line);
                }
                let line = format!("said {} {}", message.seq, message.text);
                return pen.emit_to(self.said_to, NAME, &line);
            }
            Event::Edited(message) => format!("edited {} {}", message.seq, message.text),
            Event::Deleted(message) => format!("deleted {}", message.seq),
            Event::Typing(who, is_on) => {
                let line = format!("{} {}", if *is_on { "types" } else { "rests" }, who.name);
                return pen.emit_to(Audience::Others, NAME, &line);
            }
            Event::MemberAdded(by, whom) => format!("{} added {} to {number}", by.name, whom.name),
            Event::MemberRemoved(by, whom) => {
                format!("{} removed {} from {number}", by.name, whom.name)
            }
            Event::MemberResigned(who) => {
                format!("resigned {} owner={}", who.name, owner(room.row))
            }
            Event::RoomOpened(by) => format!("{} opened {number}", by.name),
            Event::Renamed => format!("renamed {}", room.row.name.as_deref().unwrap_or("")),
            Event::Ended => "ended".into(),
            Event::Dropped => "dropped".into(),
            Event::BackplaneAway(is_away) => format!("away {is_away}"),
        };
        pen.emit(NAME, &line);
    }

    fn answer(&self, answer: &Answer<'_>, pen: &mut Pen<'_>) {
        let line = match answer.outcome {
            Ok(outcome) => done(outcome),
            Err(refusal) => refused(answer.verb, refusal),
        };
        pen.emit(NAME, &line);
        pen.ack(&if answer.outcome.is_ok() { "ok" } else { "no" });
    }
}

/// How a refusal reads.
pub(super) fn refused(verb: impl std::fmt::Debug, refusal: &Refusal) -> String {
    format!("{verb:?} refused: {refusal:?}")
}

fn done(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Joined(joined) => {
            let again = match joined.arrival {
                Arrival::First => "",
                Arrival::Crossed => " from elsewhere",
                Arrival::Again => " again",
            };
            format!("you joined{again} {:?}", seqs(&joined.history))
        }
        Outcome::Left => "you left".into(),
        Outcome::Said { message, again } => {
            format!("you said {}{}", message.seq, if *again { " again" } else { "" })
        }
        Outcome::Deleted(message) => format!("you deleted {}", message.seq),
        Outcome::Edited(message) => format!("you edited {}", message.seq),
        Outcome::Told => "you told".into(),
        Outcome::History(messages) => format!("history {:?}", seqs(messages)),
        Outcome::Amended(None) => "you amended nothing that is left".into(),
        Outcome::Amended(Some(row)) => {
            let members = row.members.iter().map(|(member, _)| member.id.0).collect::<Vec<_>>();
            format!("you amended {members:?} owner={}", owner(row))
        }
    }
}

fn owner(row: &RoomRow) -> u64 {
    row.owner.map_or(0, |owner| owner.0)
}

fn seqs(messages: &[Message]) -> Vec<u64> {
    messages.iter().map(|message| message.seq).collect()
}
