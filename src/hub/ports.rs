//! The hub's exits: typed channel senders to the store and to the backplane.
//!
//! The hub imports neither. Whoever builds it hands it senders; what stands behind them may be
//! SQLite or anything else that keeps these words:
//! writes are answered only once they are durable, and one room's appends keep their order.

use std::fmt;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::event::{Draft, Message, Person, Place, Role, RoomKind, RoomRow};
use super::id::{MessageId, Realm, RoomId, UserId};
use super::text::Text;

/// Ours to answer for: the store or another part failed. Logged in full, told generically.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A name, address or member is taken already; the word says which column.
    Taken(&'static str),
    /// The queue before the store is full.
    Busy,
    /// The store failed, in its own words.
    Store(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Taken(what) => write!(out, "{what} is taken"),
            Fault::Busy => out.write_str("the store's queue is full"),
            Fault::Store(words) => write!(out, "the store failed: {words}"),
        }
    }
}

impl std::error::Error for Fault {}

/// Where an answer goes: called once, on the store's thread, so it must be quick.
pub type Reply<A> = Box<dyn FnOnce(Result<A, Fault>) + Send>;

/// An append to a room's history.
#[derive(Clone, Debug)]
pub struct Append {
    /// Which shard hears of it.
    pub shard: usize,
    /// The room.
    pub room: RoomId,
    /// Who says it; `None` for the server itself.
    pub author: Option<(Realm, UserId)>,
    /// What is said.
    pub draft: Draft,
}

/// What became of an [`Append`]. A shard's receipts come in the order of its appends.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The room.
    pub room: RoomId,
    /// The outcome.
    pub outcome: Stored,
}

/// See [`Receipt`].
#[derive(Clone, Debug)]
pub enum Stored {
    /// It is durable.
    New {
        /// Its id.
        id: MessageId,
        /// Its place in the room.
        seq: u64,
        /// When, in ms since 1970.
        created_ms: u64,
    },
    /// The sender's key was used before: this is the message it made.
    Again(Box<Message>),
    /// It is not stored.
    Failed(Fault),
}

/// A room that does not exist yet.
#[derive(Clone, Debug)]
pub struct NewRoom {
    /// The space of rooms.
    pub realm: Realm,
    /// The space its members are people of.
    pub people: Realm,
    /// What it is for.
    pub kind: RoomKind,
    /// Its code, unique in the realm.
    pub code: Option<Arc<str>>,
    /// Its name.
    pub name: Option<Arc<str>>,
    /// Whether `name` must be unique in the realm.
    pub unique_name: bool,
    /// Who makes it.
    pub owner: Option<UserId>,
    /// When it ends, in ms since 1970.
    pub ends_ms: Option<u64>,
    /// Its first members, in order.
    pub members: Vec<(UserId, Role)>,
}

/// Changes to a room; `None` leaves a column as it is.
#[derive(Clone, Debug, Default)]
pub struct RoomChange {
    /// A new name.
    pub name: Option<Arc<str>>,
    /// A new owner.
    pub owner: Option<UserId>,
    /// A new end, in ms since 1970.
    pub ends_ms: Option<u64>,
}

/// A person as the store keeps one.
#[derive(Clone, Debug)]
pub struct Account {
    /// Who it is.
    pub person: Person,
    /// The name to log in with, unique in the realm.
    pub login: Option<String>,
    /// Unique in the realm, compared without case.
    pub email: Option<String>,
    /// A password hash in PHC form.
    pub password: Option<String>,
    /// What the dialects call a role (`student`, `admin`, ...).
    pub role: Option<String>,
    /// When it was made, in ms since 1970.
    pub created_ms: u64,
    /// When it was last changed, in ms since 1970.
    pub updated_ms: u64,
}

/// A person who is not stored yet.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The space of people.
    pub realm: Realm,
    /// The id it must have; `None`: the next one free.
    pub id: Option<UserId>,
    /// A UUID, or an issuer's subject that is no number; unique in the realm.
    pub code: Option<Arc<str>>,
    /// The name shown to others.
    pub name: Arc<str>,
    /// A second name.
    pub nickname: Option<Arc<str>>,
    /// Whatever else is known, a JSON object.
    pub profile: Option<Arc<str>>,
    /// The name to log in with.
    pub login: Option<String>,
    /// An address.
    pub email: Option<String>,
    /// A password hash in PHC form.
    pub password: Option<String>,
    /// What the dialects call a role.
    pub role: Option<String>,
}

/// Changes to an account; `None` leaves a column as it is.
#[derive(Clone, Debug, Default)]
pub struct AccountChange {
    /// A new name.
    pub name: Option<Arc<str>>,
    /// A new second name.
    pub nickname: Option<Arc<str>>,
    /// A new profile.
    pub profile: Option<Arc<str>>,
    /// A new login.
    pub login: Option<String>,
    /// A new address.
    pub email: Option<String>,
    /// A new password hash.
    pub password: Option<String>,
    /// A new role.
    pub role: Option<String>,
}

/// How an account is found.
#[derive(Clone, Debug)]
pub enum AccountKey {
    /// By its small integer.
    Id(UserId),
    /// By UUID or subject.
    Code(Arc<str>),
    /// By the name to log in with.
    Login(String),
    /// By address, without case.
    Email(String),
}

/// How a room is found.
#[derive(Clone, Debug)]
pub enum RoomKey {
    /// By row.
    Id(RoomId),
    /// By what callers call it. Personal rooms and lobbies are never found.
    Place(Place),
}

/// A stretch of a room's history.
#[derive(Clone, Debug)]
pub struct Stretch {
    /// The room.
    pub room: RoomId,
    /// Only messages up to this place, itself included.
    pub upto_seq: u64,
    /// Only messages that were stored after the one with this id, whether or not it is there, or
    /// is of this room: ids grow with time. `None`: from the first.
    pub since: Option<MessageId>,
    /// How many of the newest to leave out.
    pub skip: u64,
    /// How many at most.
    pub limit: u64,
}

impl Stretch {
    /// An `upto_seq` that leaves nothing out.
    pub const NEWEST: u64 = u64::MAX >> 1;
}

impl NewRoom {
    /// An open room with a code.
    #[must_use]
    pub fn open(realm: Realm, people: Realm, code: &str) -> NewRoom {
        NewRoom {
            realm,
            people,
            kind: RoomKind::Open,
            code: Some(code.into()),
            name: None,
            unique_name: false,
            owner: None,
            ends_ms: None,
            members: Vec::new(),
        }
    }
}

/// Asks for a change. Each is answered once it is durable.
pub enum Write {
    /// Adds messages; each is answered by a [`Receipt`] to its shard, not by a reply.
    Appends(Vec<Append>),
    /// Gives a message new words. `None`: no such message in that room.
    Edit(RoomId, MessageId, Text, Reply<Option<Message>>),
    /// Takes a message away; answers with what it was.
    Delete(RoomId, MessageId, Reply<Option<Message>>),
    /// Makes a room, or finds the one whose code is taken already (`true`: it is new).
    /// A name that must be unique and is not: [`Fault::Taken`] `"name"`.
    OpenRoom(NewRoom, Reply<(RoomRow, bool)>),
    /// Changes a room.
    ChangeRoom(RoomId, RoomChange, Reply<Option<RoomRow>>),
    /// Takes a room away, with its messages and members.
    DropRoom(RoomId, Reply<bool>),
    /// Adds a member or changes a role; `true`: is new.
    SetMember(RoomId, UserId, Role, Reply<bool>),
    /// Takes a member out; `true`: was one.
    DropMember(RoomId, UserId, Reply<bool>),
    /// Takes a member out (the first) and makes another one (the second) the owner, both or
    /// neither; `true`: was one.
    HandOver(RoomId, UserId, UserId, Reply<bool>),
    /// Makes an account; what is taken already is a [`Fault::Taken`] with
    /// `"id"`, `"code"`, `"login"` or `"email"`.
    AddAccount(NewAccount, Reply<Account>),
    /// Makes an account unless its id (or, without one, its code) exists; then that one, with
    /// the name and nickname of the new one where they differ.
    EnsureAccount(NewAccount, Reply<Account>),
    /// Changes an account.
    ChangeAccount(Realm, UserId, AccountChange, Reply<Option<Account>>),
    /// Takes an account away; its messages stay, without an author.
    DropAccount(Realm, UserId, Reply<bool>),
}

/// Asks for what is stored. Reads see every write that was answered before they were sent.
pub enum Read {
    /// A room with its members.
    Room(RoomKey, Reply<Option<RoomRow>>),
    /// All rooms of a realm in the order they were made: skip, limit; with the total.
    Rooms(Realm, u64, u64, Reply<(Vec<RoomRow>, u64)>),
    /// All rooms of a realm that a user is a member of, by last activity, newest first.
    RoomsOf(Realm, UserId, Reply<Vec<RoomRow>>),
    /// Messages, newest first, with the total in the room, or in it since then.
    Messages(Stretch, Reply<(Vec<Message>, u64)>),
    /// All messages of a realm's rooms in the order they were said: skip, limit; with the total.
    AllMessages(Realm, u64, u64, Reply<(Vec<Message>, u64)>),
    /// One message, and the realm of its room.
    Message(MessageId, Reply<Option<(Message, String)>>),
    /// One account.
    Account(Realm, AccountKey, Reply<Option<Account>>),
    /// All accounts of a realm in the order they were made: skip, limit; with the total.
    Accounts(Realm, u64, u64, Reply<(Vec<Account>, u64)>),
}

/// What the backplane is told: who is in which room here.
#[derive(Clone, Debug)]
pub enum Presence {
    /// The user's first voice in the room of that name.
    In(Arc<str>, UserId),
    /// The user's last voice has left.
    Out(Arc<str>, UserId),
}

/// The senders. Cheap to clone.
#[derive(Clone)]
pub struct Ports {
    /// To the one writer.
    pub writes: mpsc::Sender<Write>,
    /// To the readers.
    pub reads: mpsc::Sender<Read>,
    /// To the backplane.
    pub presence: mpsc::Sender<Presence>,
}

impl Ports {
    /// Asks the writer and waits until the change is durable.
    ///
    /// # Errors
    /// What the store says, or [`Fault::Store`] when it is gone.
    pub async fn write<A: Send + 'static>(
        &self,
        ask: impl FnOnce(Reply<A>) -> Write,
    ) -> Result<A, Fault> {
        let (reply, answer) = reply();
        self.writes.send(ask(reply)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }

    /// Asks a reader.
    ///
    /// # Errors
    /// What the store says, or [`Fault::Store`] when it is gone.
    pub async fn read<A: Send + 'static>(
        &self,
        ask: impl FnOnce(Reply<A>) -> Read,
    ) -> Result<A, Fault> {
        let (reply, answer) = reply();
        self.reads.send(ask(reply)).await.map_err(|_| gone())?;
        answer.await.map_err(|_| gone())?
    }
}

/// A reply and where its answer arrives.
fn reply<A: Send + 'static>() -> (Reply<A>, oneshot::Receiver<Result<A, Fault>>) {
    let (to, answer) = oneshot::channel();
    let reply = Box::new(move |result| {
        // The asker may have gone; nobody else wants the answer.
        let _ = to.send(result);
    });
    (reply, answer)
}

fn gone() -> Fault {
    Fault::Store("it has stopped".into())
}
