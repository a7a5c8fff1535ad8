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
    frames: VecDeque<Bytes>,
    /// What they weigh.
    bytes: usize,
    /// What may wait beyond the usual bounds, until nothing waits.
    allowed_bytes: usize,
    /// When the last byte left, or the first that waits came.
    moved_ms: u64,
    backlog: Arc<Backlog>,
}

/// How many buffers one system call is given at most.
pub(super) const SLICES_PER_WRITE_MAX: usize = 32;

/// What a frame weighs: its bytes, and its place in the queue.
fn weight(frame: &Bytes) -> usize {
    frame.len() + size_of::<Bytes>()
}

impl Queue {
    pub(super) fn new(backlog: &Arc<Backlog>) -> Queue {
        Queue {
            frames: VecDeque::new(),
            bytes: 0,
            allowed_bytes: 0,
            moved_ms: 0,
            backlog: Arc::clone(backlog),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.frames.is_empty()
    }

    /// Whether more waits than a moment's worth.
    pub(super) fn is_behind(&self) -> bool {
        self.bytes > limits::BEHIND_BYTES_MIN
    }

    /// When the receiver counts as stuck, unless it takes something before; `u64::MAX`: never.
    pub(super) fn stuck_ms(&self) -> u64 {
        match self.is_empty() {
            true => u64::MAX,
            false => self.moved_ms.saturating_add(limits::STUCK_MS),
        }
    }

    /// Lets that many bytes more wait, until nothing waits. What is allowed does not add up
    /// beyond a bound: who asks for one history after the other has to read them.
    pub(super) fn allow(&mut self, bytes: usize) {
        let sum = self.allowed_bytes.saturating_add(bytes).min(limits::ALLOWED_BYTES_MAX);
        self.allowed_bytes = sum.max(self.allowed_bytes).max(bytes);
    }

    /// Takes frames, all or none of them.
    ///
    /// # Errors
    /// What waits already is too much.
    pub(super) fn push(
        &mut self,
        frames: impl Iterator<Item = Bytes> + Clone,
    ) -> Result<(), Overrun> {
        let bytes: usize = frames.clone().map(|frame| weight(&frame)).sum();
        self.backlog.admit(self.bytes.saturating_sub(self.allowed_bytes), bytes)?;
        if self.is_empty() {
            self.moved_ms = self.backlog.now_ms();
        }
        self.bytes += bytes;
        self.frames.extend(frames.map(unpinned));
        Ok(())
    }

    /// Takes what comes before all frames.
    pub(super) fn push_first(&mut self, answer: Bytes) {
        self.moved_ms = self.backlog.now_ms();
        self.frames.push_front(answer);
        self.recount();
    }

    /// Takes a last frame, whatever waits.
    pub(super) fn push_last(&mut self, frame: Bytes) {
        self.frames.push_back(frame);
        self.recount();
    }

    /// Writes once, what the socket takes.
    pub(super) fn write(&mut self, writer: &WireWriter) -> io::Result<()> {
        let mut slices = [IoSlice::new(&[]); SLICES_PER_WRITE_MAX];
        let mut count = 0;
        for (slice, frame) in slices.iter_mut().zip(&self.frames) {
            *slice = IoSlice::new(frame);
            count += 1;
        }
        let mut left = writer.try_write(&slices[..count])?;
        let mut gone = left;
        while let Some(first) = self.frames.front_mut() {
            if left < first.len() {
                first.advance(left);
                break;
            }
            left -= first.len();
            gone += size_of::<Bytes>();
            self.frames.pop_front();
        }
        self.moved(gone);
        Ok(())
    }

    /// Takes as many whole packets as one payload may have.
    pub(super) fn take_payload(&mut self) -> Bytes {
        let mut run = frame::walk(&Bytes::new());
        let mut taken_bytes = 0;
        let frames = std::iter::from_fn(|| {
            while taken_bytes < limits::POLL_BYTES_MAX {
                if let Some((opcode, payload)) = run.next() {
                    taken_bytes += payload.len();
                    return Some((opcode, payload));
                }
                run = frame::walk(&self.frames.pop_front()?);
            }
            None
        });
        let mut out = Vec::new();
        payload::encode(frames, &mut out);
        let rest = run.rest();
        if !rest.is_empty() {
            self.frames.push_front(rest);
        }
        self.recount();
        self.moved(0);
        out.into()
    }

    /// Lets go of everything.
    pub(super) fn clear(&mut self) {
        self.frames = VecDeque::new();
        self.moved(self.bytes);
    }

    fn recount(&mut self) {
        let bytes = self.frames.iter().map(weight).sum();
        if bytes > self.bytes {
            self.backlog.grow(bytes - self.bytes);
        } else {
            self.backlog.release(self.bytes - bytes);
        }
        self.bytes = bytes;
    }

    /// So many bytes are gone.
    fn moved(&mut self, bytes: usize) {
        self.bytes -= bytes;
        self.backlog.release(bytes);
        if self.frames.is_empty() {
            self.allowed_bytes = 0;
            self.frames = VecDeque::new();
        } else {
            self.moved_ms = self.backlog.now_ms();
        }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.backlog.release(self.bytes);
    }
}

/// A small part of a batch is copied: it would keep all of the batch in memory.
fn unpinned(frame: Bytes) -> Bytes {
    match frame.len() < limits::PINNING_BYTES_MIN {
        true => Bytes::copy_from_slice(&frame),
        false => frame,
    }
}
