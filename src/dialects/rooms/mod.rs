//! `rooms`: chat rooms with a code, for accounts with a token.
//!
//! A socket joins `room_1` unless it says otherwise, is told what was said there, and speaks.
//! `README.md` beside this file has the whole API.

mod admit;
mod hear;
mod rest;
mod tell;

use std::sync::Arc;

use super::kit::attempts::Attempts;
use super::kit::identify::Identifier;
use super::kit::pages::pages;
use super::kit::rest::{Response, Route};
use super::{Admission, BoxFuture, Charter, Dialect, Identities, Incoming, Knock, Setup};
use crate::config::Flag;
use crate::hub::Hub;
use crate::hub::command::Command;
use crate::hub::event::{Address, Person, Place};
use crate::hub::id::Realm;
use crate::hub::ports::{Fault, NewRoom, Ports, Write};
use crate::hub::voice::Pen;

/// The space of rooms with codes.
const REALM: Realm = Realm("rooms");
/// The room that is meant where none is named.
const DEFAULT_ROOM: &str = "room_1";
/// The longest room code, in bytes.
const CODE_BYTES_MAX: usize = 128;

/// See [`Charter`].
pub static CHARTER: Charter = Charter {
    name: "rooms",
    summary: "rooms with a code, history on join, accounts by token",
    namespaces: &["/"],
    realms: &[REALM],
    events: &["join_room", "leave_room", "send_message", "delete_message"],
    identities: Identities::Verified,
    port: 3000,
    flags: &[
        Flag::number(
            "history-on-join",
            (0, 100_000),
            "1000",
            "Messages that somebody who joins a room is told at most; the rest by REST",
        ),
        Flag::number("page-size", (1, 1_000), "15", "Messages in a page of GET /messages")
            .env("LIMIT_PER_PAGE"),
    ],
    pages: pages!(),
    make: |setup| Ok(Arc::new(Rooms::new(setup))),
    demo: |ports, shared| Box::pin(demo(ports, shared.unwrap_or(REALM))),
};

/// The dialect.
struct Rooms {
    hub: Hub,
    /// Where its rooms are.
    realm: Realm,
    identifier: Identifier,
    attempts: Attempts,
    is_alone: bool,
    history_on_join: u64,
    page_size: u64,
    message_bytes_max: usize,
}

impl Rooms {
    fn new(setup: &Setup<'_>) -> Rooms {
        Rooms {
            hub: setup.hub.clone(),
            realm: setup.realm(REALM),
            identifier: Identifier::new(setup.keys, setup.hub, true),
            attempts: Attempts::default(),
            is_alone: setup.is_alone,
            history_on_join: setup.values.number("history-on-join"),
            page_size: setup.values.number("page-size"),
            message_bytes_max: setup.message_bytes_max,
        }
    }
}

impl Dialect for Rooms {
    fn charter(&self) -> &'static Charter {
        &CHARTER
    }

    fn admit<'a>(&'a self, knock: &'a Knock<'a>) -> BoxFuture<'a, Admission> {
        Box::pin(admit::admit(self, knock))
    }

    fn greet(&self, who: &Arc<Person>, _knock: &Knock<'_>, pen: &mut Pen<'_>) {
        tell::greet(who, pen);
    }

    fn hear(&self, _who: &Arc<Person>, event: &Incoming<'_>, pen: &mut Pen<'_>) -> Option<Command> {
        hear::hear(self, event, pen)
    }

    fn stranger(&self, _event: &Incoming<'_>, pen: &mut Pen<'_>) {
        tell::error("Unauthorized", pen);
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

impl Rooms {
    /// The room of that code. Among rooms that other dialects made, which may have no code, digits
    /// are always a room's number: else somebody could open an open room by the number that a
    /// closed one will have, and be taken for it.
    fn place(&self, code: &str) -> Place {
        let number = if self.is_bridged() { number(code) } else { None };
        let address = number.map_or_else(|| Address::Code(code.into()), Address::Number);
        Place { realm: self.realm, address }
    }

    /// Whether its rooms are those of other dialects as well.
    fn is_bridged(&self) -> bool {
        self.realm != REALM
    }
}

/// The number that a code spells, as numbers are spelled.
fn number(code: &str) -> Option<u64> {
    let is_plain = code.bytes().all(|byte| byte.is_ascii_digit());
    code.parse().ok().filter(|_| is_plain && !code.starts_with('0'))
}

/// Why a room code is none; `None`: it is one.
fn wrong_code(code: &str) -> Option<&'static str> {
    if code.trim().is_empty() {
        return Some("room should not be empty");
    }
    if code.len() > CODE_BYTES_MAX || code.chars().any(char::is_control) {
        return Some("room must be a code of at most 128 bytes without control characters");
    }
    None
}

async fn demo(ports: &Ports, realm: Realm) -> Result<(), Fault> {
    let room = NewRoom::open(realm, crate::hub::id::ACCOUNTS, DEFAULT_ROOM);
    ports.write(|reply| Write::OpenRoom(room, reply)).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::{number, wrong_code};

    #[test]
    fn digits_spell_a_number_and_nothing_else_does() {
        assert_eq!((number("7"), number("170")), (Some(7), Some(170)));
        for code in ["", "0", "07", "+7", "-7", "7.0", " 7", "room_1", "18446744073709551616"] {
            assert_eq!(number(code), None, "{code:?}");
        }
    }

    #[test]
    fn no_code_holds_a_control_character() {
        assert_eq!(wrong_code("1:2"), None);
        assert!(wrong_code("1\u{1f}2").is_some(), "such codes are for rooms that nobody spells");
    }
}
