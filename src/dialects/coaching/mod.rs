//! `coaching`: direct chats and groups with participants, for accounts with email and password.
//!
//! A chat is made by REST; a participant's sockets join it, hear what is said there, and speak.
//! What happens to somebody's chats reaches them wherever they are, as a `notification`.
//! `README.md` beside this file has the whole API.

mod admit;
mod form;
mod hear;
mod rest;
mod tell;
mod words;

use std::sync::Arc;

use super::kit::attempts::Attempts;
use super::kit::identify::Identifier;
use super::kit::pages::{Page, pages};
use super::kit::rest::{Response, Route};
use super::{Admission, BoxFuture, Charter, Dialect, Identities, Incoming, Knock, Setup};
use crate::hub::Hub;
use crate::hub::command::Command;
use crate::hub::event::{Address, Person, Place, Role, RoomKind};
use crate::hub::id::{ACCOUNTS, Realm, UserId};
use crate::hub::ports::{AccountKey, Fault, NewRoom, Ports, Read, Write};
use crate::hub::voice::Pen;

/// The space of chats.
const REALM: Realm = Realm("coaching");

/// See [`Charter`].
pub static CHARTER: Charter = Charter {
    name: "coaching",
    summary: "direct chats and groups with participants, accounts by email and password",
    namespaces: &["/"],
    realms: &[REALM],
    events: &["join-chat", "leave-chat", "send-message", "typing"],
    identities: Identities::Verified,
    port: 3000,
    flags: &[],
    pages: pages!(own: &[Page {
        path: "/chat-example.html",
        title: "Chat example",
        main: include_str!("web/chat-example.html"),
        script: include_str!("web/chat-example.js"),
    }]),
    make: |setup| Ok(Arc::new(Coaching::new(setup))),
    demo: |ports, shared| Box::pin(demo(ports, shared.unwrap_or(REALM))),
};

/// The dialect.
struct Coaching {
    hub: Hub,
    /// Where its chats are.
    realm: Realm,
    identifier: Identifier,
    attempts: Attempts,
    is_alone: bool,
    message_bytes_max: usize,
}

impl Coaching {
    fn new(setup: &Setup<'_>) -> Coaching {
        Coaching {
            hub: setup.hub.clone(),
            realm: setup.realm(REALM),
            identifier: Identifier::new(setup.keys, setup.hub, false),
            attempts: Attempts::default(),
            is_alone: setup.is_alone,
            message_bytes_max: setup.message_bytes_max,
        }
    }
}

impl Dialect for Coaching {
    fn charter(&self) -> &'static Charter {
        &CHARTER
    }

    fn admit<'a>(&'a self, knock: &'a Knock<'a>) -> BoxFuture<'a, Admission> {
        Box::pin(admit::admit(self, knock))
    }

    fn hear(&self, _who: &Arc<Person>, event: &Incoming<'_>, pen: &mut Pen<'_>) -> Option<Command> {
        hear::hear(self, event, pen)
    }

    fn stranger(&self, _event: &Incoming<'_>, pen: &mut Pen<'_>) {
        tell::error(admit::NO_TOKEN, pen);
    }

    fn expired(&self, pen: &mut Pen<'_>) {
        tell::error(admit::WRONG_TOKEN, pen);
    }

    fn routes(self: Arc<Self>) -> Vec<Route> {
        rest::routes(&self)
    }

    fn failure(&self, status: u16, words: &str) -> Response {
        rest::failure(status, words)
    }
}

impl Coaching {
    /// The chat of that number.
    fn place(&self, chat: u64) -> Place {
        Place { realm: self.realm, address: Address::Number(chat) }
    }
}

/// The code of the one direct chat that two accounts have. **Invariant:** with its control
/// character it is no code that a client of any dialect can open a room by.
fn pair(one: UserId, other: UserId) -> Arc<str> {
    format!("{}\u{1f}{}", one.min(other), one.max(other)).into()
}

/// A group of everybody whom the demonstration made, with alice as its creator.
async fn demo(ports: &Ports, realm: Realm) -> Result<(), Fault> {
    const PEOPLE: [&str; 2] = ["alice@example.com", "bob@example.com"];
    const LOGINS: [&str; 3] = ["user_1", "user_2", "user_3"];
    let keys = PEOPLE.map(|email| AccountKey::Email(email.into())).into_iter();
    let keys = keys.chain(LOGINS.map(|login| AccountKey::Login(login.into())));
    let mut members = Vec::new();
    for key in keys {
        let found = ports.read(|reply| Read::Account(ACCOUNTS, key, reply)).await?;
        let role = if members.is_empty() { Role::Owner } else { Role::Member };
        members.extend(found.map(|account| (account.person.id, role)));
    }
    let room = NewRoom {
        realm,
        people: ACCOUNTS,
        kind: RoomKind::Group,
        // A code that nobody can spell, as a pair's is none, so that no room is taken for this one.
        code: Some("\u{1f}demo".into()),
        name: Some("Demo chat".into()),
        unique_name: false,
        owner: members.first().map(|(owner, _)| *owner),
        ends_ms: None,
        members,
    };
    ports.write(|reply| Write::OpenRoom(room, reply)).await.map(drop)
}
