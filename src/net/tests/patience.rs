//! Clients that take too long: over a request's head, and over its answer.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::task::JoinHandle;

use super::super::counters;
use super::super::stream::{self, Desk, Patience};
use super::super::wire::Wire;
use super::client::{Client, poll, post};
use super::{FLOOD, FLOOD_FRAME_BYTES, PATIENCE, Server, TIMING, listener};

const SHORT: Duration = Duration::from_millis(50);

/// A stream on which something was said, served with so much patience, whatever the server's own
/// has.
async fn served(
    server: &Server,
    patience: Patience,
    is_narrow: bool,
    said: &[u8],
) -> (Client, JoinHandle<()>) {
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = listener::bind(any).await.expect("a free port");
    let address = listener.local_addr().expect("it is bound");
    let mut client = match is_narrow {
        true => Client::narrow(address).await,
        false => Client::connect(address).await,
    };
    client.write(said).await;
    let (stream, peer) = listener.accept().await.expect("a client");
    let (site, stop) = (server.site.clone(), server.stop.subscribe());
    let desk = Desk { site, peer: peer.ip(), stop, patience };
    (client, tokio::spawn(stream::converse(Wire::Plain(stream), desk)))
}

async fn over(conversation: JoinHandle<()>) {
    let ended = tokio::time::timeout(PATIENCE, conversation).await;
    ended.expect("an end in time").expect("no panic");
}

#[tokio::test]
async fn a_head_that_does_not_end_ends_the_stream_and_is_counted() {
    let server = Server::start(TIMING).await;
    let patience = Patience { head: SHORT, ..Patience::default() };
    let said = b"GET / HTTP/1.1\r\nHost: a\r\nX: y";
    let (client, conversation) = served(&server, patience, false, said).await;
    over(conversation).await;
    client.until_end().await;
    let page = counters::metrics(&server.site);
    let counted = "polylogue_refused_answers_total{status=\"408\"} 1\n";
    assert!(page.contains(counted), "{page}");
}

#[tokio::test]
async fn an_answer_that_is_not_taken_ends_the_stream() {
    let server = Server::start(TIMING).await;
    let sid = Client::session(server.address).await;
    let mut posting = Client::connect(server.address).await;
    posting.write(&post(&sid, FLOOD.len() + 1)).await;
    posting.write(format!("4{FLOOD}").as_bytes()).await;
    posting.until(b"\r\n\r\nok").await;
    let patience = Patience { write: SHORT, ..Patience::default() };
    let (client, conversation) = served(&server, patience, true, &poll(&sid)).await;
    over(conversation).await;
    let taken = client.until_end().await.len();
    assert!(taken < FLOOD_FRAME_BYTES, "{taken} bytes were taken by a client that read none");
}
