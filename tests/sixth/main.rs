//! One more dialect, whose folder is here and whose name stands nowhere else: a dialect is one
//! folder, whatever is mounted beside it. It is spoken to over real sockets.

mod murmur;
mod server;

use std::sync::Arc;

use polylogue::dialects::kit::rest::{Answer, Method, Response, Route};
use polylogue::dialects::mount::Mounts;
use polylogue::dialects::{Charter, Dialect, rooms};
use polylogue::net::Router;
use polylogue_bench::client::{Client, Credentials};
use serde_json::{Value, json};

use murmur::Murmur;
use server::{Server, cors};

fn named(name: &str) -> Credentials {
    let auth = json!({ "name": name }).to_string();
    Credentials { query: String::new(), auth: Some(auth) }
}

async fn acked(client: &mut Client, event: &str, payload: &Value) -> Value {
    let id = client.emit_with_ack(event, &payload.to_string()).expect("it is open");
    let ack = client.next_ack(id).await.expect("an ack");
    serde_json::from_str::<Value>(&ack).expect("JSON")[0].take()
}

async fn heard(client: &mut Client, event: &str) -> Value {
    let args = client.next_event(event).await.expect("an event");
    serde_json::from_str::<Value>(&args).expect("JSON")[0].take()
}

#[tokio::test]
async fn its_events_and_its_route_work_beside_another_dialects() {
    let server = Server::start(&[&rooms::CHARTER, &murmur::CHARTER]).await;
    let target = server.target();
    let mut ann = Client::open(&target, &named("ann")).await.expect("she is let in");
    let mut bob = Client::open(&target, &named("bob")).await.expect("he is let in");
    for client in [&mut ann, &mut bob] {
        assert_eq!(acked(client, "murmur_join", &json!("attic")).await, json!({ "ok": true }));
    }
    let murmured = json!({ "place": "attic", "text": "psst \u{1F5E8}" });
    let ack = acked(&mut ann, "murmur", &murmured).await;
    assert_eq!(ack, json!({ "ok": true }));
    let told = json!({ "who": "ann", "text": "psst \u{1F5E8}" });
    assert_eq!(heard(&mut bob, "murmured").await, told);

    let (status, body) = server.request("GET", "/murmurs/attic").await;
    assert_eq!((status, body), (200, json!([told])));
    let (status, body) = server.request("GET", "/murmurs/cellar").await;
    assert_eq!((status, body), (404, json!({ "murmur": "nobody murmurs there" })));
    let (status, body) = server.request("PUT", "/murmurs/attic").await;
    assert_eq!((status, body), (405, json!({ "murmur": "Method Not Allowed" })));
}

#[tokio::test]
async fn each_dialect_keeps_its_own_guests() {
    let server = Server::start(&[&rooms::CHARTER, &murmur::CHARTER]).await;
    let target = server.target();
    let auth = json!({ "token": server.token(7, "neo") }).to_string();
    let with_token = Credentials { query: String::new(), auth: Some(auth) };
    let mut neo = Client::open(&target, &with_token).await.expect("a good token");
    assert_eq!(acked(&mut neo, "join_room", &json!("attic")).await, json!({ "room": "attic" }));
    let refused = acked(&mut neo, "murmur_join", &json!("attic")).await;
    assert_eq!(refused, json!({ "ok": false }), "in the words of the dialect that owns the event");

    let mut ann = Client::open(&target, &named("ann")).await.expect("she is let in");
    let refused = acked(&mut ann, "join_room", &json!("attic")).await;
    assert_eq!(refused, json!({ "error": "Unauthorized" }));
    // The same name in two realms is two rooms.
    assert_eq!(acked(&mut ann, "murmur_join", &json!("attic")).await, json!({ "ok": true }));
    let murmured = json!({ "place": "attic", "text": "alone" });
    assert_eq!(acked(&mut ann, "murmur", &murmured).await, json!({ "ok": true }));
    let said = json!({ "room": "attic", "content": "not for murmurs" });
    assert!(acked(&mut neo, "send_message", &said).await["id"].is_u64());
    let (_, body) = server.request("GET", "/murmurs/attic").await;
    assert_eq!(body, json!([{ "who": "ann", "text": "alone" }]));

    let stranger = Client::open(&target, &Credentials::default()).await;
    assert!(stranger.is_err(), "no dialect knows somebody without a name or a token");
}

/// Its charter, but for an event that another dialect listens to.
static GREEDY: Charter = Charter { events: &["send_message"], name: "greedy", ..murmur::CHARTER };

#[tokio::test]
async fn two_dialects_that_want_one_event_are_both_named() {
    let server = Server::start(&[&rooms::CHARTER]).await;
    let rooms = server.make(&rooms::CHARTER);
    let greedy: Arc<dyn Dialect> = Arc::new(Murmur::new(&GREEDY, server.hub(), Vec::new()));
    let Err(words) = Mounts::new(vec![rooms, greedy]) else { panic!("it must be refused") };
    for part in ["rooms", "greedy", "send_message", "--dialect"] {
        assert!(words.contains(part), "{part:?} in {words:?}");
    }
}

/// A route of another dialect; the one with a token is `rooms`' alone.
fn posted(bearer: Option<bool>) -> Route {
    async fn post(_: Arc<()>, _: polylogue::dialects::kit::rest::Request) -> Answer {
        Ok(Response::json(200, &"never asked"))
    }
    Route { bearer, ..Route::new(&Arc::new(()), Method::POST, "/messages", post) }
}

#[tokio::test]
async fn two_dialects_that_want_one_route_are_both_named() {
    let server = Server::start(&[&rooms::CHARTER]).await;
    let mounted = |bearer| {
        let murmur = Murmur::new(&murmur::CHARTER, server.hub(), vec![posted(bearer)]);
        let both = vec![server.make(&rooms::CHARTER), Arc::new(murmur) as Arc<dyn Dialect>];
        Mounts::new(both).expect("their events differ")
    };
    for bearer in [None, Some(true)] {
        let router = Router::new(&mounted(bearer), cors());
        let words = router.err().expect("it must be refused");
        for part in ["rooms", "murmur", "POST /messages", "--dialect"] {
            assert!(words.contains(part), "{part:?} in {words:?}");
        }
    }
    assert!(
        Router::new(&mounted(Some(false)), cors()).is_ok(),
        "the other half of a route is free"
    );
}
