//! How streams end: by the client, rudely, and by the server, in time.

use super::client::{Client, get, opening, poll, post};
use super::{FLOOD, PATIENCE, Server, TIMING, masked};
use polylogue_protocol::conn::Timing;
use polylogue_protocol::frame;
use tokio::io::AsyncWriteExt;

#[tokio::test]
async fn a_server_that_stops_ends_every_stream() {
    let server = Server::start(TIMING).await;
    let mut idle = Client::connect(server.address).await;
    idle.write(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").await;
    idle.until(b"\"ok\"").await;
    let silent = Client::connect(server.address).await;
    let mut halfway = Client::connect(server.address).await;
    halfway.write(b"GET /healthz HTTP/1.1\r\nHos").await;
    let sid = Client::session(server.address).await;
    let mut polling = Client::connect(server.address).await;
    polling.write(&poll(&sid)).await;
    let mut posting = Client::connect(server.address).await;
    posting.write(&post(&sid, 10)).await;
    let mut websocket = Client::websocket(server.address, "").await;
    websocket.until(b"maxPayload").await;
    let reading =
        tokio::spawn(async move { (websocket.until_end().await, polling.until_end().await) });
    assert!(server.stop().await, "a stream is still open");
    let (websocket, polling) = reading.await.expect("no panic");
    assert!(websocket.ends_with(&frame::close(1001, "server shutting down")));
    assert!(polling.ends_with(b"\r\n\r\n1"), "{}", polling.escape_ascii());
    drop((idle, silent, halfway, posting));
}

#[tokio::test]
async fn who_reads_nothing_cannot_hold_a_server_that_stops() {
    let server = Server::start(TIMING).await;
    let mut stuck = Client::websocket(server.address, "").await;
    stuck.write(&masked(&format!("4{FLOOD}"))).await;
    stuck.until(&[7; 100]).await;
    assert!(server.stop().await, "a stream is still open");
}

#[tokio::test]
async fn rude_ends_hurt_nobody() {
    let server = Server::start(TIMING).await;
    let sid = Client::session(server.address).await;
    for request in [
        opening("/nowhere/", ""),
        opening("/engine.io/", ""),
        opening("/engine.io/", "unknown"),
        opening("/engine.io/", &sid),
        b"GET / HTTP/1.1\r\nHo".to_vec(),
        b"\x16\x03\x01\x02\x00\x01\xff\0".to_vec(),
        vec![],
    ] {
        let mut reset = Client::connect(server.address).await;
        reset.stream.set_zero_linger().expect("the option is known");
        reset.write(&request).await;
        drop(reset);
        let mut half = Client::connect(server.address).await;
        half.write(&request).await;
        half.stream.shutdown().await.expect("it is open");
        half.until_end().await;
    }
    let session = Client::session(server.address).await;
    assert_eq!(session.len(), 20);
    assert!(server.stop().await, "a stream is still open");
}

#[tokio::test]
async fn an_aborted_poll_ends_its_session() {
    let server = Server::start(TIMING).await;
    let sid = Client::session(server.address).await;
    let mut polling = Client::connect(server.address).await;
    polling.write(&poll(&sid)).await;
    drop(polling);
    let gone = async {
        while server.engine.connections() > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.expect("it ends");
    assert!(get(server.address, &sid).await.contains("Session ID unknown"));
}

#[tokio::test]
async fn the_next_ping_does_not_wait_for_a_late_pong() {
    let timing = Timing { ping_interval_ms: 30, ping_timeout_ms: 60_000, ..TIMING };
    let server = Server::start(timing).await;
    let mut websocket = Client::websocket(server.address, "").await;
    for _ in 0..3 {
        websocket.until(&frame::text("2")).await;
        websocket.write(&masked("3")).await;
    }
}

#[tokio::test]
async fn who_takes_nothing_for_too_long_is_closed_as_stuck_and_counted() {
    let server = Server::start(TIMING).await;
    let mut stuck = Client::websocket(server.address, "").await;
    let handshake = stuck.until(b"\",").await;
    let sid = String::from_utf8_lossy(&handshake[handshake.len() - 22..][..20]).into_owned();
    stuck.write(&masked(&format!("4{FLOOD}"))).await;
    let connection = server.engine.find(&sid).expect("it is open");
    let backlog = async {
        while connection.outbox.stuck_ms() == u64::MAX {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, backlog).await.expect("something waits");
    let stuck_ms = connection.outbox.stuck_ms();
    assert!(connection.next_due_ms() <= stuck_ms, "nobody looks after it in time");
    connection.due(stuck_ms - 1);
    assert_eq!(server.engine.connections(), 1);
    connection.due(stuck_ms);
    assert_eq!(server.engine.connections(), 0);
    let mut asking = Client::connect(server.address).await;
    asking.write(b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await;
    let page = String::from_utf8(asking.until_end().await).expect("text");
    assert!(page.contains("connections_closed_total{reason=\"stuck receiver\"} 1\n"), "{page}");
    assert!(page.contains("backlog_bytes{of=\"connections\"} 0\n"), "{page}");
}
