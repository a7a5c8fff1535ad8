//! One stream, from the first request to the last: hyper reads requests and writes answers, a
//! WebSocket takes the stream over (at once, mostly: `head`), and a poll waits on it alone.
//!
//! A hyper connection holds some 16 KB, which a poll that waits has no use for. So it is taken
//! apart when all is written and nothing is left but to wait, and a new one is put together for
//! the answer: it is given a request in a few words in the waiting one's stead. Behind the answer
//! the stream rests without it, too, until there is another request to read.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper::{Request, Version};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, ReadBuf};

use super::accept::Accepted;
use super::asked::Headers;
use super::exit::{Exit, Leave, Waiting};
use super::head;
use super::listener::{self, Site};
use super::pace::Paced;
use super::reply::{Answer, Reply};
use super::wire::Wire;
use super::{Caller, Open};
use crate::limits;

/// What is read at once while a poll waits: the end of the stream, mostly.
const WAITING_READ_BYTES: usize = 512;

/// How long a client may take.
#[derive(Clone, Copy)]
pub(super) struct Patience {
    /// Over a request's head.
    pub(super) head: Duration,
    /// Over [`limits::WRITTEN_BYTES_MIN`] of an answer.
    pub(super) write: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience {
            head: Duration::from_millis(limits::HEAD_MS),
            write: Duration::from_millis(limits::WRITE_MS),
        }
    }
}

/// Answers the requests of one stream.
#[derive(Clone)]
pub(super) struct Desk {
    pub(super) site: Arc<Site>,
    pub(super) peer: IpAddr,
    /// Turns true when the server stops.
    pub(super) stop: Open,
    pub(super) patience: Patience,
}

type HyperConnection = http1::Connection<TokioIo<Paced>, Hearing>;

/// What is next on a stream.
pub(super) enum Turn {
    /// Nothing more is to be done: it has ended, or is a WebSocket.
    Over,
    /// A request is to be read. With what was read of it already: behind a poll that was answered.
    Rest(Wire, Vec<u8>),
    /// hyper is to read what was read, and more. With the answer to the first request in it, where
    /// there is one already.
    Exchange(Wire, Bytes, Option<Box<Reply>>),
    /// A poll waits on it. With what was read of it, to be read once more.
    Wait(Wire, Vec<u8>, Answer),
}

/// A turn being done.
type Step = Pin<Box<dyn Future<Output = Turn> + Send>>;

/// Serves one stream until it ends or becomes a WebSocket.
///
/// Each step is boxed, so that the space of one is free while the stream does something else; and
/// this a block and no `async fn`, so that little is moved when its task is made.
#[allow(clippy::manual_async_fn, reason = "see above")]
pub(super) fn converse(wire: Wire, desk: Desk) -> impl Future<Output = ()> {
    async move {
        let mut step: Step = Box::pin(head::hear(wire, Vec::new(), desk.clone()));
        loop {
            step = match step.await {
                Turn::Over => return,
                Turn::Rest(wire, read) => Box::pin(head::hear(wire, read, desk.clone())),
                Turn::Exchange(wire, ahead, ready) => {
                    Box::pin(exchange(wire, ahead, ready, desk.clone()))
                }
                Turn::Wait(wire, read, answer) => Box::pin(wait(wire, read, answer)),
            };
        }
    }
}

/// Lets hyper read requests and write answers. `ready` answers the first of them.
async fn exchange(wire: Wire, ahead: Bytes, ready: Option<Box<Reply>>, mut desk: Desk) -> Turn {
    let exit = Arc::new(Exit::default());
    let hearing = Hearing { desk: desk.clone(), exit: Arc::clone(&exit), ready: Mutex::new(ready) };
    let paced = Paced::new(wire, ahead, &exit, desk.patience.write);
    let mut connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(desk.patience.head)
        .max_buf_size(limits::HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(paced), hearing);
    let is_through = tokio::select! {
        biased;
        is_through = through(&mut connection, &exit, &desk.site) => is_through,
        () = stopping(&mut desk.stop) => {
            Pin::new(&mut connection).graceful_shutdown();
            // A request that is under way is answered; one that trickles in is not waited for.
            let patience = Duration::from_millis(limits::LINGER_MS);
            let is_through = through(&mut connection, &exit, &desk.site);
            let is_through = tokio::time::timeout(patience, is_through);
            is_through.await.unwrap_or(false)
        }
    };
    match exit.take().filter(|_| is_through) {
        None if is_through && exit.is_resting() => {
            let (wire, unread) = part(connection);
            Turn::Rest(wire, unread)
        }
        None => Turn::Over,
        Some(Leave::Wait(Waiting { instead, answer })) => {
            let (wire, unread) = part(connection);
            Turn::Wait(wire, [instead, &unread].concat(), answer)
        }
        Some(Leave::Switch(run)) => {
            let (wire, unread) = part(connection);
            let (answer, ahead) = (Vec::new(), unread.into());
            run(Accepted { wire, answer, ahead, open: desk.stop });
            Turn::Over
        }
    }
}

/// Ends when the server stops.
async fn stopping(stop: &mut Open) {
    let _ = stop.wait_for(|is_stopping| *is_stopping).await;
}

/// Ends when hyper has no more to do with the stream. `false`: the stream is lost. What a client
/// does wrong on the way is its own affair, but counted.
async fn through(connection: &mut HyperConnection, exit: &Exit, site: &Site) -> bool {
    std::future::poll_fn(|cx| match Pin::new(&mut *connection).poll(cx) {
        Poll::Ready(done) => {
            site.answers.count_head(&done);
            // What hyper has ended has ended.
            exit.begin();
            Poll::Ready(done.is_ok())
        }
        Poll::Pending if exit.is_waiting() || exit.is_resting() => Poll::Ready(true),
        Poll::Pending => Poll::Pending,
    })
    .await
}

/// The stream, and what was read of it and not heard.
fn part(connection: HyperConnection) -> (Wire, Vec<u8>) {
    let parts = connection.into_parts();
    let (wire, ahead) = parts.io.into_inner().into_parts();
    (wire, [parts.read_buf, ahead].concat())
}

/// Waits for an answer. What the client says meanwhile is kept for later, within bounds; it is
/// over where that has hung up.
#[allow(clippy::manual_async_fn, reason = "it would carry the space of its arguments twice")]
fn wait(
    mut wire: Wire,
    mut read: Vec<u8>,
    mut answer: Answer,
) -> impl Future<Output = Turn> + Send {
    async move {
        let ready = std::future::poll_fn(|cx| {
            if let Poll::Ready(reply) = answer.as_mut().poll(cx) {
                return Poll::Ready(Some(Box::new(reply)));
            }
            while read.len() < limits::HEAD_BYTES_MAX {
                let mut space = [0; WAITING_READ_BYTES];
                let mut into = ReadBuf::new(&mut space);
                match Pin::new(&mut wire).poll_read(cx, &mut into) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(Ok(())) if !into.filled().is_empty() => {
                        read.extend_from_slice(into.filled());
                    }
                    Poll::Ready(_) => return Poll::Ready(None),
                }
            }
            Poll::Pending
        });
        match ready.await {
            None => Turn::Over,
            ready => Turn::Exchange(wire, read.into(), ready),
        }
    }
}

/// Hears the requests of one exchange.
struct Hearing {
    desk: Desk,
    exit: Arc<Exit>,
    ready: Mutex<Option<Box<Reply>>>,
}

impl Service<Request<Incoming>> for Hearing {
    type Response = Reply;
    type Error = Infallible;
    type Future = Answering;

    fn call(&self, request: Request<Incoming>) -> Answering {
        self.exit.begin();
        let ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner).take();
        let instead = instead(&request);
        let answer = match ready {
            Some(ready) => {
                self.exit.allow_resting();
                super::reply::now(*ready)
            }
            None => {
                let Desk { site, peer, .. } = &self.desk;
                let peer = site.gate.client(*peer, Headers::Table(request.headers()));
                let exit = Arc::clone(&self.exit);
                let caller = Caller { peer, exit };
                listener::answer(site, request, &caller)
            }
        };
        let may_wait = self.exit.take_may_wait();
        let (site, exit) = (Arc::clone(&self.desk.site), Arc::clone(&self.exit));
        Answering { site, exit, may_wait, instead, answer: Some(answer) }
    }
}

/// An answer in the making; one that may wait elsewhere does.
struct Answering {
    site: Arc<Site>,
    exit: Arc<Exit>,
    may_wait: bool,
    instead: &'static [u8],
    answer: Option<Answer>,
}

impl Future for Answering {
    type Output = Result<Reply, Infallible>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(answer) = &mut self.answer else { return Poll::Pending };
        if let Poll::Ready(reply) = answer.as_mut().poll(cx) {
            self.site.answers.count(reply.status());
            self.exit.answered();
            return Poll::Ready(Ok(reply));
        }
        if self.may_wait
            && let Some(answer) = self.answer.take()
        {
            self.exit.wait(Waiting { instead: self.instead, answer });
        }
        Poll::Pending
    }
}

/// A request whose answer hyper writes just as it would to this one.
fn instead(request: &Request<Incoming>) -> &'static [u8] {
    let words = request.headers().get_all(header::CONNECTION).iter();
    let mut words = words.filter_map(|value| value.to_str().ok()).flat_map(|all| all.split(','));
    let mut says = |wanted: &str| words.any(|word| word.trim().eq_ignore_ascii_case(wanted));
    match request.version() {
        Version::HTTP_10 if says("keep-alive") => {
            b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
        }
        Version::HTTP_10 => b"GET / HTTP/1.0\r\n\r\n",
        _ if says("close") => b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n",
        _ => b"GET / HTTP/1.1\r\n\r\n",
    }
}
