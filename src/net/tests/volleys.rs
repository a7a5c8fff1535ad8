//! What is said to many at once, with a ring and without: the same comes, in the same order.

use std::sync::Arc;

use bytes::Bytes;
use polylogue_protocol::frame;

use super::super::close::Close;
use super::super::connection::Connection;
use super::super::outbox::Aim;
use super::super::{ring, volley};
use super::client::Client;
use super::{Server, TIMING};
use crate::hub::voice::Delivery;
use crate::limits;

const MEMBERS: usize = limits::VOLLEY_MIN + 2;
/// Of a frame that is larger than what the kernel keeps unsent.
const LARGE_BYTES: usize = 48 * 1024;

/// Connections and, in their order, their clients, who have read nothing yet but the handshake.
struct Room {
    connections: Vec<Arc<Connection>>,
    clients: Vec<Client>,
    _server: Server,
}

impl Room {
    async fn new() -> Room {
        let server = Server::start(TIMING).await;
        let (mut connections, mut clients) = (Vec::new(), Vec::new());
        for _ in 0..MEMBERS {
            let mut client = Client::websocket(server.address, "").await;
            client.until(b"\"sid\":\"").await;
            let sid = String::from_utf8(client.until(b"\"").await).expect("an id");
            client.until(b"}").await;
            connections.push(server.engine.find(sid.trim_end_matches('"')).expect("it is open"));
            clients.push(client);
        }
        Room { connections, clients, _server: server }
    }
}

/// Says it to all of them at once.
fn tell<'a>(connections: impl IntoIterator<Item = &'a Arc<Connection>>, frame: &Bytes) {
    let frames = std::slice::from_ref(frame);
    let connections = connections.into_iter().map(Arc::as_ref);
    let deliveries: Vec<Delivery<'_>> =
        connections.map(|to| Delivery { to, frames, upto: None }).collect();
    volley::send(&deliveries);
}

async fn everybody_hears_all_in_order() {
    let Room { connections, clients, _server } = Room::new().await;
    for number in 0..3 {
        tell(&connections, &frame::text(&format!("4word {number}")));
    }
    // Everybody twice: the second time, the outbox is locked by the first.
    tell(connections.iter().chain(&connections), &frame::text("4last"));
    let words = ["4word 0", "4word 1", "4word 2", "4last", "4last"].map(frame::text).concat();
    for mut client in clients {
        let mut heard = client.until(b"4last").await;
        heard.extend(client.until(b"4last").await);
        assert_eq!(heard, words, "{}", heard.escape_ascii());
    }
}

#[tokio::test]
async fn everybody_hears_all_in_order_with_a_ring() {
    everybody_hears_all_in_order().await;
}

#[tokio::test]
async fn everybody_hears_all_in_order_without_one() {
    ring::refuse();
    everybody_hears_all_in_order().await;
}

#[tokio::test]
async fn what_a_socket_does_not_take_comes_later_and_whole() {
    let Room { connections, mut clients, _server } = Room::new().await;
    let (large, last) = (frame::binary(&[7; LARGE_BYTES]), frame::text("4last"));
    let mut told_bytes = last.len();
    while !connections.iter().all(|connection| connection.outbox.is_behind()) {
        tell(&connections, &large);
        told_bytes += large.len();
    }
    tell(&connections, &last);
    for client in &mut clients {
        assert_eq!(client.until(&last).await.len(), told_bytes);
    }
    assert!(connections.iter().all(|connection| !connection.is_closed()));
}

#[tokio::test]
async fn who_reads_nothing_is_closed_and_the_others_hear_everything() {
    let Room { connections, mut clients, _server } = Room::new().await;
    let large = frame::binary(&[7; LARGE_BYTES]);
    let (stuck, others) = connections.split_first().expect("there are some");
    while !stuck.is_closed() {
        tell(&connections, &large);
        for client in &mut clients[1..] {
            assert_eq!(client.until(&large).await.len(), large.len());
        }
    }
    assert_eq!(stuck.closed(), Some(Close::Slow));
    assert!(others.iter().all(|connection| !connection.is_closed()));
}

#[tokio::test]
async fn whoever_has_an_outbox_holds_up_only_those_behind_it() {
    let Room { connections, mut clients, _server } = Room::new().await;
    let first = frame::text("4first");
    let second = connections[1].clone();
    let Aim::At(aimed) = second.outbox.aim(std::slice::from_ref(&first), None) else {
        panic!("nothing waits, and nobody has it");
    };
    let telling = std::thread::spawn(move || tell(&connections, &frame::text("4second")));
    clients[0].until(b"4second").await;
    aimed.land(0).expect("nothing waits");
    telling.join().expect("it is told");
    for client in &mut clients[2..] {
        client.until(b"4second").await;
    }
    let heard = clients[1].until(b"4second").await;
    assert_eq!(heard, [first, frame::text("4second")].concat());
}
