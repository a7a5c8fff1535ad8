//! The dialect that the official test suites expect: at CONNECT it emits `auth` with the
//! handshake's payload; `message` comes back as `message-back`, and `message-with-ack` is acked
//! with its arguments.

use std::sync::Arc;

use bytes::Bytes;
use polylogue::dialects::kit::pages::Pages;
use polylogue::dialects::kit::rest::{Response, Route};
use polylogue::dialects::{
    Admission, BoxFuture, Charter, Dialect, Identities, Incoming, Knock, Welcome,
};
use polylogue::hub::command::Command;
use polylogue::hub::event::Person;
use polylogue::hub::id::{Realm, UserId};
use polylogue::hub::voice::{Answer, Event, Pen, Tongue, View};
use polylogue_protocol::sio::placeholder;
use serde_json::value::RawValue;

/// See [`Charter`].
pub(crate) static CHARTER: Charter = Charter {
    name: "conformance",
    summary: "what the protocol test suites expect",
    namespaces: &["/", "/custom"],
    realms: &[],
    events: &["message", "message-with-ack"],
    identities: Identities::Claimed,
    port: 3000,
    flags: &[],
    pages: Pages::NONE,
    make: |_| Ok(Arc::new(Echo)),
    demo: |_, _| Box::pin(async { Ok(()) }),
};

/// Says back what it hears.
pub(crate) struct Echo;

impl Tongue for Echo {
    fn tell(&self, _event: &Event, _room: &View<'_>, _pen: &mut Pen<'_>) {}

    fn answer(&self, _answer: &Answer<'_>, _pen: &mut Pen<'_>) {}
}

impl Dialect for Echo {
    fn charter(&self) -> &'static Charter {
        &CHARTER
    }

    fn admit<'a>(&'a self, _knock: &'a Knock<'a>) -> BoxFuture<'a, Admission> {
        let who = Arc::new(Person {
            realm: Realm("conformance"),
            id: UserId(1),
            code: None,
            name: "anybody".into(),
            nickname: None,
            profile: None,
        });
        let welcome = Welcome { who, expires_ms: None, then: Vec::new() };
        Box::pin(async { Admission::Welcome(welcome) })
    }

    fn greet(&self, _who: &Arc<Person>, knock: &Knock<'_>, pen: &mut Pen<'_>) {
        let nothing: &RawValue = serde_json::from_str("{}").expect("an object is JSON");
        pen.emit_raw("auth", &[knock.auth.unwrap_or(nothing)], &[]);
    }

    fn hear(&self, _who: &Arc<Person>, event: &Incoming<'_>, pen: &mut Pen<'_>) -> Option<Command> {
        let mut answer = |args: &[&RawValue], attachments: &[Bytes]| match event.name {
            "message" => pen.emit_raw("message-back", args, attachments),
            _ => pen.ack_raw(args, attachments),
        };
        if event.attachments.is_empty() {
            answer(event.args, &[]);
        } else {
            let (args, attachments) = spelled_again(event);
            let args: Vec<&RawValue> = args.iter().map(|arg| &**arg).collect();
            answer(&args, &attachments);
        }
        None
    }

    fn stranger(&self, _event: &Incoming<'_>, _pen: &mut Pen<'_>) {}

    fn routes(self: Arc<Self>) -> Vec<Route> {
        Vec::new()
    }

    fn failure(&self, status: u16, words: &str) -> Response {
        Response::json(status, &words)
    }
}

/// The arguments as a sender spells them: with the attachments that they use, counted in order.
fn spelled_again(event: &Incoming<'_>) -> (Vec<Box<RawValue>>, Vec<Bytes>) {
    let mut used = Vec::new();
    let mut again = |arg: &&RawValue| {
        let json = placeholder::renumber(arg.get(), event.attachments.len(), &mut used);
        RawValue::from_string(json.expect("placeholders were checked")).expect("JSON stays JSON")
    };
    let args = event.args.iter().map(&mut again).collect();
    (args, used.iter().map(|place| event.attachments[*place].clone()).collect())
}
