//! A stream whose kernel takes few bytes at once, and a client that reads them when it likes.

use std::io::{self, IoSlice};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use shuttle::rand::{Rng, thread_rng};

use super::lock::Mutex;

/// Bytes that the kernel keeps for the client.
const ROOM_BYTES: usize = 7;

/// The half that is written. Dropping it ends the stream for the client.
pub(super) struct WireWriter(Arc<Kernel>);

/// The client's half.
pub(super) struct Client(Arc<Kernel>);

#[derive(Default)]
struct Kernel(Mutex<State>);

#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    is_ended: bool,
    is_left: bool,
    writer: Option<Waker>,
    reader: Option<Waker>,
}

/// Both halves of a new stream.
pub(super) fn stream() -> (WireWriter, Client) {
    let kernel = Arc::new(Kernel::default());
    (WireWriter(Arc::clone(&kernel)), Client(kernel))
}

impl Kernel {
    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().expect("nobody has panicked"))
    }
}

impl WireWriter {
    /// Writes what the kernel takes now: any part of it.
    pub(super) fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.0.with(|state| {
            let free = ROOM_BYTES - state.waiting.len();
            let all: usize = slices.iter().map(|slice| slice.len()).sum();
            let most = all.min(free);
            if state.is_left || most == 0 {
                return Err(io::ErrorKind::WouldBlock.into());
            }
            let taken = thread_rng().gen_range(1..most + 1);
            let bytes = slices.iter().flat_map(|slice| slice.iter().copied());
            state.waiting.extend(bytes.take(taken));
            wake(&mut state.reader);
            Ok(taken)
        })
    }

    /// Ready once the kernel may take more.
    pub(super) fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.with(|state| {
            if state.waiting.len() < ROOM_BYTES && !state.is_left {
                return Poll::Ready(Ok(()));
            }
            state.writer = Some(cx.waker().clone());
            Poll::Pending
        })
    }
}

impl Drop for WireWriter {
    fn drop(&mut self) {
        self.0.with(|state| {
            state.is_ended = true;
            wake(&mut state.reader);
        });
    }
}

impl Client {
    /// The next bytes; none once the server has ended the stream.
    pub(super) fn poll_read(&self, cx: &mut Context<'_>) -> Poll<Vec<u8>> {
        self.0.with(|state| {
            if state.waiting.is_empty() && !state.is_ended {
                state.reader = Some(cx.waker().clone());
                return Poll::Pending;
            }
            wake(&mut state.writer);
            Poll::Ready(std::mem::take(&mut state.waiting))
        })
    }

    /// Ends the client's half.
    pub(super) fn leave(&self) {
        self.0.with(|state| {
            state.is_left = true;
            wake(&mut state.writer);
        });
    }

    /// Ready once the client has left: the reading half of the server sees it.
    pub(super) fn poll_left(&self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.with(|state| {
            if state.is_left {
                return Poll::Ready(());
            }
            state.writer = Some(cx.waker().clone());
            Poll::Pending
        })
    }
}

impl Clone for Client {
    fn clone(&self) -> Client {
        Client(Arc::clone(&self.0))
    }
}

fn wake(waker: &mut Option<Waker>) {
    if let Some(waker) = waker.take() {
        waker.wake();
    }
}
