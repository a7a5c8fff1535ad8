//! `conversations`: talks between two, for users whose number is claimed, or proven by a token.
//!
//! A conversation is made by REST, joined and spoken in by its two users over sockets, and read
//! again by REST. `README.md` beside this file has the whole API.

mod admit;
mod fields;
mod hear;
mod rest;
mod tell;

use std::sync::Arc;

use super::kit::identify::Identifier;
use super::kit::pages::{Page, pages};
use super::kit::rest::{Response, Route};
use super::{Admission, BoxFuture, Charter, Dialect, Identities, Incoming, Knock, Setup};
use crate::config::Flag;
use crate::hub::Hub;
use crate::hub::command::Command;
use crate::hub::event::{Address, Person, Place, Role, RoomKind};
use crate::hub::id::{ACCOUNTS, Realm, UserId};
use crate::hub::ports::{Fault, NewRoom, Ports, Write};
use crate::hub::voice::Pen;

/// Where rooms are, and whose they are. **Invariant:** what was said under claimed numbers and
/// what was said under verified ones never meet, whatever the operator changes between two starts.
#[derive(Clone, Copy)]
struct Realms {
    rooms: Realm,
    people: Realm,
}

/// Anybody is whoever they say.
const CLAIMED: Realms =
    Realms { rooms: Realm("conversations"), people: Realm("conversations-claimed") };
/// Tokens say who is who.
const VERIFIED: Realms = Realms { rooms: Realm("conversations-verified"), people: ACCOUNTS };

/// The flag that chooses between the two, and the word for the second.
const AUTH_FLAG: &str = "conversations-auth";
const AUTH_TOKEN: &str = "token";

/// See [`Charter`].
pub static CHARTER: Charter = Charter {
    name: "conversations",
    summary: "talks between two users, presence, kinds of messages",
    namespaces: &["/chat"],
    realms: &[CLAIMED.rooms, CLAIMED.people, VERIFIED.rooms],
    events: &["send-message", "join-conversation", "leave-conversation", "typing"],
    identities: Identities::ClaimedUnless { flag: AUTH_FLAG, word: AUTH_TOKEN },
    port: 3000,
    flags: &[
        Flag::choice(
            "presence",
            &["everyone", "contacts"],
            "Who is told that a user comes online or goes offline: everyone, or those who share a \
             conversation with them",
        ),
        Flag::choice(
            AUTH_FLAG,
            &["open", AUTH_TOKEN],
            "Whether a user's number is believed, or sockets and requests need a token of that \
             user. The two keep their conversations apart",
        ),
    ],
    pages: pages!(own: &[Page {
        path: "/test/websocket-test.html",
        title: "WebSocket test client",
        main: include_str!("web/websocket-test.html"),
        script: include_str!("web/websocket-test.js"),
    }]),
    make: |setup| Ok(Arc::new(Conversations::new(setup))),
    demo: |ports, _| Box::pin(demo(ports)),
};

/// The dialect.
struct Conversations {
    hub: Hub,
    /// `None`: users are believed.
    identifier: Option<Identifier>,
    realms: Realms,
    /// Whether presence is for those alone who share a conversation.
    for_contacts: bool,
    message_bytes_max: usize,
}

impl Conversations {
    fn new(setup: &Setup<'_>) -> Conversations {
        let verifies = setup.values.text(AUTH_FLAG) == Some(AUTH_TOKEN);
        Conversations {
            hub: setup.hub.clone(),
            identifier: verifies.then(|| Identifier::new(setup.keys, setup.hub, true)),
            realms: if verifies { VERIFIED } else { CLAIMED },
            for_contacts: setup.values.text("presence") == Some("contacts"),
            message_bytes_max: setup.message_bytes_max,
        }
    }

    /// The conversation of that number.
    fn place(&self, number: u64) -> Place {
        Place { realm: self.realms.rooms, address: Address::Number(number) }
    }
}

impl Dialect for Conversations {
    fn charter(&self) -> &'static Charter {
        &CHARTER
    }

    fn admit<'a>(&'a self, knock: &'a Knock<'a>) -> BoxFuture<'a, Admission> {
        Box::pin(admit::admit(self, knock))
    }

    fn hear(&self, who: &Arc<Person>, event: &Incoming<'_>, pen: &mut Pen<'_>) -> Option<Command> {
        hear::hear(self, who, event, pen)
    }

    fn stranger(&self, _event: &Incoming<'_>, pen: &mut Pen<'_>) {
        tell::failed(None, "Unauthorized", pen);
    }

    fn expired(&self, pen: &mut Pen<'_>) {
        tell::error("Unauthorized", pen);
    }

    fn routes(self: Arc<Self>) -> Vec<Route> {
        rest::routes(&self)
    }

    fn failure(&self, status: u16, words: &str) -> Response {
        rest::failure(status, words)
    }
}

/// Somebody who is nothing but a number.
fn claimed(user: u64) -> Person {
    Person {
        realm: CLAIMED.people,
        id: UserId(user),
        code: None,
        name: format!("user_{user}").into(),
        nickname: None,
        profile: None,
    }
}

/// A conversation's code: its two users, the smaller number first, so that a pair has just one.
fn code(one: u64, other: u64) -> Arc<str> {
    format!("{}:{}", one.min(other), one.max(other)).into()
}

/// A conversation that `sender` begins.
fn new_room(realms: Realms, sender: u64, receiver: u64) -> NewRoom {
    NewRoom {
        realm: realms.rooms,
        people: realms.people,
        kind: RoomKind::Direct,
        code: Some(code(sender, receiver)),
        name: None,
        unique_name: false,
        owner: Some(UserId(sender)),
        ends_ms: None,
        members: vec![(UserId(sender), Role::Owner), (UserId(receiver), Role::Member)],
    }
}

async fn demo(ports: &Ports) -> Result<(), Fault> {
    for realms in [CLAIMED, VERIFIED] {
        let room = new_room(realms, 1, 2);
        ports.write(|reply| Write::OpenRoom(room, reply)).await?;
    }
    Ok(())
}
