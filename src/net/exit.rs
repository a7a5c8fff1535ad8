//! The ways a stream leaves hyper: for good, as a WebSocket, or until there is an answer to write
//! or another request to read.
//!
//! Who answers a request says so here; [`super::stream`] acts on it once hyper has written all
//! that it has to.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::accept::Accepted;
use super::reply::Answer;

/// See the module's head.
#[derive(Default)]
pub(super) struct Exit {
    leave: Mutex<Option<Leave>>,
    /// The answer that is being made may wait outside.
    may_wait: AtomicBool,
    /// Bytes that hyper has written wait for the client to take some.
    is_blocked: AtomicBool,
    /// The next request of the stream may be long in coming.
    may_rest: AtomicBool,
    rest: AtomicU8,
}

/// How far the answer has come behind which a stream may rest.
const UNANSWERED: u8 = 0;
const ANSWERED: u8 = 1;
const WRITTEN: u8 = 2;

/// What a request wants with its stream.
pub(super) enum Leave {
    /// To run a WebSocket on it, once its opening handshake is answered.
    Switch(Box<dyn FnOnce(Accepted) + Send>),
    /// To wait on it: a hyper connection is a large thing to wait with.
    Wait(Waiting),
}

/// An answer that is not there yet.
pub(super) struct Waiting {
    /// A request whose answer is written in the same way, in a few words.
    pub(super) instead: &'static [u8],
    pub(super) answer: Answer,
}

impl Exit {
    fn leave(&self) -> MutexGuard<'_, Option<Leave>> {
        self.leave.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The request's answer is 101.
    pub(super) fn switch(&self, run: impl FnOnce(Accepted) + Send + 'static) {
        *self.leave() = Some(Leave::Switch(Box::new(run)));
    }

    /// The request has no body, and whatever answers it needs nothing more of the stream.
    pub(super) fn allow_waiting(&self) {
        self.may_wait.store(true, Ordering::Relaxed);
    }

    /// Whether that was said since the last question: it holds for one request.
    pub(super) fn take_may_wait(&self) -> bool {
        self.may_wait.swap(false, Ordering::Relaxed)
    }

    /// A client that polls has nothing to say on this stream until it polls again.
    pub(super) fn allow_resting(&self) {
        self.may_rest.store(true, Ordering::Relaxed);
    }

    /// A request was read: nothing that was said of the one before holds for it.
    pub(super) fn begin(&self) {
        self.may_rest.store(false, Ordering::Relaxed);
        self.rest.store(UNANSWERED, Ordering::Relaxed);
    }

    /// hyper was given the request's answer.
    pub(super) fn answered(&self) {
        if self.may_rest.load(Ordering::Relaxed) {
            self.rest.store(ANSWERED, Ordering::Relaxed);
        }
    }

    /// hyper has written all that it has.
    pub(super) fn written(&self) {
        self.block(false);
        if self.rest.load(Ordering::Relaxed) == ANSWERED {
            self.rest.store(WRITTEN, Ordering::Relaxed);
        }
    }

    /// Whether the answer is with the client, and no other request is read.
    pub(super) fn is_resting(&self) -> bool {
        self.rest.load(Ordering::Relaxed) == WRITTEN
    }

    /// The request's answer is not there yet.
    pub(super) fn wait(&self, waiting: Waiting) {
        *self.leave() = Some(Leave::Wait(waiting));
    }

    /// Whether a request waits, and every answer before it is with the client.
    pub(super) fn is_waiting(&self) -> bool {
        !self.is_blocked.load(Ordering::Relaxed) && matches!(*self.leave(), Some(Leave::Wait(_)))
    }

    pub(super) fn take(&self) -> Option<Leave> {
        self.leave().take()
    }

    pub(super) fn block(&self, is_blocked: bool) {
        self.is_blocked.store(is_blocked, Ordering::Relaxed);
    }
}
