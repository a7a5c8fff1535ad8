//! The way to a WebSocket, with a client that does not wait, or does not come.

use super::client::{Client, get, opening, poll, post};
use super::{PATIENCE, Server, TIMING, masked};
use polylogue_protocol::conn::Timing;
use polylogue_protocol::frame;

#[tokio::test]
async fn a_frame_sent_with_the_request_is_heard() {
    let server = Server::start(TIMING).await;
    let mut client = Client::connect(server.address).await;
    let request = [&opening("/engine.io/", "")[..], &masked("4early")].concat();
    client.write(&request).await;
    client.until(&frame::text("4early")).await;
    let sid = Client::session(server.address).await;
    let mut client = Client::connect(server.address).await;
    let frames = ["2probe", "5", "4moved"].map(masked).concat();
    client.write(&[opening("/engine.io/", &sid), frames].concat()).await;
    client.until(&frame::text("3probe")).await;
    client.until(&frame::text("4moved")).await;
}

#[tokio::test]
async fn a_probe_that_never_comes_leaves_polling_as_it_was() {
    let server = Server::start(Timing { upgrade_timeout_ms: 50, ..TIMING }).await;
    let sid = Client::session(server.address).await;
    let late = Client::websocket(server.address, &sid).await;
    assert!(late.until_end().await.starts_with(&frame::close(1000, "")));
    let mut second = Client::websocket(server.address, &sid).await;
    second.write(&["2probe", "5", "4on"].map(masked).concat()).await;
    second.until(&frame::text("4on")).await;
}

#[tokio::test]
async fn the_end_of_a_session_ends_its_probe() {
    let server = Server::start(TIMING).await;
    let sid = Client::session(server.address).await;
    let mut probing = Client::websocket(server.address, &sid).await;
    probing.write(&masked("2probe")).await;
    probing.until(&frame::text("3probe")).await;
    let mut posting = Client::connect(server.address).await;
    posting.write(&[&post(&sid, 1)[..], b"1"].concat()).await;
    posting.until(b"ok").await;
    assert!(probing.until_end().await.starts_with(&frame::close(1000, "")));
}

#[tokio::test]
async fn requests_left_behind_do_not_end_a_session_that_has_moved() {
    let server = Server::start(TIMING).await;
    let sid = Client::session(server.address).await;
    let mut polling = Client::connect(server.address).await;
    polling.write(&poll(&sid)).await;
    let mut posting = Client::connect(server.address).await;
    posting.write(&[&post(&sid, 10)[..], b"4ha"].concat()).await;
    let mut websocket = Client::websocket(server.address, &sid).await;
    websocket.write(&["2probe", "5", "4moved"].map(masked).concat()).await;
    websocket.until(&frame::text("4moved")).await;
    polling.until(b"\r\n\r\n6").await;
    drop((polling, posting));
    let refused = async { while !get(server.address, &sid).await.contains("\"code\":3") {} };
    tokio::time::timeout(PATIENCE, refused).await.expect("polling is over");
    for _ in 0..20 {
        websocket.write(&masked("4here")).await;
        websocket.until(&frame::text("4here")).await;
    }
    assert_eq!(server.engine.connections(), 1);
}

#[tokio::test]
async fn a_goodbye_behind_the_upgrade_packet_is_heard() {
    let server = Server::start(TIMING).await;
    let sid = Client::session(server.address).await;
    let mut client = Client::websocket(server.address, &sid).await;
    let goodbye = [0x88, 0x80, 0, 0, 0, 0];
    client.write(&[&["2probe", "5"].map(masked).concat()[..], &goodbye].concat()).await;
    assert!(client.until_end().await.ends_with(&[0x88, 0]));
    assert!(get(server.address, &sid).await.contains("\"code\":1"));
}
