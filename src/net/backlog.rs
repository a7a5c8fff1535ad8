//! What waits for all receivers together: in outboxes, and in HTTP responses that are not read.
//!
//! An endpoint has one, for what its connections do not take; REST has one for its responses.
//! Nobody has a fixed share: each receiver may have waiting a fraction of what is free, so that
//! the more waits altogether, the sooner those who hold the most are closed, and whoever falls
//! behind for a moment still finds room.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

use crate::limits;

/// See the module's head.
#[derive(Debug)]
pub(super) struct Backlog {
    bytes: AtomicUsize,
    bytes_max: usize,
    /// What time it is, in milliseconds: asked for only where something has to wait.
    clock: fn() -> u64,
}

/// Why something cannot wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overrun {
    /// More waits for this receiver than may wait for one.
    Slow,
    /// So much waits for all of them that this one's share is used up.
    Crowded,
}

impl Backlog {
    pub(super) fn new(bytes_max: usize, clock: fn() -> u64) -> Backlog {
        Backlog { bytes: AtomicUsize::new(0), bytes_max, clock }
    }

    /// What waits altogether, in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn now_ms(&self) -> u64 {
        (self.clock)()
    }

    /// Counts `bytes` more for a receiver that has `waiting` bytes, beyond what it was allowed.
    /// It must be within its bounds before; a push may go beyond them, as it is bounded itself.
    pub(super) fn admit(&self, waiting: usize, bytes: usize) -> Result<(), Overrun> {
        if waiting > limits::OUTBOX_BYTES_MAX {
            return Err(Overrun::Slow);
        }
        let free = self.bytes_max.saturating_sub(self.bytes());
        if bytes > free || waiting > free / limits::BACKLOG_SHARE {
            return Err(Overrun::Crowded);
        }
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        Ok(())
    }

    /// Counts bytes that wait whatever the bounds: a goodbye.
    pub(super) fn grow(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// They wait no more.
    pub(super) fn release(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// Counts a response's body until the last reference to it is gone: hyper keeps one until
    /// the client has taken it.
    pub(super) fn keep(self: &Arc<Self>, body: Bytes) -> Bytes {
        if body.len() < limits::KEPT_BYTES_MIN {
            return body;
        }
        self.grow(body.len());
        Bytes::from_owner(Kept { body, backlog: Arc::clone(self) })
    }

    /// Whether so many bytes more may be kept.
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        bytes < limits::KEPT_BYTES_MIN || self.bytes() + bytes <= self.bytes_max
    }
}

/// A body that is counted.
struct Kept {
    body: Bytes,
    backlog: Arc<Backlog>,
}

impl AsRef<[u8]> for Kept {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.backlog.release(self.body.len());
    }
}

#[cfg(test)]
mod tests {
    use super::{Arc, Backlog, Bytes, Overrun};
    use crate::limits;

    #[test]
    fn the_more_waits_the_less_may_wait_for_one() {
        let backlog = Backlog::new(64 * limits::BACKLOG_SHARE, || 0);
        assert_eq!(backlog.admit(0, 32 * limits::BACKLOG_SHARE), Ok(()));
        assert_eq!(backlog.admit(32, 0), Ok(()), "half is free");
        assert_eq!(backlog.admit(33, 0), Err(Overrun::Crowded));
        backlog.release(16 * limits::BACKLOG_SHARE);
        assert_eq!(backlog.admit(48, 0), Ok(()));
        assert_eq!(backlog.admit(limits::OUTBOX_BYTES_MAX + 1, 0), Err(Overrun::Slow));
        assert_eq!(backlog.admit(0, 49 * limits::BACKLOG_SHARE), Err(Overrun::Crowded));
        assert_eq!(backlog.bytes(), 16 * limits::BACKLOG_SHARE, "what is refused is not counted");
    }

    #[test]
    fn a_body_counts_until_nobody_has_it() {
        let size = limits::KEPT_BYTES_MIN;
        let backlog = Arc::new(Backlog::new(size * 2, || 0));
        let body = backlog.keep(Bytes::from(vec![1; size]));
        let part = body.slice(10..20);
        drop(body);
        assert_eq!(backlog.bytes(), size);
        assert!(backlog.has_room(size) && !backlog.has_room(size + 1));
        drop(part);
        assert_eq!(backlog.bytes(), 0);
    }
}
