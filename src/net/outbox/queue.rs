//! What waits for one receiver, counted honestly: within its own bounds and everybody's.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::sync::Arc;

use bytes::{Buf, Bytes};
use polylogue_protocol::eio::payload;
use polylogue_protocol::frame;

use super::super::backlog::{Backlog, Overrun};
use super::super::wire::WireWriter;
use crate::limits;

/// See the module's head.
pub(super) struct Queue {
    /// Boxed: nothing waits for most receivers, mostly. **Invariant:** between two calls there is a
    /// frame in it, or it is `None`.
    waiting: Option<Box<Waiting>>,
    /// What may wait beyond the usual bounds, until nothing waits.
    allowed_bytes: usize,
    backlog: Arc<Backlog>,
}

/// What waits.
#[derive(Default)]
struct Waiting {
    frames: VecDeque<Bytes>,
    /// What they weigh.
    bytes: usize,
    /// When the last byte left, or the first that waits came.
    moved_ms: u64,
}

/// How many buffers one system call is given at most.
pub(super) const SLICES_PER_WRITE_MAX: usize = 32;

/// What a frame weighs: its bytes, and its place in the queue.
fn weight(frame: &Bytes) -> usize {
    frame.len() + size_of::<Bytes>()
}

impl Queue {
    pub(super) fn new(backlog: &Arc<Backlog>) -> Queue {
        Queue { waiting: None, allowed_bytes: 0, backlog: Arc::clone(backlog) }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_none()
    }

    /// What the frames weigh.
    fn bytes(&self) -> usize {
        self.waiting.as_ref().map_or(0, |waiting| waiting.bytes)
    }

    /// What waits, with a frame more that is about to.
    fn waiting(&mut self) -> &mut Waiting {
        self.waiting.get_or_insert_with(|| {
            let moved_ms = self.backlog.now_ms();
            Box::new(Waiting { moved_ms, ..Waiting::default() })
        })
    }

    /// Whether more waits than a moment's worth.
    pub(super) fn is_behind(&self) -> bool {
        self.bytes() > limits::BEHIND_BYTES_MIN
    }

    /// When the receiver counts as stuck, unless it takes something before; `u64::MAX`: never.
    pub(super) fn stuck_ms(&self) -> u64 {
        let moved_ms = self.waiting.as_ref().map(|waiting| waiting.moved_ms);
        moved_ms.map_or(u64::MAX, |moved_ms| moved_ms.saturating_add(limits::STUCK_MS))
    }

    /// Lets that many bytes more wait, until nothing waits. What is allowed does not add up
    /// beyond a bound: who asks for one history after the other has to read them.
    pub(super) fn allow(&mut self, bytes: usize) {
        let sum = self.allowed_bytes.saturating_add(bytes).min(limits::ALLOWED_BYTES_MAX);
        self.allowed_bytes = sum.max(self.allowed_bytes).max(bytes);
    }

    /// Takes frames, at least one, all or none of them.
    ///
    /// # Errors
    /// What waits already is too much.
    pub(super) fn push(
        &mut self,
        frames: impl Iterator<Item = Bytes> + Clone,
    ) -> Result<(), Overrun> {
        let bytes: usize = frames.clone().map(|frame| weight(&frame)).sum();
        debug_assert!(bytes > 0, "nothing waits");
        self.backlog.admit(self.bytes().saturating_sub(self.allowed_bytes), bytes)?;
        let waiting = self.waiting();
        waiting.bytes += bytes;
        waiting.frames.extend(frames.map(unpinned));
        Ok(())
    }

    /// Takes what comes before all frames.
    pub(super) fn push_first(&mut self, answer: Bytes) {
        self.waiting().frames.push_front(answer);
        self.recount();
    }

    /// Takes a last frame, whatever waits.
    pub(super) fn push_last(&mut self, frame: Bytes) {
        self.waiting().frames.push_back(frame);
        self.recount();
    }

    /// Writes once, what the socket takes.
    pub(super) fn write(&mut self, writer: &WireWriter) -> io::Result<()> {
        let Some(waiting) = &mut self.waiting else { return Ok(()) };
        let mut slices = [IoSlice::new(&[]); SLICES_PER_WRITE_MAX];
        let mut count = 0;
        for (slice, frame) in slices.iter_mut().zip(&waiting.frames) {
            *slice = IoSlice::new(frame);
            count += 1;
        }
        let mut left = writer.try_write(&slices[..count])?;
        let mut gone = left;
        while let Some(first) = waiting.frames.front_mut() {
            if left < first.len() {
                first.advance(left);
                break;
            }
            left -= first.len();
            gone += size_of::<Bytes>();
            waiting.frames.pop_front();
        }
        self.moved(gone);
        Ok(())
    }

    /// Takes as many whole packets as one payload may have.
    pub(super) fn take_payload(&mut self) -> Bytes {
        let mut run = frame::walk(&Bytes::new());
        let mut taken_bytes = 0;
        let mut waiting = self.waiting.as_mut();
        let frames = std::iter::from_fn(|| {
            while taken_bytes < limits::POLL_BYTES_MAX {
                if let Some((opcode, payload)) = run.next() {
                    taken_bytes += payload.len();
                    return Some((opcode, payload));
                }
                run = frame::walk(&waiting.as_mut()?.frames.pop_front()?);
            }
            None
        });
        let mut out = Vec::new();
        payload::encode(frames, &mut out);
        let rest = run.rest();
        if !rest.is_empty() {
            self.waiting().frames.push_front(rest);
        }
        self.recount();
        self.moved(0);
        out.into()
    }

    /// Lets go of everything.
    pub(super) fn clear(&mut self) {
        self.backlog.release(self.bytes());
        (self.waiting, self.allowed_bytes) = (None, 0);
    }

    fn recount(&mut self) {
        let Some(waiting) = &mut self.waiting else { return };
        let bytes = waiting.frames.iter().map(weight).sum();
        if bytes > waiting.bytes {
            self.backlog.grow(bytes - waiting.bytes);
        } else {
            self.backlog.release(waiting.bytes - bytes);
        }
        waiting.bytes = bytes;
    }

    /// So many bytes are gone.
    fn moved(&mut self, bytes: usize) {
        self.backlog.release(bytes);
        match &mut self.waiting {
            Some(waiting) if !waiting.frames.is_empty() => {
                waiting.bytes -= bytes;
                waiting.moved_ms = self.backlog.now_ms();
            }
            _ => (self.waiting, self.allowed_bytes) = (None, 0),
        }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.backlog.release(self.bytes());
    }
}

/// A small part of a batch is copied: it would keep all of the batch in memory.
fn unpinned(frame: Bytes) -> Bytes {
    match frame.len() < limits::PINNING_BYTES_MIN {
        true => Bytes::copy_from_slice(&frame),
        false => frame,
    }
}
