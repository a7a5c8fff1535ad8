//! `murmur`: places where people with any name speak. The dialect that the tests bring along.

use std::sync::Arc;

use polylogue::dialects::kit::json;
use polylogue::dialects::kit::pages::Pages;
use polylogue::dialects::kit::rest::{Answer as RestAnswer, Method, Request, Response, Route};
use polylogue::dialects::{
    Admission, BoxFuture, Charter, Dialect, Identities, Incoming, Knock, Welcome,
};
use polylogue::hub::Hub;
use polylogue::hub::command::{Command, Deed, Join, Topic};
use polylogue::hub::event::{Address, Draft, Kind, Message, Person, Place};
use polylogue::hub::id::{Realm, UserId};
use polylogue::hub::ports::{AccountKey, NewAccount, Read, Stretch, Write};
use polylogue::hub::text::Text;
use polylogue::hub::voice::{Answer, Audience, Event, Pen, Tongue, View};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// The space of its places and of its people.
const REALM: Realm = Realm("murmur");

pub(super) const CHARTER: Charter = Charter {
    name: "murmur",
    summary: "places where anybody speaks",
    namespaces: &["/"],
    realms: &[REALM],
    events: &["murmur_join", "murmur"],
    identities: Identities::Claimed,
    port: 3000,
    flags: &[],
    pages: Pages::NONE,
    make: |setup| {
        static MURMUR: Charter = CHARTER;
        Ok(Arc::new(Murmur::new(&MURMUR, setup.hub, Vec::new())))
    },
    demo: |_, _| Box::pin(async { Ok(()) }),
};

/// The dialect; its charter and further routes may differ from test to test.
pub(super) struct Murmur {
    charter: &'static Charter,
    hub: Hub,
    more: Vec<Route>,
}

impl Murmur {
    pub(super) fn new(charter: &'static Charter, hub: &Hub, more: Vec<Route>) -> Murmur {
        Murmur { charter, hub: hub.clone(), more }
    }

    async fn person(&self, name: &str) -> Option<Arc<Person>> {
        let account = NewAccount {
            realm: REALM,
            id: None,
            code: Some(name.into()),
            name: name.into(),
            nickname: None,
            profile: None,
            login: None,
            email: None,
            password: None,
            role: None,
        };
        let ports = self.hub.ports();
        ports.write(|reply| Write::EnsureAccount(account, reply)).await.ok()?;
        let key = AccountKey::Code(name.into());
        let found = ports.read(|reply| Read::Account(REALM, key, reply)).await.ok()??;
        (found.person.id > UserId(0)).then(|| Arc::new(found.person))
    }
}

#[derive(Serialize)]
struct Murmured<'a> {
    who: &'a str,
    text: &'a Text,
}

impl<'a> Murmured<'a> {
    fn new(message: &'a Message) -> Murmured<'a> {
        let who = message.author.as_ref().map_or("nobody", |author| &author.name);
        Murmured { who, text: &message.text }
    }
}

#[derive(Serialize)]
struct Done {
    ok: bool,
}

impl Tongue for Murmur {
    fn tell(&self, event: &Event, _room: &View<'_>, pen: &mut Pen<'_>) {
        if let Event::Said(message) = event {
            pen.emit_to(Audience::Others, "murmured", &Murmured::new(message));
        }
    }

    fn answer(&self, answer: &Answer<'_>, pen: &mut Pen<'_>) {
        pen.ack(&Done { ok: answer.outcome.is_ok() });
    }
}

impl Dialect for Murmur {
    fn charter(&self) -> &'static Charter {
        self.charter
    }

    fn admit<'a>(&'a self, knock: &'a Knock<'a>) -> BoxFuture<'a, Admission> {
        #[derive(Deserialize)]
        struct Auth {
            name: String,
        }
        Box::pin(async move {
            let Some(Auth { name }) = knock.auth.and_then(json::parse) else {
                return Admission::NotMine;
            };
            match self.person(&name).await {
                Some(who) => {
                    Admission::Welcome(Welcome { who, expires_ms: None, then: Vec::new() })
                }
                None => Admission::NotMine,
            }
        })
    }

    fn hear(&self, _who: &Arc<Person>, event: &Incoming<'_>, pen: &mut Pen<'_>) -> Option<Command> {
        let asked = match event.name {
            "murmur_join" => event.first().and_then(json::string).map(|code| {
                let join = Join { create: true, ..Join::default() };
                Command { topic: Topic::Room(place(&code)), deed: Deed::Join(join) }
            }),
            _ => event.first().and_then(murmured),
        };
        if asked.is_none() {
            pen.ack(&Done { ok: false });
        }
        asked
    }

    fn stranger(&self, _event: &Incoming<'_>, pen: &mut Pen<'_>) {
        pen.ack(&Done { ok: false });
    }

    fn routes(self: Arc<Self>) -> Vec<Route> {
        let listed = Route::new(&self, Method::GET, "/murmurs/{place}", list);
        self.more.iter().cloned().chain([listed]).collect()
    }

    fn failure(&self, status: u16, words: &str) -> Response {
        failure(status, words)
    }
}

fn place(code: &str) -> Place {
    Place { realm: REALM, address: Address::Code(code.into()) }
}

fn murmured(payload: &RawValue) -> Option<Command> {
    #[derive(Deserialize)]
    struct Said<'a> {
        place: String,
        #[serde(borrow)]
        text: &'a RawValue,
    }
    let Said { place: code, text } = json::parse(payload)?;
    let text = json::text(text)?;
    let draft =
        Draft { kind: Kind::Text, text, parent: None, extra: None, key: None, rings: false };
    Some(Command { topic: Topic::Room(place(&code)), deed: Deed::Say(draft) })
}

async fn list(murmur: Arc<Murmur>, request: Request) -> RestAnswer {
    let found = murmur.hub.find(&place(request.param(0))).await;
    let room = found.ok().flatten().ok_or_else(|| failure(404, "nobody murmurs there"))?;
    let stretch = Stretch { room, upto_seq: Stretch::NEWEST, since: None, skip: 0, limit: 100 };
    let read = murmur.hub.ports().read(|reply| Read::Messages(stretch, reply)).await;
    let (messages, _) = read.map_err(|fault| failure(503, &fault.to_string()))?;
    let listed: Vec<Murmured<'_>> = messages.iter().map(Murmured::new).collect();
    Ok(Response::json(200, &listed))
}

fn failure(status: u16, words: &str) -> Response {
    #[derive(Serialize)]
    struct Failure<'a> {
        murmur: &'a str,
    }
    Response::json(status, &Failure { murmur: words })
}
