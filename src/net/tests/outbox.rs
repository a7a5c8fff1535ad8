//! Bounds of what waits: for one receiver, for all of them, and for how long.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use polylogue_protocol::frame;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use super::super::backlog::{Backlog, Overrun};
use super::super::close::Close;
use super::super::outbox::Outbox;
use super::super::wire::{self, Wire};
use super::client::Client;
use super::{PATIENCE, Server, TIMING};
use crate::hub::id::LaneId;
use crate::hub::offset::{Offset, Upto};
use crate::hub::voice::Outlet;
use crate::limits;

const ROOMY_BYTES: usize = 1024 * 1024 * 1024;

/// An outbox's socket, whose other end reads nothing until it is told to.
async fn stuck(backlog: &Arc<Backlog>) -> (Outbox, TcpStream) {
    let any = std::net::SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = tokio::net::TcpListener::bind(any).await.expect("a free port");
    wire::prepare(&listener);
    let address = listener.local_addr().expect("it is bound");
    let mut client = TcpStream::connect(address).await.expect("it listens");
    client.write_all(b"GET").await.expect("it is open");
    let (stream, _) = listener.accept().await.expect("a client");
    let (_, writer) = Wire::Plain(stream).split();
    (Outbox::websocket(writer, backlog), client)
}

/// Pushes until something waits; returns how much the kernel took before.
fn fill(outbox: &Outbox) -> usize {
    let frame = frame::binary(&[7; 8 * 1024]);
    let mut taken = 0;
    while !outbox.is_behind() {
        outbox.push(std::slice::from_ref(&frame)).expect("nothing waits yet");
        taken += frame.len();
    }
    taken
}

#[tokio::test]
async fn a_stuck_clients_backlog_is_here_and_not_in_the_kernel() {
    let backlog = Arc::new(Backlog::new(ROOMY_BYTES, || 0));
    let (outbox, _client) = stuck(&backlog).await;
    // Two buffers of the kernel's own choosing took megabytes before.
    let taken = fill(&outbox);
    assert!(taken < 1024 * 1024, "{taken} bytes are in the kernel");
    assert!(backlog.bytes() > 0);
    drop(outbox);
    assert_eq!(backlog.bytes(), 0, "what is gone still counts");
}

#[tokio::test]
async fn who_takes_nothing_for_too_long_is_stuck() {
    static NOW_MS: AtomicU64 = AtomicU64::new(1_000);
    let backlog = Arc::new(Backlog::new(ROOMY_BYTES, || NOW_MS.load(Ordering::Relaxed)));
    let (outbox, client) = stuck(&backlog).await;
    assert_eq!(outbox.stuck_ms(), u64::MAX, "nothing waits");
    fill(&outbox);
    assert_eq!(outbox.stuck_ms(), 1_000 + limits::STUCK_MS);
    NOW_MS.store(2_000, Ordering::Relaxed);
    outbox.push(&[frame::text("4more")]).expect("it is not much");
    assert_eq!(outbox.stuck_ms(), 1_000 + limits::STUCK_MS, "what comes in is no progress");
    // One byte that leaves is, though much still waits.
    (0..20).for_each(|_| outbox.push(&[frame::binary(&[7; 32 * 1024])]).expect("it fits"));
    let mut some = vec![0; 256 * 1024];
    let moves = std::future::poll_fn(|cx| {
        let _ = client.poll_read_ready(cx).map(|_| client.try_read(&mut some));
        assert!(outbox.poll_write(cx).is_pending(), "the socket is still open");
        match outbox.stuck_ms() != 1_000 + limits::STUCK_MS {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    });
    tokio::time::timeout(PATIENCE, moves).await.expect("something leaves");
    assert_eq!(outbox.stuck_ms(), 2_000 + limits::STUCK_MS);
    outbox.close(Close::Stuck);
    assert_eq!(backlog.bytes(), 0);
}

#[test]
fn frames_between_polls_have_an_age_as_well() {
    static NOW_MS: AtomicU64 = AtomicU64::new(5);
    let backlog = Arc::new(Backlog::new(ROOMY_BYTES, || NOW_MS.load(Ordering::Relaxed)));
    let outbox = Outbox::polling(&backlog);
    let cx = &mut Context::from_waker(Waker::noop());
    let word = frame::text("4word");
    outbox.push(&vec![word; 40]).expect("it is not much");
    NOW_MS.store(70, Ordering::Relaxed);
    assert_eq!(outbox.stuck_ms(), 5 + limits::STUCK_MS);
    assert!(outbox.poll_payload(cx).is_ready(), "a part of it, as one poll takes so many");
    assert_eq!(outbox.stuck_ms(), 70 + limits::STUCK_MS);
    while backlog.bytes() > 0 {
        assert!(outbox.poll_payload(cx).is_ready());
    }
    assert_eq!(outbox.stuck_ms(), u64::MAX);
}

#[test]
fn one_receiver_has_a_bound_and_histories_do_not_add_up() {
    let backlog = Arc::new(Backlog::new(ROOMY_BYTES, || 0));
    let outbox = Outbox::polling(&backlog);
    let history = Bytes::from(vec![7; limits::ALLOWED_BYTES_MAX]);
    let mut taken = 0;
    let overrun = loop {
        outbox.allow(history.len());
        match outbox.push(std::slice::from_ref(&history)) {
            Ok(()) => taken += 1,
            Err(overrun) => break overrun,
        }
        assert!(taken < 10, "histories pile up");
    };
    assert_eq!((overrun, taken), (Overrun::Slow, 2), "one that is allowed, one as any push");
    outbox.close(Close::Slow);
    assert_eq!(backlog.bytes(), 0, "what is closed still counts");
}

#[test]
fn all_receivers_together_have_a_bound() {
    let backlog = Arc::new(Backlog::new(8 * 1024 * 1024, || 0));
    let frame = frame::binary(&[7; 16 * 1024]);
    let mut outboxes = Vec::new();
    let mut refused = 0;
    while refused < 1_000 {
        let outbox = Outbox::polling(&backlog);
        while outbox.push(std::slice::from_ref(&frame)).is_ok() {}
        refused += 1;
        outboxes.push(outbox);
    }
    assert!(backlog.bytes() <= 8 * 1024 * 1024, "{} bytes", backlog.bytes());
    assert!(outboxes.iter().filter(|outbox| outbox.is_behind()).count() > 50, "few took all");
    let (late, small) = (Outbox::polling(&backlog), frame::text("4hello"));
    assert_eq!(outboxes[0].push(std::slice::from_ref(&small)), Err(Overrun::Crowded));
    drop(outboxes);
    assert_eq!(backlog.bytes(), 0);
    assert_eq!(late.push(&[small]), Ok(()));
}

#[test]
fn a_small_part_of_a_batch_does_not_keep_the_batch() {
    let backlog = Arc::new(Backlog::new(ROOMY_BYTES, || 0));
    let outbox = Outbox::polling(&backlog);
    let batch = Bytes::from(vec![7; 128 * 1024]);
    outbox.push(&[batch.slice(..limits::PINNING_BYTES_MIN - 1)]).expect("it is not much");
    assert!(batch.is_unique(), "the batch is kept for a part of it");
    outbox.push(&[batch.slice(..limits::PINNING_BYTES_MIN)]).expect("it is not much");
    assert!(!batch.is_unique(), "what is worth it is shared");
}

#[tokio::test]
async fn who_finds_no_room_among_the_others_is_closed_for_that_whatever_the_words_end_in() {
    let server = Server::start(TIMING).await;
    let sid = Client::session(server.address).await;
    let connection = server.engine.find(&sid).expect("it is open");
    server.engine.backlog.grow(limits::BACKLOG_BYTES_MAX);
    let offset = Offset { lane: LaneId(1), position: 1 };
    connection.tell(&[frame::text("4word")], Upto { offset, joined: None });
    assert_eq!(connection.closed(), Some(Close::Crowded));
}
