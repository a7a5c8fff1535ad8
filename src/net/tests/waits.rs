//! Polls that wait: on a stream alone, answered as hyper answers, whatever else is said on it.

use super::client::{Client, get, poll, post};
use super::{PATIENCE, Server, TIMING};
use tokio::io::AsyncWriteExt;

/// A poll with those words behind its request line.
fn worded(sid: &str, version: &str, words: &str) -> Vec<u8> {
    let request = String::from_utf8(poll(sid)).expect("ASCII");
    request.replace("HTTP/1.1\r\n", &format!("HTTP/{version}\r\n{words}")).into_bytes()
}

/// Has the session hear itself say that, so that its poll is answered.
async fn say(server: &Server, sid: &str, text: &str) {
    let mut posting = Client::connect(server.address).await;
    posting.write(&post(sid, text.len() + 1)).await;
    posting.write(format!("4{text}").as_bytes()).await;
    posting.until(b"\r\n\r\nok").await;
}

/// Until the session's poll waits outside hyper: a poll that overlaps it would end it, so it is
/// known from the socket being read, not from an answer.
async fn until_polled(server: &Server, sid: &str) {
    let is_polled = async {
        while !server.engine.find(sid).is_some_and(|connection| connection.outbox.is_polled()) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, is_polled).await.expect("the poll waits");
}

#[tokio::test]
async fn an_answer_that_had_to_wait_is_as_any_other() {
    let server = Server::start(TIMING).await;
    let sid = Client::session(server.address).await;
    let mut polling = Client::connect(server.address).await;
    for round in 0..3 {
        polling.write(&worded(&sid, "1.1", "Origin: http://a\r\nUser-Agent: Trident/7\r\n")).await;
        until_polled(&server, &sid).await;
        say(&server, &sid, &format!("round {round}")).await;
        let answer = polling.until(format!("\r\n\r\n4round {round}").as_bytes()).await;
        let answer = String::from_utf8(answer).expect("text").to_lowercase();
        for wanted in [
            "http/1.1 200 ok\r\n",
            "content-type: text/plain; charset=utf-8\r\n",
            "cache-control: no-store\r\n",
            "access-control-allow-origin: *\r\n",
            "x-xss-protection: 0\r\n",
            "content-length: 8\r\n",
            "date: ",
        ] {
            assert!(answer.contains(wanted), "{wanted} is not in {answer}");
        }
        assert!(!answer.contains("connection: close"), "{answer}");
    }
    assert_eq!(server.engine.connections(), 1);
    assert!(server.stop().await, "a stream is still open");
}

#[tokio::test]
async fn what_is_asked_behind_a_poll_that_waits_is_answered_behind_it() {
    let server = Server::start(TIMING).await;
    let sid = Client::session(server.address).await;
    let mut polling = Client::connect(server.address).await;
    let health = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
    // In one packet with the poll, in another, and cut in the middle.
    polling.write(&[&poll(&sid), health.as_bytes()].concat()).await;
    until_polled(&server, &sid).await;
    polling.write(health.as_bytes()).await;
    polling.write(&health.as_bytes()[..20]).await;
    say(&server, &sid, "hello").await;
    polling.until(b"\r\n\r\n4hello").await;
    polling.until(b"\"connections\":1}").await;
    polling.until(b"\"connections\":1}").await;
    polling.write(&health.as_bytes()[20..]).await;
    polling.until(b"\"connections\":1}").await;
    assert!(server.stop().await, "a stream is still open");
}

#[tokio::test]
async fn a_stream_ends_behind_an_answer_where_its_request_said_so() {
    let server = Server::start(TIMING).await;
    let sid = Client::session(server.address).await;
    for (version, words, lives) in [
        ("1.1", "Connection: close\r\n", false),
        ("1.0", "", false),
        ("1.0", "Connection: keep-alive\r\n", true),
        ("1.1", "Connection: Keep-Alive\r\n", true),
    ] {
        let mut polling = Client::connect(server.address).await;
        polling.write(&worded(&sid, version, words)).await;
        until_polled(&server, &sid).await;
        say(&server, &sid, "hello").await;
        if lives {
            polling.until(b"\r\n\r\n4hello").await;
            polling.write(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n").await;
            polling.until(b"\"connections\":1}").await;
        } else {
            let answer = polling.until_end().await;
            assert!(answer.starts_with(format!("HTTP/{version} 200 OK\r\n").as_bytes()));
            assert!(answer.ends_with(b"\r\n\r\n4hello"), "{}", answer.escape_ascii());
        }
    }
    assert!(server.stop().await, "a stream is still open");
}

#[tokio::test]
async fn who_hangs_up_while_a_poll_waits_ends_the_session_at_once() {
    let server = Server::start(TIMING).await;
    for is_half in [true, false] {
        let sid = Client::session(server.address).await;
        let mut polling = Client::connect(server.address).await;
        polling.write(&poll(&sid)).await;
        until_polled(&server, &sid).await;
        if is_half {
            polling.stream.shutdown().await.expect("it is open");
            assert!(polling.until_end().await.is_empty(), "there is nothing to say");
        } else {
            drop(polling);
        }
        let gone = async {
            while server.engine.connections() > 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, gone).await.expect("the session ends");
        assert!(get(server.address, &sid).await.contains("Session ID unknown"));
    }
    assert!(server.stop().await, "a stream is still open");
}

#[tokio::test]
async fn a_second_poll_ends_the_first_while_it_waits() {
    let server = Server::start(TIMING).await;
    let sid = Client::session(server.address).await;
    let mut polling = Client::connect(server.address).await;
    polling.write(&poll(&sid)).await;
    until_polled(&server, &sid).await;
    assert!(get(server.address, &sid).await.starts_with("HTTP/1.1 400"));
    polling.until(b"\r\n\r\n1").await;
    assert!(server.stop().await, "a stream is still open");
}

#[tokio::test]
async fn a_post_behind_a_poll_that_did_not_wait_has_its_body_read() {
    let server = Server::start(TIMING).await;
    let sid = Client::session(server.address).await;
    say(&server, &sid, "there already").await;
    let mut both = Client::connect(server.address).await;
    both.write(&poll(&sid)).await;
    both.until(b"\r\n\r\n4there already").await;
    both.write(&post(&sid, 6)).await;
    both.write(b"4he").await;
    // The other half comes once the server has seen the first and waits for it.
    say(&server, &Client::session(server.address).await, "elsewhere").await;
    both.write(b"llo").await;
    both.until(b"\r\n\r\nok").await;
    both.write(&poll(&sid)).await;
    both.until(b"\r\n\r\n4hello").await;
    assert!(server.stop().await, "a stream is still open");
}
