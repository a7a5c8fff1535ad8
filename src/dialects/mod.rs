//! Dialects: the chat APIs that polylogue speaks, each an island in a folder of its own.
//!
//! A dialect says who may come in ([`Dialect::admit`]), what an event asks for
//! ([`Dialect::hear`]), how facts are worded ([`Tongue`]) and which REST routes it has. It names no
//! other dialect and knows neither sockets nor SQL. To add one: a folder, and its name in the list.

pub mod kit;
pub mod mount;

use std::future::Future;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use serde_json::value::RawValue;

use crate::config::{Flag, Values};
use crate::hub::Hub;
use crate::hub::command::Command;
use crate::hub::event::Person;
use crate::hub::id::Realm;
use crate::hub::ports::{Fault, Ports};
use crate::hub::voice::{Pen, Tongue};
use crate::keys::{Claims, Keys, TokenError};
use kit::pages::Pages;
use kit::rest::{Response, Route};
use kit::token::Given;

/// Declares each dialect's module and lists its charter: THE LIST.
macro_rules! dialects {
    ($($name:ident)*) => {
        $(pub mod $name;)*

        /// The charter of every dialect, in the order they are asked at CONNECT.
        pub const ALL: &[&Charter] = &[$(&$name::CHARTER),*];
    };
}

dialects! { rooms conversations chatty coaching lounge }

/// The realm of the rooms that dialects share where the operator says so.
pub const BRIDGE: Realm = Realm("bridge");

/// A future that can be kept in a table of routes or behind a trait.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// See [`Charter::demo`].
pub type Demo = for<'a> fn(&'a Ports, Option<Realm>) -> BoxFuture<'a, Result<(), Fault>>;

/// What is known of a dialect before any of it runs.
pub struct Charter {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is, in one line for `--help` and the front page.
    pub summary: &'static str,
    /// The namespaces its sockets live in; the ones behind the first are aliases.
    pub namespaces: &'static [&'static str],
    /// The realms it keeps rooms or people in, besides the accounts.
    pub realms: &'static [Realm],
    /// The events it listens to. No two dialects of a namespace may share one.
    pub events: &'static [&'static str],
    /// Whether it verifies who somebody is, or believes what they claim.
    pub identities: Identities,
    /// The port it listens on when it is the only one and nobody says otherwise.
    pub port: u16,
    /// Its own settings.
    pub flags: &'static [Flag],
    /// What it shows in a browser.
    pub pages: Pages,
    /// Makes it.
    pub make: fn(&Setup<'_>) -> Result<Arc<dyn Dialect>, String>,
    /// Puts its demonstration data into the store; doing it again changes nothing. With a shared
    /// realm (see [`Setup::shared`]) into that one.
    pub demo: Demo,
}

/// Whether identities are verified or only claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identities {
    /// By a signed token or a password.
    Verified,
    /// Anybody may say they are anybody.
    Claimed,
    /// Claimed unless the operator gives one of the dialect's own flags this word.
    ClaimedUnless {
        /// The flag, without the dashes.
        flag: &'static str,
        /// The word that makes the dialect verify.
        word: &'static str,
    },
}

impl Identities {
    /// The realm that a dialect of such identities shares where there is a bridge. Whoever only
    /// claims to be somebody stays on this side of it.
    #[must_use]
    pub fn shared_realm(self) -> Option<Realm> {
        (self == Identities::Verified).then_some(BRIDGE)
    }

    /// Whether, with these settings, anybody may say they are anybody.
    #[must_use]
    pub fn are_claimed(self, values: &Values) -> bool {
        match self {
            Identities::Verified => false,
            Identities::Claimed => true,
            Identities::ClaimedUnless { flag, word } => values.text(flag) != Some(word),
        }
    }
}

/// What a dialect is made with.
pub struct Setup<'a> {
    /// The operator's settings, its own among them.
    pub values: &'a Values,
    /// To check and sign tokens with.
    pub keys: &'a Arc<Keys>,
    /// The way into the rooms.
    pub hub: &'a Hub,
    /// Whether it is the only dialect of the server, whose rules then hold strictly.
    pub is_alone: bool,
    /// The longest text of a message, in bytes.
    pub message_bytes_max: usize,
    /// The realm of rooms that it shares with others; `None`: it keeps to its own.
    ///
    /// **Invariant:** never given to a dialect whose identities are, or might be, only claimed.
    pub shared: Option<Realm>,
}

impl Setup<'_> {
    /// The realm that a dialect is to keep its stored rooms in: `own`, or the shared one. Personal
    /// rooms go with them, since that is where rooms ring; at most one of the dialects that share
    /// may sit in personal rooms, or users would be told everything once in the words of each.
    #[must_use]
    pub fn realm(&self, own: Realm) -> Realm {
        self.shared.unwrap_or(own)
    }
}

/// A chat API. See the module's head.
pub trait Dialect: Tongue {
    /// Its charter.
    fn charter(&self) -> &'static Charter;

    /// Whether whoever knocks at one of its namespaces may come in.
    fn admit<'a>(&'a self, knock: &'a Knock<'a>) -> BoxFuture<'a, Admission>;

    /// Whether somebody who comes back with what only a lost session's client knows, and whom it
    /// has let in anew as `now`, is whom that session belonged to.
    fn is_same(&self, before: &Person, now: &Person) -> bool {
        before == now
    }

    /// Greets somebody who was admitted, right after CONNECT was answered.
    fn greet(&self, _who: &Arc<Person>, _knock: &Knock<'_>, _pen: &mut Pen<'_>) {}

    /// Hears an event of its own. What it asks of a room is returned; whatever else there is to
    /// say (bad input, above all) goes to the pen.
    fn hear(&self, who: &Arc<Person>, event: &Incoming<'_>, pen: &mut Pen<'_>) -> Option<Command>;

    /// Answers an event of its own from somebody whom it did not admit.
    fn stranger(&self, event: &Incoming<'_>, pen: &mut Pen<'_>);

    /// Tells somebody whose token has expired so, right before the session is ended.
    fn expired(&self, _pen: &mut Pen<'_>) {}

    /// Its REST routes.
    fn routes(self: Arc<Self>) -> Vec<Route>;

    /// An error of a REST request that did not come as far as a route, in its own envelope.
    fn failure(&self, status: u16, words: &str) -> Response;
}

/// Somebody at the door: a CONNECT packet, and the HTTP request that opened the connection.
pub struct Knock<'a> {
    /// The namespace, as the client spelled it, without its query.
    pub namespace: &'a str,
    /// The packet's payload: a JSON object.
    pub auth: Option<&'a RawValue>,
    /// The query of the HTTP request; nothing where it says nothing but to Engine.IO.
    pub query: &'a str,
    /// The token in the HTTP headers `token` or `Authorization: Bearer`.
    pub header_token: Option<&'a str>,
    /// Where the connection comes from.
    pub peer: IpAddr,
    /// What was found out so far.
    pub findings: Findings,
}

/// What dialects have found out about a [`Knock`], so that those behind need not do it again.
#[derive(Default)]
pub struct Findings {
    token: OnceLock<Given>,
    /// What its token says. **Invariant:** all dialects verify by the same keys.
    claims: OnceLock<Result<Claims, TokenError>>,
}

impl Knock<'_> {
    /// A field of [`Knock::auth`]; of two with one name the last. One that is null is there.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&RawValue> {
        self.auth.and_then(|auth| kit::json::field(auth, name))
    }
}

/// A dialect's answer at the door.
pub enum Admission {
    /// Somebody else's guest: no token, for example. Never wrong by itself.
    NotMine,
    /// Come in.
    Welcome(Welcome),
    /// Stay out.
    Refused(Refused),
}

/// See [`Admission::Welcome`].
pub struct Welcome {
    /// Who it is.
    pub who: Arc<Person>,
    /// When the grant ends, in ms since 1970.
    pub expires_ms: Option<u64>,
    /// What the session asks of rooms right away.
    pub then: Vec<Command>,
}

/// See [`Admission::Refused`].
#[derive(Clone, Debug)]
pub struct Refused {
    /// The payload of CONNECT_ERROR: a JSON object with `message`.
    pub payload: String,
    /// Where several dialects refuse, the words of the highest precedence are used.
    pub precedence: u8,
}

/// An event as it came from a socket.
pub struct Incoming<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its arguments, as they are.
    pub args: &'a [&'a RawValue],
    /// The bytes that the placeholders in `args` stand for.
    pub attachments: &'a [Bytes],
}

impl Incoming<'_> {
    /// The first argument, where there is one.
    #[must_use]
    pub fn first(&self) -> Option<&RawValue> {
        self.args.first().copied()
    }
}

#[cfg(test)]
mod tests {
    use super::Identities;

    #[test]
    fn only_a_dialect_that_always_verifies_crosses_the_bridge() {
        assert!(Identities::Verified.shared_realm().is_some());
        assert!(Identities::Claimed.shared_realm().is_none());
        let sometimes = Identities::ClaimedUnless { flag: "auth", word: "token" };
        assert!(sometimes.shared_realm().is_none());
    }
}
