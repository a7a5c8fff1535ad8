//! The shapes that facts are told in, over sockets and by REST alike.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::dialects::kit::time;
use crate::hub::clock;
use crate::hub::event::{Kind, Message, Person, Role, RoomKind, RoomRow};
use crate::hub::ports::Account;
use crate::hub::text::Text;

/// What an account's profile may hold: a JSON object.
#[derive(Default, Deserialize, Serialize)]
pub(super) struct Profile {
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) profile_image: Option<String>,
}

impl Profile {
    /// Somebody's profile; whoever has none is called by their name.
    fn of(person: &Person) -> Profile {
        let known = person.profile.as_deref().and_then(|json| serde_json::from_str(json).ok());
        let mut profile: Profile = known.unwrap_or_default();
        profile.first_name.get_or_insert_with(|| person.name.to_string());
        profile
    }
}

/// `{"id":4,"first_name":"Alice","last_name":"Archer"}`
#[derive(Serialize)]
pub(super) struct Name {
    id: u64,
    first_name: String,
    last_name: String,
}

/// The same with `profile_image`.
#[derive(Serialize)]
pub(super) struct Face {
    #[serde(flatten)]
    name: Name,
    profile_image: Option<String>,
}

/// Somebody in a chat: a face, and whether they are its `creator`, an `admin` or a `member`.
#[derive(Serialize)]
struct Participant {
    #[serde(flatten)]
    face: Face,
    role: &'static str,
}

/// Somebody's own account.
#[derive(Serialize)]
pub(super) struct User<'a> {
    #[serde(flatten)]
    face: Face,
    email: Option<&'a str>,
    role: Option<&'a str>,
    created_at: String,
}

/// A message: `{"id":..,"chat_id":1,"sender_id":4,"content":"Hello!","created_at":..,"sender":{}}`.
/// What the server itself says has no sender, and `"is_system":true`.
#[derive(Serialize)]
pub(super) struct Said<'a> {
    id: u64,
    chat_id: u64,
    sender_id: Option<u64>,
    content: &'a Text,
    created_at: String,
    sender: Option<Face>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_system: bool,
}

/// A chat.
#[derive(Serialize)]
pub(super) struct Chat<'a> {
    id: u64,
    name: Option<&'a str>,
    is_group: bool,
    created_by: Option<u64>,
    created_at: String,
    updated_at: String,
    participants: Vec<Participant>,
}

/// A chat with the newest message in it.
#[derive(Serialize)]
pub(super) struct ChatNow<'a> {
    #[serde(flatten)]
    pub(super) chat: Chat<'a>,
    pub(super) last_message: Option<Said<'a>>,
}

/// `{"type":"new-chat","data":{},"timestamp":".."}`
#[derive(Serialize)]
pub(super) struct Notification<D> {
    #[serde(rename = "type")]
    kind: &'static str,
    data: D,
    timestamp: String,
}

impl Name {
    pub(super) fn of(person: &Person) -> Name {
        Face::of(person).name
    }
}

impl Face {
    fn of(person: &Person) -> Face {
        let Profile { first_name, last_name, profile_image } = Profile::of(person);
        let (first_name, last_name) =
            (first_name.unwrap_or_default(), last_name.unwrap_or_default());
        Face { name: Name { id: person.id.0, first_name, last_name }, profile_image }
    }
}

/// First and last name.
pub(super) fn full_name(person: &Person) -> String {
    let Name { first_name, last_name, .. } = Name::of(person);
    format!("{first_name} {last_name}").trim().to_owned()
}

impl<'a> User<'a> {
    pub(super) fn of(account: &'a Account) -> User<'a> {
        User {
            face: Face::of(&account.person),
            email: account.email.as_deref(),
            role: account.role.as_deref(),
            created_at: time::iso_utc(account.created_ms),
        }
    }
}

impl<'a> Said<'a> {
    /// A message in the chat of that number.
    pub(super) fn new(message: &'a Message, chat: u64) -> Said<'a> {
        Said {
            id: message.id.0,
            chat_id: chat,
            sender_id: message.author.as_ref().map(|author| author.id.0),
            content: &message.text,
            created_at: time::iso_utc(message.created_ms),
            sender: message.author.as_deref().map(Face::of),
            is_system: message.kind == Kind::System,
        }
    }
}

impl<'a> Chat<'a> {
    pub(super) fn of(row: &'a RoomRow) -> Chat<'a> {
        let participant = |(person, role): &(Arc<Person>, Role)| Participant {
            face: Face::of(person),
            role: match role {
                Role::Owner => "creator",
                Role::Admin => "admin",
                Role::Member => "member",
            },
        };
        Chat {
            id: row.number,
            name: row.name.as_deref(),
            is_group: row.kind == RoomKind::Group,
            created_by: row.owner.map(|owner| owner.0),
            created_at: time::iso_utc(row.created_ms),
            updated_at: time::iso_utc(row.updated_ms),
            participants: row.members.iter().map(participant).collect(),
        }
    }
}

impl<D: Serialize> Notification<D> {
    /// A notification of this moment.
    pub(super) fn new(kind: &'static str, data: D) -> Notification<D> {
        Notification { kind, data, timestamp: time::iso_utc(clock::wall_ms()) }
    }
}
