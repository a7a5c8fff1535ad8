//! `lounge`: rooms with a number, for accounts with a token and a nickname of the day.
//!
//! A socket is in one room at a time, a user in a room but once. `README.md` beside this file has
//! the whole API.

mod admit;
mod alert;
mod clock;
mod hear;
mod line;
mod rest;
mod tell;

use std::sync::Arc;

use jiff::tz::TimeZone;

use super::kit::identify::Identifier;
use super::kit::pages::pages;
use super::kit::rest::{Response, Route};
use super::{Admission, BoxFuture, Charter, Dialect, Identities, Incoming, Knock, Setup};
use crate::config::{Flag, Shape};
use crate::hub::Hub;
use crate::hub::command::Command;
use crate::hub::event::{Address, Person, Place, RoomRow};
use crate::hub::id::{ACCOUNTS, Realm};
use crate::hub::ports::{Fault, NewRoom, Ports, Read, RoomKey, Write};
use crate::hub::voice::Pen;
use admit::Guests;
use alert::Alert;

/// The space of rooms with numbers.
const REALM: Realm = Realm("lounge");
/// The newest messages of a room that are told at once.
const HISTORY_MAX: u64 = 1_000;
/// The room that is there for a first try.
const DEMO_ROOM: &str = "1";

/// See [`Charter`].
pub static CHARTER: Charter = Charter {
    name: "lounge",
    summary: "rooms with a number and an end, accounts by token and nickname",
    namespaces: &["/"],
    realms: &[REALM],
    events: &["joinRoom", "chatMessage", "leaveRoom", "history"],
    identities: Identities::Verified,
    port: 3000,
    flags: &[
        Flag::switch(
            "lounge-anonymous",
            "Lets whoever has no good token or no nickname in as ANONYMOUS, with the id 1000: for \
             tests alone",
        ),
        Flag::choice(
            "lounge-rooms",
            &["open", "registered"],
            "Whether a room opens when somebody first joins it, or only by POST /api/rooms",
        ),
        Flag::new(
            "time-zone",
            "NAME",
            Shape::Checked(clock::check),
            "The time zone of the times that messages show. Default: the machine's",
        )
        .env("POLYLOGUE_TIME_ZONE"),
    ],
    pages: pages!(),
    make: |setup| Ok(Arc::new(Lounge::new(setup)?)),
    demo: |ports, shared| Box::pin(demo(ports, shared.unwrap_or(REALM))),
};

/// The dialect.
struct Lounge {
    hub: Hub,
    /// Where its rooms are.
    realm: Realm,
    identifier: Identifier,
    is_alone: bool,
    /// `None`: the anonymous stay out.
    guests: Option<Guests>,
    rooms_open_by_themselves: bool,
    zone: TimeZone,
    message_bytes_max: usize,
}

impl Lounge {
    fn new(setup: &Setup<'_>) -> Result<Lounge, String> {
        let (values, realm) = (setup.values, setup.realm(REALM));
        if realm != REALM && values.switch("lounge-anonymous") {
            return Err(
                "--lounge-anonymous lets people in whom nobody knows, and --bridge leads to \
                        the rooms of other dialects: leave out one of the two"
                    .into(),
            );
        }
        let guests = || Guests::new(crate::hub::clock::wall_ms());
        Ok(Lounge {
            hub: setup.hub.clone(),
            realm,
            identifier: Identifier::new(setup.keys, setup.hub, true),
            is_alone: setup.is_alone,
            guests: values.switch("lounge-anonymous").then(guests),
            rooms_open_by_themselves: values
                .choice("lounge-rooms", &[("open", true), ("registered", false)]),
            zone: clock::zone(values.text("time-zone"))?,
            message_bytes_max: setup.message_bytes_max,
        })
    }
}

impl Dialect for Lounge {
    fn charter(&self) -> &'static Charter {
        &CHARTER
    }

    fn admit<'a>(&'a self, knock: &'a Knock<'a>) -> BoxFuture<'a, Admission> {
        Box::pin(admit::admit(self, knock))
    }

    fn is_same(&self, before: &Person, now: &Person) -> bool {
        // The anonymous are numbered anew each time.
        before == now || (admit::is_guest(before) && admit::is_guest(now))
    }

    fn hear(&self, who: &Arc<Person>, event: &Incoming<'_>, pen: &mut Pen<'_>) -> Option<Command> {
        hear::hear(self, who, event, pen)
    }

    fn stranger(&self, _event: &Incoming<'_>, pen: &mut Pen<'_>) {
        tell::alert(Alert::LOGIN, pen);
    }

    fn expired(&self, pen: &mut Pen<'_>) {
        tell::alert(Alert::EXPIRED, pen);
    }

    fn routes(self: Arc<Self>) -> Vec<Route> {
        rest::routes(&self)
    }

    fn failure(&self, status: u16, words: &str) -> Response {
        rest::failure(status, words)
    }
}

impl Lounge {
    /// The room of that number: in its own realm one that users choose, which is the room's code;
    /// among the rooms of other dialects the one that every room has.
    fn place(&self, number: u64) -> Place {
        let address = match self.is_bridged() {
            true => Address::Number(number),
            false => Address::Code(number.to_string().into()),
        };
        Place { realm: self.realm, address }
    }

    /// The room's number, as its clients spell it.
    fn spelled(&self, row: &RoomRow) -> String {
        match &row.code {
            Some(code) if !self.is_bridged() => code.to_string(),
            _ => row.number.to_string(),
        }
    }

    /// Whether its rooms are those of other dialects as well.
    fn is_bridged(&self) -> bool {
        self.realm != REALM
    }
}

/// A room 1. Among the rooms of other dialects it is the first that anybody made.
async fn demo(ports: &Ports, realm: Realm) -> Result<(), Fault> {
    if realm != REALM {
        let first = RoomKey::Place(Place { realm, address: Address::Number(1) });
        if ports.read(|reply| Read::Room(first, reply)).await?.is_some() {
            return Ok(());
        }
    }
    let room = NewRoom::open(realm, ACCOUNTS, DEMO_ROOM);
    ports.write(|reply| Write::OpenRoom(room, reply)).await.map(drop)
}
