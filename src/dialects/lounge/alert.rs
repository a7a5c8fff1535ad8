//! What can go wrong in a lounge, by the codes that its clients know.

use serde::Serialize;

use crate::dialects::kit::since;
use crate::hub::command::Refusal;

/// A code and what it means: the payload of the event `alert`, and of a REST error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Alert<'a> {
    /// `E01`, ...
    #[serde(rename = "type")]
    pub(super) code: &'static str,
    /// For people to read.
    pub(super) text: &'a str,
}

impl Alert<'static> {
    pub(super) const EXPIRED: Alert<'static> = Alert::new("E01", "refresh required");
    pub(super) const LOGIN: Alert<'static> = Alert::new("E02", "login required");
    pub(super) const WRONG: Alert<'static> = Alert::new("E03", "wrong (login again)");
    pub(super) const NICKNAME: Alert<'static> = Alert::new("E04", "nickname required");
    pub(super) const AWAY: Alert<'static> =
        Alert::new("E10", "a part of the server is out of reach, try again later");
    pub(super) const NO_NUMBER: Alert<'static> =
        Alert::new("E11", "the room must be a whole number");
    pub(super) const NO_ROOM: Alert<'static> = Alert::new("E12", "there is no such room");
    pub(super) const ENDED: Alert<'static> = Alert::new("E14", "the room has expired");
    pub(super) const TWICE: Alert<'static> = Alert::new("E15", "you are in this room already");
    pub(super) const NO_JSON: Alert<'static> =
        Alert::new("E16", "a message must be a JSON object, or a string of one");
    pub(super) const NO_KIND: Alert<'static> =
        Alert::new("E16", "the type of a message must be text or image");
    pub(super) const NO_TEXT: Alert<'static> =
        Alert::new("E16", "the text of a message must be a string that is not blank");
    pub(super) const TOO_LONG: Alert<'static> = Alert::new("E16", "the message is too long");
    pub(super) const NO_IMAGE: Alert<'static> =
        Alert::new("E16", "the imageUrl of an image must be a string of 1 to 8192 bytes");
    pub(super) const NO_KEY: Alert<'static> =
        Alert::new("E16", "the client_id of a message must be a string of 1 to 255 bytes");
    pub(super) const NO_SINCE: Alert<'static> = Alert::new("E16", since::WRONG);
    pub(super) const OUTSIDE: Alert<'static> = Alert::new("E17", "you are in no room");

    const fn new(code: &'static str, text: &'static str) -> Alert<'static> {
        Alert { code, text }
    }
}

impl From<&Refusal> for Alert<'static> {
    fn from(refusal: &Refusal) -> Alert<'static> {
        match refusal {
            // That a room exists is told to nobody who may not join it.
            Refusal::NoSuchRoom | Refusal::NotMember => Alert::NO_ROOM,
            Refusal::Ended => Alert::ENDED,
            Refusal::SeatTaken => Alert::TWICE,
            Refusal::TooLong(_) => Alert::TOO_LONG,
            Refusal::NotIn
            | Refusal::NotOwner
            | Refusal::NotYours
            | Refusal::NoSuchMessage
            | Refusal::MemberAlready
            | Refusal::NoSuchMember
            | Refusal::WrongKind => Alert::OUTSIDE,
            Refusal::TooManySeats | Refusal::Taken(_) | Refusal::Unavailable => Alert::AWAY,
        }
    }
}
