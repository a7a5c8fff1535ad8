//! Scenes: what may happen to one connection's outbox at once, and what its client must have read
//! at the end. A wake-up that is lost leaves somebody waiting, which the scheduler reports.

use std::future::poll_fn;
use std::io::IoSlice;
use std::sync::{Arc, LazyLock};
use std::task::Context;

use bytes::Bytes;
use polylogue_protocol::frame::{self, Opcode};
use shuttle::future::{JoinHandle, block_on, spawn};
use shuttle::thread;

use super::backlog::Backlog;
use super::close::Close;
use super::outbox::{Aim, Outbox};
use super::wire::{Client, stream};

/// More than anything here needs.
const ROOMY_BYTES: usize = 1024 * 1024 * 1024;
const PUSHERS: usize = 2;
const PUSHES: usize = 3;
/// What they say altogether, two messages a push.
const MESSAGES: usize = PUSHERS * PUSHES * 2;
/// So large that a few of them are more than may wait.
const LARGE_BYTES: usize = 700 * 1024;
static LARGE: LazyLock<Bytes> = LazyLock::new(|| frame::text(&"x".repeat(LARGE_BYTES)));

/// Rooms push while the client reads slowly: it reads all of it, though nobody hurries the task
/// that writes. Then the server closes.
pub fn pushes_while_the_socket_fills() {
    read_slowly(pushers);
}

/// What rooms say leaves in volleys while the connection says something itself, and the client
/// reads slowly: the same.
pub fn volleys_while_the_socket_fills() {
    read_slowly(|outbox| vec![pusher(outbox, 0, push), pusher(outbox, 1, aim)]);
}

/// The close comes between volleys, or while one is under way.
pub fn a_close_among_volleys() {
    let (writer, client) = stream();
    let outbox = Arc::new(Outbox::websocket(writer, &backlog()));
    let writing = write(&outbox, &client);
    let pushers = vec![pusher(&outbox, 0, aim), pusher(&outbox, 1, aim)];
    let reading = spawn(async { Reader::new(client).read_all().await });
    outbox.close(Close::Shutdown);
    let said = block_on(reading).expect("the client has read");
    block_on(writing).expect("the task has ended");
    join(pushers);
    said.assert_ordered(&[]);
    assert!(said.is_closed && said.rest == 0, "the goodbye comes whole");
}

/// The close comes in the middle: what was pushed before it is read, and nothing behind the
/// goodbye.
pub fn a_close_in_the_middle() {
    let (writer, client) = stream();
    let outbox = Arc::new(Outbox::websocket(writer, &backlog()));
    let writing = write(&outbox, &client);
    let pushers = pushers(&outbox);
    let reading = spawn(async { Reader::new(client).read_all().await });
    outbox.close(Close::Shutdown);
    let said = block_on(reading).expect("the client has read");
    block_on(writing).expect("the task has ended");
    join(pushers);
    said.assert_ordered(&[]);
    assert!(said.is_closed && said.rest == 0, "the goodbye comes whole");
}

/// A client polls, and moves to a WebSocket while rooms push. What the polls brought and what the
/// socket brings, one behind the other, is all of it.
pub fn an_upgrade_while_rooms_push() {
    let outbox = Arc::new(Outbox::polling(&backlog()));
    let pushers = pushers(&outbox);
    let polling = spawn(poll(Arc::clone(&outbox), usize::MAX));
    let (writer, client) = stream();
    let upgrading = {
        let (outbox, client) = (Arc::clone(&outbox), client.clone());
        thread::spawn(move || {
            outbox.upgrade(writer);
            write(&outbox, &client)
        })
    };
    let polled = block_on(polling).expect("the last poll is let go");
    let mut reader = Reader::new(client);
    block_on(reader.until(|said| polled.len() + said.messages.len() == MESSAGES));
    let writing = upgrading.join().expect("it has moved");
    outbox.close(Close::Shutdown);
    let said = block_on(reader.read_all());
    block_on(writing).expect("the task has ended");
    join(pushers);
    said.assert_ordered(&polled);
}

/// Polls take what rooms push; the session is closed under the last one.
pub fn polls_until_the_close() {
    let outbox = Arc::new(Outbox::polling(&backlog()));
    let pushers = pushers(&outbox);
    let polled = block_on(poll(Arc::clone(&outbox), MESSAGES));
    Said::default().assert_ordered(&polled);
    let last = spawn(poll(Arc::clone(&outbox), 1));
    outbox.close(Close::Shutdown);
    assert_eq!(block_on(last).expect("it is answered"), [""; 0]);
    join(pushers);
}

/// More is pushed than may wait for a client that reads nothing: whoever pushes is told so and
/// closes, and the task that waits for the socket ends. What the kernel had is all that is read.
pub fn a_reader_that_reads_nothing() {
    let (writer, client) = stream();
    let outbox = Arc::new(Outbox::websocket(writer, &backlog()));
    let writing = {
        let outbox = Arc::clone(&outbox);
        spawn(poll_fn(move |cx| outbox.poll_write(cx)))
    };
    let room = {
        let outbox = Arc::clone(&outbox);
        thread::spawn(move || {
            let is_over = (0..4).any(|_| outbox.push(std::slice::from_ref(&LARGE)).is_err());
            assert!(is_over, "more waits than may");
            outbox.close(Close::Slow);
        })
    };
    block_on(writing).expect("the task has ended");
    room.join().expect("it has closed");
    outbox.push(&[frame::text("4late")]).expect("what is closed takes anything");
    let mut reader = Reader::new(client);
    block_on(reader.read_all());
    assert!(LARGE.starts_with(&reader.read), "what waited is gone");
}

/// What waits for all connections: of these there is one.
fn backlog() -> Arc<Backlog> {
    Arc::new(Backlog::new(ROOMY_BYTES, || 0))
}

/// What is pushed is all read, in order, by a client that takes its time; then the server closes.
fn read_slowly(pushers: impl FnOnce(&Arc<Outbox>) -> Vec<thread::JoinHandle<()>>) {
    let (writer, client) = stream();
    let outbox = Arc::new(Outbox::websocket(writer, &backlog()));
    let writing = write(&outbox, &client);
    let pushers = pushers(&outbox);
    let mut reader = Reader::new(client);
    block_on(reader.until(|said| said.messages.len() == MESSAGES));
    outbox.close(Close::Shutdown);
    let said = block_on(reader.read_all());
    block_on(writing).expect("the task has ended");
    join(pushers);
    said.assert_ordered(&[]);
    assert!(said.is_closed && said.rest == 0, "the goodbye comes whole");
}

/// Rooms: each pushes its messages, two at a time.
fn pushers(outbox: &Arc<Outbox>) -> Vec<thread::JoinHandle<()>> {
    (0..PUSHERS).map(|who| pusher(outbox, who, push)).collect()
}

fn pusher(
    outbox: &Arc<Outbox>,
    who: usize,
    say: fn(&Outbox, [Bytes; 2]),
) -> thread::JoinHandle<()> {
    let outbox = Arc::clone(outbox);
    thread::spawn(move || {
        for push in 0..PUSHES {
            let message = |half: usize| frame::text(&format!("4{who}-{}", push * 2 + half));
            say(&outbox, [message(0), message(1)]);
        }
    })
}

fn push(outbox: &Outbox, messages: [Bytes; 2]) {
    outbox.push(&messages).expect("little waits");
}

/// As a volley does it, which sends one frame to each.
fn aim(outbox: &Outbox, messages: [Bytes; 2]) {
    let both = Bytes::from(messages.concat());
    let frames = std::slice::from_ref(&both);
    match outbox.aim(frames, None) {
        Aim::At(aimed) => {
            let (writer, bytes) = aimed.shot().expect("it is a WebSocket's");
            let taken = writer.try_write(&[IoSlice::new(bytes)]).unwrap_or(0);
            aimed.land(taken)
        }
        Aim::Done(done) => done,
        Aim::Busy => outbox.push(frames),
    }
    .expect("little waits");
}

fn join(pushers: Vec<thread::JoinHandle<()>>) {
    pushers.into_iter().for_each(|pusher| pusher.join().expect("it has pushed"));
}

/// The connection's task: writes what waits, then lingers until the client has left.
fn write(outbox: &Arc<Outbox>, client: &Client) -> JoinHandle<()> {
    let (outbox, client) = (Arc::clone(outbox), client.clone());
    spawn(async move {
        poll_fn(|cx| outbox.poll_write(cx)).await;
        let linger = |cx: &mut Context<'_>| {
            let _ = outbox.poll_write(cx);
            client.poll_left(cx)
        };
        poll_fn(linger).await;
        outbox.abandon();
    })
}

/// The client on its socket.
struct Reader {
    client: Client,
    read: Vec<u8>,
    is_over: bool,
}

impl Reader {
    fn new(client: Client) -> Reader {
        Reader { client, read: Vec::new(), is_over: false }
    }

    /// Reads until what was read fulfils a condition, or there is no more.
    async fn until(&mut self, condition: impl Fn(&Said) -> bool) -> Said {
        loop {
            let said = Said::of(&self.read);
            if self.is_over || condition(&said) {
                return said;
            }
            let bytes = poll_fn(|cx| self.client.poll_read(cx)).await;
            self.is_over = bytes.is_empty();
            self.read.extend(bytes);
        }
    }

    /// Reads until the goodbye or the end, and leaves.
    async fn read_all(&mut self) -> Said {
        let said = self.until(|said| said.is_closed).await;
        self.client.leave();
        said
    }
}

/// The client on long-polling: polls until it has that many messages or is told to stop.
async fn poll(outbox: Arc<Outbox>, wanted: usize) -> Vec<String> {
    let mut polled = Vec::new();
    while polled.len() < wanted {
        assert!(outbox.begin_poll(), "there is no other poll");
        let payload = poll_fn(|cx| outbox.poll_payload(cx)).await;
        outbox.end_poll();
        let payload = String::from_utf8(payload.to_vec()).expect("packets are UTF-8");
        for packet in payload.split('\x1e') {
            match packet {
                "6" | "1" => return polled,
                message => polled.push(message.to_owned()),
            }
        }
    }
    polled
}

/// What a client has read.
#[derive(Default)]
struct Said {
    messages: Vec<String>,
    is_closed: bool,
    /// Bytes of a frame that is not whole.
    rest: usize,
}

impl Said {
    fn of(read: &[u8]) -> Said {
        let mut said = Said::default();
        let batch = Bytes::copy_from_slice(read);
        let mut walk = frame::walk(&batch);
        for (opcode, payload) in walk.by_ref() {
            assert!(!said.is_closed, "something comes behind the goodbye");
            match opcode {
                Opcode::Close => said.is_closed = true,
                _ => said.messages.push(String::from_utf8(payload.to_vec()).expect("text")),
            }
        }
        said.rest = walk.rest().len();
        said
    }

    /// Of each pusher the messages from the first one on, each once, in order; `before` was read
    /// earlier.
    fn assert_ordered(&self, before: &[String]) {
        for who in 0..PUSHERS {
            let own = format!("4{who}-");
            let all = before.iter().chain(&self.messages);
            let numbers = all.filter_map(|message| message.strip_prefix(&own));
            for (expected, number) in numbers.enumerate() {
                assert_eq!(number, expected.to_string(), "lost, doubled or overtaken");
            }
        }
    }
}
