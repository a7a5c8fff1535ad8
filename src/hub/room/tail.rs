//! The tail: what was told in a room lately, for whoever comes back to it.
//!
//! Events, not words: they are put into words again for whoever needs them. Bounded by age, by
//! number and by bytes, and all tails together by bytes.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::hub::id::LaneId;
use crate::hub::telling::{Telling, Told};
use crate::limits;

/// What all rooms share: how long their tails are, and what keeps lanes and tellings apart. Cheap
/// to clone.
#[derive(Clone)]
pub(in crate::hub) struct Tails {
    window_ms: u64,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    bytes: AtomicUsize,
    lanes: AtomicU64,
    tellings: AtomicU64,
}

/// See the module's head.
pub(super) struct Tail {
    tails: Tails,
    past: VecDeque<Past>,
    bytes: usize,
    /// Everything lasting that was told from this position on is in `past`.
    floor: u64,
    /// When the room last looked at the clock.
    now_ms: u64,
}

/// Something that was told.
pub(super) struct Past {
    position: u64,
    /// Its place among all that was told in any room.
    pub(super) stamp: u64,
    told_ms: u64,
    pub(super) told: Told,
    bytes: usize,
}

impl Tails {
    /// Tails that reach back so far; 0: there are none, and nobody comes back.
    pub(in crate::hub) fn new(window_ms: u64) -> Tails {
        Tails { window_ms, shared: Arc::default() }
    }

    /// A name for a new lane; `None`: nobody comes back to it.
    pub(super) fn new_lane(&self) -> Option<LaneId> {
        let number = || self.shared.lanes.fetch_add(1, Ordering::Relaxed) + 1;
        (self.window_ms > 0).then(|| LaneId(number()))
    }

    /// Until when whoever is lost now may come back.
    pub(super) fn until_ms(&self, now_ms: u64) -> u64 {
        now_ms + self.window_ms
    }

    /// Whether anybody may come back at all.
    pub(super) fn is_on(&self) -> bool {
        self.window_ms > 0
    }
}

impl Tail {
    pub(super) fn new(tails: Tails, now_ms: u64) -> Tail {
        Tail { tails, past: VecDeque::new(), bytes: 0, floor: 0, now_ms }
    }

    pub(super) fn tails(&self) -> &Tails {
        &self.tails
    }

    /// Keeps what lasts of a batch that begins at `position`.
    pub(super) fn keep(&mut self, tellings: impl Iterator<Item = Telling>, position: u64) {
        for (position, telling) in (position..).zip(tellings) {
            let bytes = telling.bytes(0);
            if let Telling::Event(told) = telling
                && told.event.is_lasting()
                && self.tails.is_on()
            {
                let stamp = self.tails.shared.tellings.fetch_add(1, Ordering::Relaxed);
                let told_ms = self.now_ms;
                self.past.push_back(Past { position, stamp, told_ms, told, bytes });
                self.bytes += bytes;
                self.tails.shared.bytes.fetch_add(bytes, Ordering::Relaxed);
                self.trim();
            }
        }
    }

    /// What was told from `position` on, oldest first; `None`: some of it is not known any more.
    pub(super) fn since(&self, position: u64) -> Option<impl Iterator<Item = &Past>> {
        let start = self.past.partition_point(|past| past.position < position);
        (position >= self.floor).then(|| self.past.range(start..))
    }

    /// Looks at the clock.
    pub(super) fn tick(&mut self, now_ms: u64) {
        self.now_ms = now_ms;
        while self.past.front().is_some_and(|past| self.tails.until_ms(past.told_ms) < now_ms) {
            self.drop_oldest();
        }
    }

    /// Forgets everything: nobody sits in the room, and nobody can come back to it.
    pub(super) fn clear(&mut self) {
        while !self.past.is_empty() {
            self.drop_oldest();
        }
        self.past = VecDeque::new();
    }

    fn trim(&mut self) {
        while self.past.len() > limits::TAIL_EVENTS_MAX
            || self.bytes > limits::TAIL_BYTES_MAX
            || (!self.past.is_empty()
                && self.tails.shared.bytes.load(Ordering::Relaxed) > limits::TAILS_BYTES_MAX)
        {
            self.drop_oldest();
        }
    }

    fn drop_oldest(&mut self) {
        if let Some(past) = self.past.pop_front() {
            self.floor = past.position + 1;
            self.bytes -= past.bytes;
            self.tails.shared.bytes.fetch_sub(past.bytes, Ordering::Relaxed);
        }
    }
}

impl Drop for Tail {
    fn drop(&mut self) {
        self.tails.shared.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
impl Tail {
    /// How many events it holds, and how many bytes they count.
    pub(super) fn load(&self) -> (usize, usize) {
        (self.past.len(), self.bytes)
    }
}
