//! The outbox: everything that leaves a connection goes through [`Outbox::push`].
//!
//! While nothing waits, whoever pushes (a room, mostly) writes to the socket itself, or has those
//! of several outboxes written at once (`volley`): no task is woken, no byte is copied. What the
//! kernel does not take waits in a [`queue`], and the connection's own task writes it when the
//! socket drains. A polling connection's frames wait for its next poll.
//!
//! **Invariant:** only whole frames are pushed, and one lock covers "does anything wait?" and the
//! write: no frame is ever torn or overtaken.

mod queue;

use std::io::{self, IoSlice};
use std::sync::{Arc, PoisonError, TryLockError};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;

use self::queue::{Queue, SLICES_PER_WRITE_MAX};
use super::backlog::{Backlog, Overrun};
use super::close::Close;
use super::lock::{Mutex, MutexGuard};
use super::wire::WireWriter;
use crate::hub::offset::Upto;
use crate::hub::trail::Trail;

/// See the module's head.
pub(super) struct Outbox {
    inner: Mutex<Inner>,
}

struct Inner {
    exit: Exit,
    queue: Queue,
    /// The task that writes, or the poll that waits.
    waker: Option<Waker>,
    trail: Trail,
}

/// What becomes of words that are to leave together with others'.
pub(super) enum Aim<'a> {
    /// Nothing waits before them: they may be written.
    At(Aimed<'a>),
    /// They went the usual way, with its outcome.
    Done(Result<(), Overrun>),
    /// Somebody has the outbox: they are still to be sent.
    Busy,
}

/// An outbox, locked until what is to be written next was.
pub(super) struct Aimed<'a> {
    inner: MutexGuard<'a, Inner>,
    frame: &'a Bytes,
}

enum Exit {
    /// Frames wait for a poll; `true`: one is waiting for them.
    Polling(bool),
    /// Frames go to the socket.
    WebSocket(WireWriter),
    /// The last frames are being written; nothing else is taken. Boxed: every connection would
    /// carry the space for telling one writer from the other.
    Closing(Box<WireWriter>),
    /// Nothing goes any more. A poll that still waits is told why.
    Closed(Close),
}

impl Outbox {
    /// An outbox of a connection that polls.
    pub(super) fn polling(backlog: &Arc<Backlog>) -> Outbox {
        Outbox::new(Exit::Polling(false), backlog)
    }

    /// An outbox that writes to a socket.
    pub(super) fn websocket(writer: WireWriter, backlog: &Arc<Backlog>) -> Outbox {
        Outbox::new(Exit::WebSocket(writer), backlog)
    }

    /// Has something go out in front of all frames and with the first of them: the answer that
    /// makes the stream a WebSocket.
    pub(super) fn begin(&self, answer: Bytes) {
        self.lock().queue.push_first(answer);
    }

    fn new(exit: Exit, backlog: &Arc<Backlog>) -> Outbox {
        let inner =
            Inner { exit, queue: Queue::new(backlog), waker: None, trail: Trail::default() };
        Outbox { inner: Mutex::new(inner) }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends whole frames: now, as far as the socket takes them, and the rest later.
    ///
    /// # Errors
    /// More waits than is allowed. The frames are not taken.
    pub(super) fn push(&self, frames: &[Bytes]) -> Result<(), Overrun> {
        self.lock().push(Rest::all(frames))
    }

    /// The same with words that end in an offset.
    ///
    /// # Errors
    /// See [`Outbox::push`].
    pub(super) fn tell(&self, frames: &[Bytes], upto: Upto) -> Result<(), Overrun> {
        let inner = &mut *self.lock();
        inner.trail.note(upto);
        inner.push(Rest::all(frames))
    }

    /// The same, but for the write itself where it may be done together with others': see [`Aim`].
    pub(super) fn aim<'a>(&'a self, frames: &'a [Bytes], upto: Option<Upto>) -> Aim<'a> {
        let mut inner = match self.inner.try_lock() {
            Ok(inner) => inner,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return Aim::Busy,
        };
        if let Some(upto) = upto {
            inner.trail.note(upto);
        }
        match (&inner.exit, frames) {
            (Exit::WebSocket(_), [frame]) if inner.queue.is_empty() => {
                Aim::At(Aimed { inner, frame })
            }
            _ => Aim::Done(inner.push(Rest::all(frames))),
        }
    }

    /// Notes what the client knows without being sent anything.
    pub(super) fn note(&self, what: impl FnOnce(&mut Trail)) {
        what(&mut self.lock().trail);
    }

    /// What was sent so far.
    pub(super) fn trail(&self) -> Trail {
        self.lock().trail.clone()
    }

    /// Lets that many bytes more wait, until nothing waits.
    pub(super) fn allow(&self, bytes: usize) {
        self.lock().queue.allow(bytes);
    }

    /// Whether more waits than a moment's worth: then what is volatile had better not come.
    pub(super) fn is_behind(&self) -> bool {
        self.lock().queue.is_behind()
    }

    /// When the receiver counts as stuck, having taken nothing of what waits for it;
    /// `u64::MAX`: nothing waits.
    pub(super) fn stuck_ms(&self) -> u64 {
        let inner = self.lock();
        match inner.exit {
            Exit::Polling(_) | Exit::WebSocket(_) => inner.queue.stuck_ms(),
            Exit::Closing(_) | Exit::Closed(_) => u64::MAX,
        }
    }

    /// Writes what waits for the socket. Ready when it is gone, or takes its last bytes: then
    /// nobody has to wait for it. The task is woken when there is more to do.
    pub(super) fn poll_write(&self, cx: &mut Context<'_>) -> Poll<()> {
        let inner = &mut *self.lock();
        loop {
            let writer = match &inner.exit {
                Exit::WebSocket(writer) => writer,
                Exit::Closing(writer) => writer,
                Exit::Polling(_) | Exit::Closed(_) => return Poll::Ready(()),
            };
            if inner.queue.is_empty() {
                if matches!(inner.exit, Exit::Closing(_)) {
                    inner.shut(Close::Transport);
                    return Poll::Ready(());
                }
                inner.waker = Some(cx.waker().clone());
                return Poll::Pending;
            }
            match inner.queue.write(writer) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if writer.poll_ready(cx).is_pending() {
                        let is_closing = matches!(inner.exit, Exit::Closing(_));
                        inner.waker = Some(cx.waker().clone());
                        return if is_closing { Poll::Ready(()) } else { Poll::Pending };
                    }
                }
                Err(_) => {
                    inner.shut(Close::Transport);
                    return Poll::Ready(());
                }
            }
        }
    }

    /// Begins a poll. `false`: another one waits already.
    pub(super) fn begin_poll(&self) -> bool {
        match &mut self.lock().exit {
            Exit::Polling(is_polled) => !std::mem::replace(is_polled, true),
            _ => true,
        }
    }

    /// Ends a poll that was begun.
    pub(super) fn end_poll(&self) {
        if let Exit::Polling(is_polled) = &mut self.lock().exit {
            *is_polled = false;
        }
    }

    /// The next payload, once there is something to put into it.
    pub(super) fn poll_payload(&self, cx: &mut Context<'_>) -> Poll<Bytes> {
        let inner = &mut *self.lock();
        if inner.queue.is_empty() {
            return match &inner.exit {
                Exit::Polling(_) => {
                    inner.waker = Some(cx.waker().clone());
                    Poll::Pending
                }
                Exit::Closed(why) => Poll::Ready(Bytes::from_static(why.polling().as_bytes())),
                // It has moved to the WebSocket: the poll has nothing to wait for.
                Exit::WebSocket(_) | Exit::Closing(_) => Poll::Ready(Bytes::from_static(b"6")),
            };
        }
        match &inner.exit {
            Exit::WebSocket(_) | Exit::Closing(_) => Poll::Ready(Bytes::from_static(b"6")),
            Exit::Polling(_) | Exit::Closed(_) => Poll::Ready(inner.queue.take_payload()),
        }
    }

    /// Whether a poll waits for something to send.
    pub(super) fn is_polled(&self) -> bool {
        let inner = self.lock();
        matches!(inner.exit, Exit::Polling(true)) && inner.queue.is_empty()
    }

    /// From polling to the socket: what waits goes there.
    pub(super) fn upgrade(&self, writer: WireWriter) {
        let inner = &mut *self.lock();
        if matches!(inner.exit, Exit::Polling(_)) {
            inner.exit = Exit::WebSocket(writer);
            inner.wake();
        }
    }

    /// Sends the last frame and takes no more.
    pub(super) fn close(&self, reason: Close) {
        let inner = &mut *self.lock();
        match std::mem::replace(&mut inner.exit, Exit::Closed(reason)) {
            Exit::WebSocket(writer) => {
                if reason.is_of_a_slow_receiver() {
                    // It does not read: nothing that waits would ever leave. A part of the
                    // first may have left already, so it cannot even be told.
                    inner.queue.clear();
                } else {
                    reason.frame().into_iter().for_each(|goodbye| inner.queue.push_last(goodbye));
                    inner.exit = Exit::Closing(Box::new(writer));
                }
            }
            Exit::Polling(_) if reason.is_of_a_slow_receiver() => inner.queue.clear(),
            Exit::Polling(_) => {}
            closed => inner.exit = closed,
        }
        inner.wake();
    }

    /// Ends whatever the close frame is waiting for.
    pub(super) fn abandon(&self) {
        self.lock().shut(Close::Transport);
    }

    /// The socket, for another outbox; what waits here is not for it.
    pub(super) fn into_writer(self) -> Option<WireWriter> {
        match self.inner.into_inner().unwrap_or_else(PoisonError::into_inner).exit {
            Exit::WebSocket(writer) => Some(writer),
            Exit::Polling(_) | Exit::Closing(_) | Exit::Closed(_) => None,
        }
    }
}

impl<'a> Aimed<'a> {
    /// The socket and what it is to be written.
    pub(super) fn shot(&self) -> Option<(&WireWriter, &'a [u8])> {
        match &self.inner.exit {
            Exit::WebSocket(writer) => Some((writer, self.frame)),
            Exit::Polling(_) | Exit::Closing(_) | Exit::Closed(_) => None,
        }
    }

    /// So many bytes were written: the rest goes the usual way.
    ///
    /// # Errors
    /// See [`Outbox::push`].
    pub(super) fn land(mut self, taken: usize) -> Result<(), Overrun> {
        let mut rest = Rest::all(std::slice::from_ref(self.frame));
        rest.advance(taken);
        match rest.frames {
            [] => Ok(()),
            _ => self.inner.push(rest),
        }
    }
}

impl Inner {
    fn push(&mut self, mut rest: Rest<'_>) -> Result<(), Overrun> {
        match &self.exit {
            Exit::Closed(_) | Exit::Closing(_) => return Ok(()),
            Exit::WebSocket(writer) if self.queue.is_empty() => {
                if let Err(error) = rest.write(writer)
                    && error.kind() != io::ErrorKind::WouldBlock
                {
                    self.shut(Close::Transport);
                    return Ok(());
                }
            }
            Exit::WebSocket(_) | Exit::Polling(_) => {}
        }
        if rest.frames.is_empty() {
            return Ok(());
        }
        self.queue.push(rest.slices())?;
        self.wake();
        Ok(())
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Dropping the writer ends the stream.
    fn shut(&mut self, why: Close) {
        self.exit = Exit::Closed(why);
        self.queue.clear();
        self.wake();
    }
}

/// What is left of some frames: those that are not written, the first from `skip` on.
struct Rest<'a> {
    frames: &'a [Bytes],
    skip: usize,
}

impl<'a> Rest<'a> {
    fn all(frames: &'a [Bytes]) -> Rest<'a> {
        Rest { frames, skip: 0 }
    }

    /// Writes until all is written or the socket takes no more.
    fn write(&mut self, writer: &WireWriter) -> io::Result<()> {
        while let [first, others @ ..] = self.frames {
            if others.is_empty() {
                let written = writer.try_write(&[IoSlice::new(&first[self.skip..])])?;
                self.advance(written);
                continue;
            }
            let mut slices = [IoSlice::new(&[]); SLICES_PER_WRITE_MAX];
            let mut count = 0;
            for (slice, frame) in slices.iter_mut().zip(self.frames) {
                let from = if count == 0 { self.skip } else { 0 };
                *slice = IoSlice::new(&frame[from..]);
                count += 1;
            }
            let written = writer.try_write(&slices[..count])?;
            self.advance(written);
        }
        Ok(())
    }

    fn advance(&mut self, written: usize) {
        self.skip += written;
        while let [first, others @ ..] = self.frames {
            if self.skip < first.len() {
                return;
            }
            self.skip -= first.len();
            self.frames = others;
        }
    }

    fn slices(&self) -> impl Iterator<Item = Bytes> + Clone {
        let skips = std::iter::once(self.skip).chain(std::iter::repeat(0));
        self.frames.iter().zip(skips).map(|(frame, skip)| frame.slice(skip..))
    }
}
