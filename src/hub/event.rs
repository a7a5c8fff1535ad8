//! The facts of chat: what is said, by whom, in which room. Nothing here knows how any
//! dialect speaks; dialects put commands in and get events out.

use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, OnceLock};

use super::id::{MessageId, Realm, RoomId, UserId};
use super::text::Text;

/// Somebody who speaks: an account, or a user of a dialect that only claims identities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The space in which `id` is unique.
    pub realm: Realm,
    /// The person's small integer.
    pub id: UserId,
    /// A UUID, where the dialect spells people so.
    pub code: Option<Arc<str>>,
    /// The name shown to others.
    pub name: Arc<str>,
    /// A second name, where the dialect has one.
    pub nickname: Option<Arc<str>>,
    /// Whatever else is known, as a JSON object (`first_name`, `profile_image`, ...).
    pub profile: Option<Arc<str>>,
}

/// What sort of content a message has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Words.
    Text,
    /// Words with a picture.
    Image,
    /// A file.
    File,
    /// Something the server says, kept in the history.
    System,
}

impl Kind {
    /// The kind's name, as documents and the store spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Image => "image",
            Kind::File => "file",
            Kind::System => "system",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Kind> {
        [Kind::Text, Kind::Image, Kind::File, Kind::System]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

/// What somebody wants said, before it has an id.
#[derive(Clone, Debug)]
pub struct Draft {
    /// What sort of content.
    pub kind: Kind,
    /// The words.
    pub text: Text,
    /// The message this one answers.
    pub parent: Option<MessageId>,
    /// A dialect's extras, a JSON object (`imageUrl`, ...).
    pub extra: Option<Arc<str>>,
    /// The sender's idempotency key: the same key again is the same message.
    pub key: Option<Arc<str>>,
    /// Whether members who are not in the room are told as well, in their personal rooms.
    pub rings: bool,
}

/// A message that is stored. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Message {
    /// Unique in the whole store and time-ordered.
    pub id: MessageId,
    /// Where it was said.
    pub room: RoomId,
    /// Its place in the room: 1, 2, 3, ... without holes when it was stored.
    pub seq: u64,
    /// Who said it; `None` for the server itself and for people who are gone.
    pub author: Option<Arc<Person>>,
    /// What sort of content.
    pub kind: Kind,
    /// The words.
    pub text: Text,
    /// The message this one answers.
    pub parent: Option<MessageId>,
    /// A dialect's extras, a JSON object.
    pub extra: Option<Arc<str>>,
    /// When it was stored, in ms since 1970.
    pub created_ms: u64,
    /// When it was last changed, in ms since 1970.
    pub updated_ms: u64,
}

/// How a caller spells a room.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The space of rooms.
    pub realm: Realm,
    /// The spelling.
    pub address: Address,
}

/// The kinds of spelling a room may have in its realm; each is unique there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Address {
    /// A code or UUID.
    Code(Arc<str>),
    /// The realm's own small integer, from 1.
    Number(u64),
    /// The room of all of one user's voices. Never stored.
    Personal(UserId),
    /// The room of all voices of the realm. Never stored.
    Lobby,
}

impl Place {
    /// The room of all of a user's voices.
    #[must_use]
    pub fn personal(realm: Realm, user: UserId) -> Place {
        Place { realm, address: Address::Personal(user) }
    }

    /// The room of all voices of a realm.
    #[must_use]
    pub fn lobby(realm: Realm) -> Place {
        Place { realm, address: Address::Lobby }
    }

    /// Whether the room exists only while somebody is in it.
    #[must_use]
    pub fn is_fleeting(&self) -> bool {
        matches!(self.address, Address::Personal(_) | Address::Lobby)
    }

    /// The id of a room without a row. Users choose their own numbers where identities are only
    /// claimed, so the hash is keyed anew in each process: nobody can aim at another's room.
    pub(super) fn fleeting_id(&self) -> RoomId {
        static KEYS: OnceLock<RandomState> = OnceLock::new();
        RoomId(RoomId::FLEETING | KEYS.get_or_init(RandomState::new).hash_one(self))
    }
}

impl RoomRow {
    /// The row of a room that exists only while somebody is in it.
    #[must_use]
    pub fn fleeting(place: &Place) -> RoomRow {
        let number = match place.address {
            Address::Personal(user) => user.0,
            _ => 0,
        };
        RoomRow {
            id: place.fleeting_id(),
            realm: place.realm,
            people: place.realm,
            number,
            kind: RoomKind::Open,
            code: None,
            name: None,
            owner: None,
            ends_ms: None,
            created_ms: 0,
            updated_ms: 0,
            last_seq: 0,
            members: Vec::new(),
        }
    }
}

/// What a room is for, and so who has a right to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomKind {
    /// Whoever is admitted may join; to speak one must have joined.
    Open,
    /// Two members, fixed when it is made.
    Direct,
    /// Members who come and go.
    Group,
}

impl RoomKind {
    /// The kind's name in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            RoomKind::Open => "open",
            RoomKind::Direct => "direct",
            RoomKind::Group => "group",
        }
    }

    /// The kind of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<RoomKind> {
        [RoomKind::Open, RoomKind::Direct, RoomKind::Group]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

/// A member's standing in a room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Made the room.
    Owner,
    /// May remove others.
    Admin,
    /// May speak and read.
    Member,
}

impl Role {
    /// The role's name in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Role::Owner => "owner",
            Role::Admin => "admin",
            Role::Member => "member",
        }
    }

    /// The role of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Role> {
        [Role::Owner, Role::Admin, Role::Member].into_iter().find(|role| role.as_str() == name)
    }
}

/// What is stored of a room.
#[derive(Clone, Debug)]
pub struct RoomRow {
    /// The store's row number.
    pub id: RoomId,
    /// The space of rooms it is in.
    pub realm: Realm,
    /// Its small integer in the realm.
    pub number: u64,
    /// What it is for.
    pub kind: RoomKind,
    /// Its code or UUID, unique in the realm.
    pub code: Option<Arc<str>>,
    /// Its name; unique in the realm where `unique_name` was asked for.
    pub name: Option<Arc<str>>,
    /// Who made it.
    pub owner: Option<UserId>,
    /// When it ends, in ms since 1970.
    pub ends_ms: Option<u64>,
    /// When it was made, in ms since 1970.
    pub created_ms: u64,
    /// When it, or the last message in it, changed, in ms since 1970.
    pub updated_ms: u64,
    /// The last `seq` given out in it.
    pub last_seq: u64,
    /// The space its members are people of.
    pub people: Realm,
    /// Its members in the order they came (none for open rooms).
    pub members: Vec<(Arc<Person>, Role)>,
}
