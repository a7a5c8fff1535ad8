//! The whole server, on one thread, over loopback: what is asked for is one round, told to all
//! who are to hear it, before the next one begins.

use std::future::Future;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use polylogue::dialects::{Charter, conversations, rooms};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime;

use super::echo;
use super::peer::{Bystander, Peer, sealed};
use super::server::Server;

/// Packets that a client sends in one breath.
pub(super) const BURST: u64 = 100;
/// Who is in a large room.
pub(super) const CROWD: u64 = 200;
/// Who is in a small one.
const TABLE: u64 = 10;
/// Small rooms in which something is said at once.
pub(super) const TABLES: u64 = 20;
/// For what was told while the room filled.
const SETTLE: Duration = Duration::from_millis(200);

/// Events with an ack.
pub(super) fn echo(rounds: u64) -> Duration {
    with_server(&echo::CHARTER, async |server| {
        let mut peer = Peer::open(server.target().address, "", &sealed(["40"]), "auth").await;
        let event = |id| format!("42{id}[\"message-with-ack\",{{\"text\":\"{TEXT}\"}}]");
        let burst = sealed((0..BURST).map(event));
        timed(rounds, async || {
            peer.say(&burst).await;
            peer.hear(BURST).await;
        })
        .await
    })
}

/// Events that one says and one other hears.
pub(super) fn inbound(rounds: u64) -> Duration {
    with_server(&conversations::CHARTER, async |server| {
        let address = server.target().address;
        converse(address).await;
        let mut witness = tab(address, 2).await;
        let mut speaker = tab(address, 1).await;
        settle(&mut witness, &mut []).await;
        let burst = sealed((0..BURST).map(|_| TYPING));
        timed(rounds, async || {
            speaker.say(&burst).await;
            witness.hear(BURST).await;
        })
        .await
    })
}

/// An event that all others in a large room hear, nothing stored.
pub(super) fn fan_out(rounds: u64) -> Duration {
    with_server(&conversations::CHARTER, async |server| {
        let address = server.target().address;
        converse(address).await;
        let mut crowd = Vec::new();
        let mut speaker = tab(address, 1).await;
        for place in 2..CROWD {
            crowd.push(tab(address, 1 + place % 2).await.stand_by());
        }
        let mut last = tab(address, 2).await;
        settle(&mut last, &mut crowd).await;
        let typing = sealed([TYPING]);
        let mut scratch = vec![0; 4096];
        timed(rounds, async || {
            speaker.say(&typing).await;
            last.hear(1).await;
            crowd.iter_mut().for_each(|member| member.drain(&mut scratch));
        })
        .await
    })
}

/// A message in a small room: stored, heard by nine, acked.
pub(super) fn small_room(rounds: u64) -> Duration {
    at_tables(1, rounds)
}

/// One in each of many small rooms, which are stored and told together.
pub(super) fn small_rooms(rounds: u64) -> Duration {
    at_tables(TABLES, rounds)
}

fn at_tables(tables: u64, rounds: u64) -> Duration {
    with_server(&rooms::CHARTER, async |server| {
        let mut all = Vec::new();
        for number in 1..=tables {
            all.push(Table::seat(&server, &format!("room_{number}")).await);
        }
        tokio::time::sleep(SETTLE).await;
        all.iter_mut().for_each(|table| forget(&mut table.speaker, &mut table.others));
        let mut scratch = vec![0; 4096];
        timed(rounds, async || {
            for table in &mut all {
                table.speaker.say(&table.message).await;
            }
            for table in &mut all {
                table.speaker.hear(1).await;
                table.others.iter_mut().for_each(|member| member.drain(&mut scratch));
            }
        })
        .await
    })
}

/// A small room, and what is said there.
struct Table {
    speaker: Peer,
    others: Vec<Bystander>,
    message: Vec<u8>,
}

impl Table {
    /// Seats everybody.
    async fn seat(server: &Server, room: &str) -> Table {
        let (address, join) = (server.target().address, join(server, room));
        let speaker = Peer::open(address, "", &join, "You joined").await;
        let mut others = Vec::new();
        for _ in 1..TABLE {
            others.push(Peer::open(address, "", &join, "already").await.stand_by());
        }
        let message =
            format!("421[\"send_message\",{{\"room\":\"{room}\",\"content\":\"{TEXT}\"}}]");
        Table { speaker, others, message: sealed([message]) }
    }
}

/// A connection that is let in with a token, greeted, and goes again.
pub(super) fn connect(rounds: u64) -> Duration {
    with_server(&rooms::CHARTER, async |server| {
        let hello = sealed([format!("40{{\"token\":\"{}\"}}", server.token(1, "ann"))]);
        let address = server.target().address;
        timed(rounds, async || drop(Peer::open(address, "", &hello, "Welcome").await)).await
    })
}

const TYPING: &str = r#"42/chat,["typing",{"conversationId":1,"userId":1,"isTyping":true}]"#;
const TEXT: &str = "the quick brown fox jumps over the lazy dog, and the lazy dog does not \
                    mind: it has seen the fox do it before, and will again";

fn with_server<F: Future<Output = Duration>>(
    charter: &'static Charter,
    talk: impl FnOnce(Server) -> F,
) -> Duration {
    let runtime = runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(async { talk(Server::start(&[charter]).await).await })
}

async fn timed(rounds: u64, mut round: impl AsyncFnMut()) -> Duration {
    let began = Instant::now();
    for _ in 0..rounds {
        round().await;
    }
    began.elapsed()
}

/// Waits until all has been told that the set-up gave to tell.
async fn settle(waiting: &mut Peer, crowd: &mut [Bystander]) {
    tokio::time::sleep(SETTLE).await;
    forget(waiting, crowd);
}

fn forget(waiting: &mut Peer, crowd: &mut [Bystander]) {
    waiting.forget();
    let mut scratch = vec![0; 64 * 1024];
    crowd.iter_mut().for_each(|member| member.drain(&mut scratch));
}

/// CONNECT, and a seat in a room.
fn join(server: &Server, room: &str) -> Vec<u8> {
    let token = server.token(1, "ann");
    sealed([format!("40{{\"token\":\"{token}\"}}"), format!(r#"42["join_room","{room}"]"#)])
}

/// Opens the conversation between users 1 and 2.
async fn converse(server: SocketAddr) {
    let body = r#"{"sender_id":1,"receiver_id":2}"#;
    let request = format!(
        "POST /api/chats/conversations HTTP/1.1\r\nHost: costs\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(server).await.expect("it listens");
    stream.write_all(request.as_bytes()).await.expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
}

/// A tab of a user's, in their conversation.
async fn tab(server: SocketAddr, user: u64) -> Peer {
    let join =
        format!("42/chat,[\"join-conversation\",{{\"conversationId\":1,\"userId\":{user}}}]");
    let frames = sealed(["40/chat,", &join]);
    Peer::open(server, &format!("&userId={user}"), &frames, "joined-conversation").await
}
