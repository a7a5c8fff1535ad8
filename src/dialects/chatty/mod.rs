//! `chatty`: open chatrooms with UUIDs, for users who are whoever they say they are.
//!
//! Users and chatrooms are made, and messages posted, by REST; a socket joins chatrooms and is
//! told what is posted there. `README.md` beside this file has the whole API.

mod admit;
mod hear;
mod rest;
mod tell;
mod uuid;

use std::sync::Arc;

use super::kit::pages::pages;
use super::kit::rest::{Response, Route};
use super::{Admission, BoxFuture, Charter, Dialect, Identities, Incoming, Knock, Setup};
use crate::hub::Hub;
use crate::hub::command::Command;
use crate::hub::event::{Address, Person, Place};
use crate::hub::id::Realm;
use crate::hub::voice::Pen;

/// The space of chatrooms, and of the people in them.
const REALM: Realm = Realm("chatty");

/// See [`Charter`].
pub static CHARTER: Charter = Charter {
    name: "chatty",
    summary: "open chatrooms with UUIDs, posted to by REST, heard over sockets",
    // A client that takes the server's URL for `http://host:8000/socket.io` asks for a namespace.
    namespaces: &["/", "/socket.io"],
    realms: &[REALM],
    events: &["join", "leave"],
    identities: Identities::Claimed,
    port: 8000,
    flags: &[],
    pages: pages!(),
    make: |setup| Ok(Arc::new(Chatty::new(setup)?)),
    // The document's walk-through makes its own user and chatroom, under names that must be free.
    demo: |_, _| Box::pin(async { Ok(()) }),
};

/// The dialect.
struct Chatty {
    hub: Hub,
    guests: admit::Guests,
    codes: rest::Codes,
    message_bytes_max: usize,
}

impl Chatty {
    fn new(setup: &Setup<'_>) -> Result<Chatty, String> {
        Ok(Chatty {
            hub: setup.hub.clone(),
            guests: admit::Guests::new()?,
            codes: rest::Codes::default(),
            message_bytes_max: setup.message_bytes_max,
        })
    }
}

impl Dialect for Chatty {
    fn charter(&self) -> &'static Charter {
        &CHARTER
    }

    fn admit<'a>(&'a self, _knock: &'a Knock<'a>) -> BoxFuture<'a, Admission> {
        Box::pin(async { self.guests.admit() })
    }

    fn is_same(&self, _before: &Person, _now: &Person) -> bool {
        // Guests are numbered anew each time, and nothing hangs on the number.
        true
    }

    fn hear(&self, _who: &Arc<Person>, event: &Incoming<'_>, pen: &mut Pen<'_>) -> Option<Command> {
        hear::hear(event, pen)
    }

    fn stranger(&self, _event: &Incoming<'_>, pen: &mut Pen<'_>) {
        tell::error("Unauthorized", pen);
    }

    fn routes(self: Arc<Self>) -> Vec<Route> {
        rest::routes(&self)
    }

    fn failure(&self, status: u16, words: &str) -> Response {
        rest::failure(status, words)
    }
}

/// The chatroom of that UUID.
fn place(code: &str) -> Place {
    Place { realm: REALM, address: Address::Code(code.into()) }
}
